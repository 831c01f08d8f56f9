# Prints what one host knows about the cluster, as JSON; changes nothing. Verbs:
#   host      the host itself: whether it holds VIP, manages the Swarm, runs a database member and has its firewall rules, and
#             which copies of lost writes its members keep
#   cluster   the Swarm's nodes and tasks, the Patroni groups, the leader's answer to SQL, the proxies' answers, what clients see
# Variables: VIP; VOLUMES (of all database members); MEMBERS (a line for each Patroni group: its name and its members' names);
# LEADER, CLIENT (connection strings of the monitor: to the coordinators' leader, and to the virtual IP without the port);
# PROXIES (name=address ...); WRITE_PORT, READ_PORT, STATS_PORT
# shellcheck shell=bash disable=SC2317 # some functions are called by name

# The database containers of this host; healthy ones come first.
databases() {
  local filter group
  for filter in health=healthy status=running; do
    while read -r group _; do
      timeout 5 docker ps -q --filter "$filter" --filter "label=postgres-cluster.group=$group" 2>/dev/null || true
    done <<<"$MEMBERS"
  done
}

# Joins JSON values, one on each line, into a list.
list() { printf '[%s]' "$(paste -sd, -)"; }

boolean() { if "$@" >/dev/null 2>&1; then printf true; else printf false; fi; }
holds_vip() { ip -o -4 addr show to "$VIP/32" | grep -q .; }
manages() { [ "$(timeout 5 docker info --format '{{.Swarm.ControlAvailable}}')" = true ]; }
guarded() { nft list table inet postgres_cluster && iptables -w -t nat -nL DOCKER; }
runs_database() { [ -n "$(databases)" ]; }

# The copies that rewind-keeping (images/database) has made in the volumes of this host.
diverged() {
  local volume folder times bytes
  # This prints the volumes that exist here, and fails for the others.
  # shellcheck disable=SC2086 # a list of words
  timeout 5 docker volume inspect --format '{{.Name}} {{.Mountpoint}}' $VOLUMES 2>/dev/null | while read -r volume folder; do
    folder+=/diverged
    times=$(find "$folder" -mindepth 1 -maxdepth 1 -not -name '*.part' -printf '%Ts\n' 2>/dev/null | sort -n)
    [ -n "$times" ] || continue
    bytes=$(timeout 3 du --summarize --block-size=1 "$folder" 2>/dev/null | cut -f1)
    printf '{"volume":"%s","folder":"%s","copies":%d,"since":%d,"bytes":%s}\n' \
      "$volume" "$folder" "$(wc -l <<<"$times")" "$(head -n 1 <<<"$times")" "${bytes:-null}"
  done
}

host() {
  printf '{"holdsVip":%s,"manages":%s,"runsDatabase":%s,"firewall":%s,"diverged":%s}\n' \
    "$(boolean holds_vip)" "$(boolean manages)" "$(boolean runs_database)" "$(boolean guarded)" "$(diverged | list)"
}

# The authority's certificate and the members', as the Swarm's configs have them.
certificates() {
  timeout 5 docker config ls --filter label=postgres-cluster --format '{{.Name}}' |
    grep -E '^ca-|-tls-crt-' |
    xargs -r timeout 5 docker config inspect --format '{"config":{{json .Spec.Name}},"data":{{json .Spec.Data}}}'
}

# The largest LAN MTU that an overlay was created for; without the option Docker uses 1500.
overlay_mtu() {
  timeout 5 docker network ls -q --filter label=postgres-cluster --filter driver=overlay |
    xargs -r timeout 5 docker network inspect --format '{{or (index .Options "com.docker.network.driver.mtu") 1500}}' |
    sort -n | tail -n 1
}

# null when the Swarm has no quorum.
swarm() {
  local ids nodes tasks certificates mtu
  if ! ids=$(timeout 5 docker node ls -q 2>/dev/null) ||
    ! nodes=$(xargs -r timeout 5 docker node inspect --format \
      '{"host":{{json (index .Spec.Labels "postgres-cluster.host")}},"state":{{json .Status.State}},"availability":{{json .Spec.Availability}},"manager":{{json .ManagerStatus}}}' \
      <<<"$ids" 2>/dev/null) ||
    ! tasks=$(timeout 5 docker service ls -q --filter label=postgres-cluster 2>/dev/null |
      xargs -r timeout 5 docker service ps --no-trunc --filter desired-state=running --filter desired-state=ready \
        --format '{"task":{{json .Name}},"state":{{json .CurrentState}},"error":{{json .Error}}}' 2>/dev/null); then
    echo null
    return
  fi
  certificates=$(certificates 2>/dev/null) || certificates=''
  mtu=$(overlay_mtu 2>/dev/null) || mtu=''
  printf '{"nodes":%s,"tasks":%s,"certificates":%s,"mtu":%s}\n' \
    "$(list <<<"$nodes")" "$(list <<<"$tasks")" "$(list <<<"$certificates")" "${mtu:-null}"
}

proxies() {
  local proxy
  for proxy in $PROXIES; do
    printf '{"name":"%s","up":%s}\n' "${proxy%=*}" \
      "$(boolean curl -fsS --max-time 2 -o /dev/null "http://${proxy#*=}:$STATS_PORT/alive")" &
  done
  wait
}

