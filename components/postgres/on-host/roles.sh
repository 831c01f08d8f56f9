# Creates the roles that every group has besides Patroni's own, on the leader; runs on a host with one of its members.
# GROUP LEADER (connection string) MONITOR_PASSWORD (letters and digits) SQL
# DATABASE DATABASE_SQL (statements for that database, if any)
# shellcheck shell=bash

apply() {
  sql "$LEADER" <<SQL || return
\\set monitor_password '$MONITOR_PASSWORD'
$SQL
SQL
  [ -z "$DATABASE_SQL" ] || sql "$LEADER dbname=$DATABASE" <<<"$DATABASE_SQL"
}

lock_leader
retry 60 apply || fail "$GROUP: the roles pgbouncer and monitor could not be created on the leader: see docker service logs of the members"
exit 0
