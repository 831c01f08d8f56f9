# Functions for all scripts that run on a host. A script's variables are set before this.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

say() { printf '%s: %s\n' "${HOST:-$(hostname)}" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Start of the script's run, in hundredths of a second since 1970; 0 for a script that is run by hand.
run=${3:-0}

# take_lock NAME WHAT: only one script at a time changes it. A script of an interrupted run may still be running.
take_lock() {
  exec 9>"/run/postgres-cluster$1.lock"
  flock -w 100 9 || fail "another run has been changing $2 for 100 seconds; wait for it to end, then run again"
}

# be_newest NEWEST WHAT: a late script of an older run must not undo what a newer run has done.
be_newest() {
  local ahead=$((run / 100 - $(date +%s)))
  [ "$ahead" -le 5 ] || fail "the clock of the machine that runs Pulumi is $ahead s ahead of this host's: enable time synchronisation (apt-get install chrony) on whichever is wrong"
  [ "$run" -ge "$1" ] || fail "a newer run has changed $2, so this one changes nothing more: run pulumi up again"
}

# lock_host: before a script changes the host.
lock_host() {
  [ "$run" != 0 ] || return 0
  take_lock "" "this host"
  local newest=/run/postgres-cluster.run
  be_newest "$(cat "$newest" 2>/dev/null || echo 0)" "this host"
  echo "$run" >"$newest"
}

# lock_cluster PART: before a script changes a part of the cluster through any manager. Each manager has the newest run that
# used it as a label; the newest of all labels counts.
lock_cluster() {
  [ "$run" != 0 ] || return 0
  take_lock "-$1" "$1"
  local runs newest
  # Without the host that led them the managers elect another one first.
  retry 60 docker node ls || fail "the Swarm has no quorum: start the hosts that are down"
  runs=$(docker node ls -q | xargs docker node inspect --format '{{index .Spec.Labels "postgres-cluster.run"}}') ||
    fail "the newest run cannot be read from the Swarm's managers: see docker node ls on the hosts"
  newest=$(sort -n <<<"$runs" | tail -n 1)
  be_newest "${newest:-0}" "the cluster"
  [ "$run" = "${newest:-0}" ] || retry 30 docker node update --label-add "postgres-cluster.run=$run" "$(docker info --format '{{.Swarm.NodeID}}')" ||
    fail "this run cannot be recorded in the Swarm: see docker node ls on the hosts"
}

# The cluster that this host belongs to; docker.sh writes it.
owner_file=/etc/postgres-cluster/cluster

# Before a script takes away what a cluster has on the host: by now it may be another one's than CLUSTER's.
host_is_ours() {
  [ "$(cat "$owner_file" 2>/dev/null)" = "$CLUSTER" ] || {
    say "it is no host of $CLUSTER, by the word of $owner_file: nothing is changed on it"
    return 1
  }
}

# retry SECONDS COMMAND...: until it succeeds; if it never does, its last output is shown.
retry() {
  local limit=$((SECONDS + $1)) words
  shift
  until words=$("$@" 2>&1); do
    if [ "$SECONDS" -ge "$limit" ]; then
      printf '%s\n' "$words" >&2
      return 1
    fi
    sleep 1
  done
}

# host_is_down HOST: according to the Swarm's managers.
host_is_down() {
  [ "$(docker node ls --filter "node.label=postgres-cluster.host=$1" --format '{{.Status}}')" = Down ]
}

# member_here GROUP: the container of one of the group's members on this host.
member_here() {
  docker ps -q --filter "label=postgres-cluster.group=$1" | head -n 1 | grep . || {
    echo "no member of $1 runs here" >&2
    return 1
  }
}

# in_member COMMAND...: in one of GROUP's members on this host; status 2 if there is none, like psql without a connection. The
# run's number is the application_name of its PostgreSQL sessions.
in_member() {
  local container
  container=$(member_here "$GROUP") || return 2
  docker exec -i -e "PGAPPNAME=postgres-cluster $run" "$container" "$@"
}

# sql CONNECTION ARGUMENT...: psql in such a member, with the statements on stdin; it stops at the first error.
sql() { in_member psql -XqAt -v ON_ERROR_STOP=1 "$@"; }

# lock_leader: before a script changes the databases on the leader of GROUP (LEADER is its connection string). A session that
# docker exec began outlives its script, so sessions of older runs are ended first.
lock_leader() {
  lock_cluster "$GROUP"
  [ "$run" = 0 ] || retry 60 older_have_ended || fail "$GROUP: no leader accepts a connection, or a session of an older run does not end: see docker service logs of the members"
}
older_have_ended() {
  local left
  left=$(sql "$LEADER" <<SQL
SELECT 'the session ' || pid || ' of an older run goes on' FROM pg_catalog.pg_stat_activity
WHERE CASE WHEN substring(application_name, '^postgres-cluster ([0-9]{1,18})\$')::bigint < $run THEN NOT pg_terminate_backend(pid, 10000) END
SQL
  ) && echo "$left" && [ -z "$left" ]
}

# mtu_at ADDRESS: of the interface that has it.
mtu_at() {
  local interface
  interface=$(ip -4 -oneline address show to "$1" | awk 'NR == 1 {print $2}')
  [ -n "$interface" ] || fail "no interface has its address $1: correct hosts[].address"
  cat "/sys/class/net/$interface/mtu"
}

# The packages of Docker that this host has.
docker_packages() {
  local names=(docker.io docker-cli containerd runc docker-ce docker-ce-cli containerd.io)
  dpkg-query -W -f='${Status} ${Package}\n' "${names[@]}" 2>/dev/null | sed -n 's/^[a-z]* ok installed //p' || true
}
