# Lets the group's PgBouncers look up who may come in; runs on a host with one of its members.
# GROUP LEADER (connection string) SQL
# shellcheck shell=bash

apply() {
  local container
  container=$(member_here "$GROUP") || return
  docker exec -i "$container" psql -XqAt -v ON_ERROR_STOP=1 "$LEADER" <<<"$SQL"
}

lock_cluster "$GROUP"
retry 60 apply || fail "$GROUP: the pooler's role could not be made on the leader: see docker service logs of the members"
exit 0
