# The roles that every group has besides Patroni's own, on the leader; runs on a host with one of its members.
# GROUP LEADER (connection string) MONITOR_PASSWORD (letters and digits) SQL
# DATABASE DATABASE_SQL (what runs there, if anything)
# shellcheck shell=bash

apply() {
  sql "$LEADER" <<SQL || return
\\set monitor_password '$MONITOR_PASSWORD'
$SQL
SQL
  [ -z "$DATABASE_SQL" ] || sql "$LEADER dbname=$DATABASE" <<<"$DATABASE_SQL"
}

lock_leader
retry 60 apply || fail "$GROUP: the roles of the pooler and the monitor could not be made on the leader: see docker service logs of the members"
exit 0
