# A client of the cluster: runs programs in the network and the file system of a coordinator's container, which has the members'
# names and the certificates, but outside of its limits, so that they take no resources from the member.
# MEMBER (the coordinator's service, on this host)
# The verb says what it does:
#   sql         runs SQL by psql at CONNECTION; its rows on stdout
#   pgbench     runs pgbench with SCRIPT, OPTIONS (words) and DEFINITIONS (lines) at CONNECTION; its rate and its log
#   patronictl  runs patronictl with WORDS
#   release     makes MEMBER's PgBouncer close its idle connections
#   machine     prints facts about this host, as JSON
# sql and pgbench: PASSWORD, which is only in the environment of the short-lived programs
# shellcheck shell=bash disable=SC2317 # functions are called by name

inside() {
  local container process path
  container=$(docker ps -q --filter "label=com.docker.swarm.service.name=$MEMBER" | head -n 1)
  [ -n "$container" ] || fail "$MEMBER does not run here any more: run again when make status says healthy"
  process=$(docker inspect --format '{{.State.Pid}}' "$container")
  path=$(docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$container" | sed -n 's/^PATH=//p')
  PGPASSWORD=${PASSWORD:-} nsenter --target "$process" --mount --net \
    --setuid "$(stat -c %u "/proc/$process")" --setgid "$(stat -c %g "/proc/$process")" -- \
    env PATH="$path" HOME=/tmp "$@"
}

sql() { inside psql -XqAt -v ON_ERROR_STOP=1 "$CONNECTION" <<<"$SQL"; }

pgbench() {
  local definition arguments=()
  while IFS= read -r definition; do arguments+=("--define=$definition"); done <<<"$DEFINITIONS"
  # shellcheck disable=SC2206 # words
  arguments+=($OPTIONS)
  inside bash -c '
    set -euo pipefail
    folder=$(mktemp -d)
    trap "rm -rf \"$folder\"" EXIT
    cd "$folder"
    cat >script
    pgbench --no-vacuum --file=script --log --log-prefix=log "$@" >summary 2>words || {
      cat words summary >&2
      exit 1
    }
    sed -n "s/^tps = \([0-9.]*\) .*/\1/p" summary
    cat log.*' bash "${arguments[@]}" "$CONNECTION" <<<"$SCRIPT"
}

# shellcheck disable=SC2086 # words
patronictl() { inside patronictl -c /etc/patroni/patroni.yml $WORDS </dev/null; }

# PgBouncer closes them within a third of a second.
release() {
  inside psql -XqAt -h /var/run/postgresql -p 6432 -U pgbouncer -c RECONNECT pgbouncer </dev/null
  sleep 1
}

machine() {
  local model memory pooler
  model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1 | tr -cd '[:alnum:] ()@.-')
  memory=$(awk '/^MemTotal:/ {printf "%.0f", $2 * 1024}' /proc/meminfo)
  pooler=$(inside pgbouncer --version </dev/null | sed -n 's/^PgBouncer //p')
  printf '{"cpu":"%s","cpus":%d,"memoryBytes":%d,"kernel":"%s","pgbouncer":"%s"}\n' \
    "${model:-$(uname -m)}" "$(nproc)" "$memory" "$(uname -r)" "$pooler"
}

case $1 in
  sql) sql ;;
  pgbench) pgbench ;;
  patronictl) patronictl ;;
  release) release ;;
  machine) machine ;;
esac
exit 0
