# Shared by every script that runs on a host; their variables stand before it.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

say() { printf '%s: %s\n' "${HOST:-$(hostname)}" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# One script at a time changes a host, also when an earlier run was cut off and its script still runs.
lock_host() {
  exec 9>/run/postgres-cluster.lock
  flock -w 300 9 || fail "another run has been changing this host for 5 minutes; wait for it to end, then run again"
}

# retry SECONDS COMMAND...: until it succeeds; its last words are shown when it never does.
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

# host_is_down HOST: by the word of the Swarm's managers.
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

# The packages of Docker that this host has.
docker_packages() {
  local names=(docker.io docker-cli containerd runc docker-ce docker-ce-cli containerd.io)
  dpkg-query -W -f='${Status} ${Package}\n' "${names[@]}" 2>/dev/null | sed -n 's/^[a-z]* ok installed //p' || true
}