# client NAME PORT: what a client sees when it logs in through the virtual IP, with TLS and password. It runs in this host's
# network, with the programs and the password file of a database container, but outside of that container's limits.
client() {
  local name=$1 port=$2 container process path answer=''
  for container in $(databases); do
    process=$(timeout 5 docker inspect --format '{{.State.Pid}}' "$container") || continue
    path=$(timeout 5 docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$container" | sed -n 's/^PATH=//p') || continue
    answer=$(timeout 5 nsenter --target "$process" --mount --setuid "$(stat -c %u "/proc/$process")" \
      --setgid "$(stat -c %g "/proc/$process")" -- env -i "PATH=$path" HOME=/tmp LC_ALL=C bash -c "$(declare -f login)"$'\n''login "$@"' \
      login "$CLIENT port=$port" 2>/dev/null) || answer='{"error": "no answer within 5 seconds"}'
    break
  done
  printf '"%s":%s\n' "$name" "${answer:-null}"
}

clients() {
  local writes reads
  exec {writes}< <(client writes "$WRITE_PORT") {reads}< <(client reads "$READ_PORT")
  printf '{%s,%s}' "$(cat <&"$writes")" "$(cat <&"$reads")"
}

# The next four functions run with a database container's programs. PostgreSQL itself reports which member it is: PgBouncer
# connects to it through a Unix socket, which has no address.
login() {
  local answer
  if answer=$(psql -XqAt -v ON_ERROR_STOP=1 "$1" 2>&1 <<'SQL'
SELECT pg_catalog.json_build_object(
  'standby', pg_catalog.pg_is_in_recovery(),
  'member', pg_catalog.current_setting('postgres_cluster.member', true));
SQL
  ); then
    printf '%s' "$answer"
  else
    jq -cn --arg error "$answer" '{error: $error}'
  fi
}

# The state of a group, from the first of its members that answers.
group() {
  local name=$1 member view=null
  shift
  for member; do
    if view=$(curl -fsS --connect-timeout 2 --max-time 5 --cacert /run/secrets/ca.crt "https://$member:8008/cluster" 2>/dev/null |
      jq -ce '{paused: (.pause // false), members: [.members[] | {name, role, state, timeline, lag, pendingRestart: (.pending_restart // false)}]}'); then
      break
    fi
    view=null
  done
  printf '"%s":%s\n' "$name" "$view"
}

sql() {
  local answer
  if answer=$(PGOPTIONS='-c statement_timeout=5s -c client_min_messages=error' timeout 10 psql -XqAt -v ON_ERROR_STOP=1 "$1" 2>&1 <<'SQL'
SELECT pg_catalog.count(*) OPERATOR(pg_catalog.>) 0 AS citus FROM pg_catalog.pg_extension WHERE extname OPERATOR(pg_catalog.=) 'citus' \gset
\if :citus
SELECT json_build_object('citus', json_build_object(
  'version', (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'citus'),
  'nodes', (SELECT coalesce(json_agg(json_build_object('group', groupid, 'name', nodename) ORDER BY groupid), '[]')
            FROM pg_catalog.pg_dist_node WHERE noderole = 'primary' AND isactive),
  'workers', (SELECT coalesce(json_agg(placed ORDER BY placed.name), '[]')
              FROM (SELECT nodename AS name, count(*) AS shards, sum(shard_size) AS bytes
                    FROM pg_catalog.citus_shards WHERE citus_table_type <> 'reference' GROUP BY nodename) AS placed)));
\else
SELECT '{"citus":null}';
\endif
SQL
  ); then
    printf '%s\n' "$answer" | jq -c .
  else
    jq -cn --arg error "${answer:-no answer within 10 seconds}" '{error: $error}'
  fi
}

database() {
  local groups=$1 conninfo=$2 answer line open views=()
  exec {answer}< <(sql "$conninfo")
  # All groups are asked at the same time.
  while read -ra line; do
    exec {open}< <(group "${line[@]}")
    views+=("$open")
  done <<<"$groups"
  printf '"groups":{%s},' "$(for open in "${views[@]}"; do cat <&"$open"; done | paste -sd, -)"
  printf '"sql":%s' "$(cat <&"$answer")"
}

# From the first database container that answers.
from_database() {
  local container answer='"groups":null,"sql":null'
  for container in $(databases); do
    if answer=$(timeout 20 docker exec "$container" bash -o pipefail -c "$(declare -f group sql database)"$'\n''database "$@"' \
      database "$MEMBERS" "$LEADER" 2>/dev/null); then
      break
    fi
    answer='"groups":null,"sql":null'
  done
  printf '%s' "$answer"
}

cluster() {
  local nodes answers views seen
  exec {nodes}< <(swarm) {answers}< <(proxies | list) {views}< <(from_database) {seen}< <(clients)
  printf '{"swarm":%s,"proxies":%s,"clients":%s,%s}\n' \
    "$(cat <&"$nodes")" "$(cat <&"$answers")" "$(cat <&"$seen")" "$(cat <&"$views")"
}

case $1 in
  host) host ;;
  cluster) cluster ;;
esac
exit 0
