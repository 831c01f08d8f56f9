# shellcheck shell=bash disable=SC2154
# With Citus loaded PostgreSQL reports search_path, and PgBouncer follows it; sourced by `checks.sh`.

before_login() {
  local said
  said=$(member env PGPASSWORD=wrong PGOPTIONS='-c search_path=pg_catalog;CREATE\ ROLE\ intruder' psql -XqAt "$pooled user=app" \
    -c 'SELECT 1' 2>&1) && return 1
  echo "$said"
  gives 0 superuser -c "SELECT count(*) FROM pg_roles WHERE rolname = 'intruder'"
}
load_citus() {
  patch '{"postgresql": {"parameters": {"shared_preload_libraries": "citus,pg_stat_statements"}}}' || return 1
  in_time 20 superuser -c 'SELECT 1 / count(*) FROM pg_settings WHERE pending_restart' || return 1
  member patronictl -c /etc/patroni/patroni.yml restart coordinators coord-1 --force || return 1
  sed 's/^listen_addr = .*/listen_addr = 10.0.1.2/' "$work/files/citus.ini" >"${root[database]}/etc/pgbouncer/pgbouncer.ini"
  kill -KILL "$(running_pooler)"
  in_time 10 application -c 'SELECT 1'
}
# PgBouncer gives every client what the pool's first connection had.
keeps_the_former_path() {
  sets_path && superuser -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'" &&
    in_time 10 gives '"$user", public' application -c 'SHOW search_path'
}
if [[ -e ${root[database]}/usr/lib/postgresql/17/lib/citus.so ]]; then
  check 'Citus is loaded' load_citus
  check 'search_path stays with its client' gives '"a, b", c' application -c "SET search_path = 'a, b', c" -c 'SHOW search_path'
  check 'search_path does not reach another client' gives '"$user", public' application -c 'SHOW search_path'
  check 'search_path counts as a startup parameter' gives $'own\nown' member env PGPASSWORD=secret PGOPTIONS='-c search_path=own' \
    psql -XqAt "$pooled user=app" -c 'SHOW search_path' -c 'SHOW search_path'
  check 'a startup parameter runs nothing before the login' before_login
  check 'one connection for all' one_connection 1 0
  check 'set_config of search_path does not reach another client' leaves '"$user", public' \
    "SELECT pg_catalog.set_config('search_path', '', false)" 'SHOW search_path'
  check 'a search_path that ALTER ROLE sets does not reach a new connection' keeps_the_former_path
  check '... until RECONNECT' takes_path
  check '... and is what a client gets after another' leaves "$short_path" 'SET search_path = own' 'SHOW search_path'
  check 'the default is there again, once it is reset' resets_path
  check 'the pool has its size again' one_connection "$pool_size" "$reserve_size"
  check 'pg_dump and pg_restore in a session' dumped
else
  echo 'test/pooler: Citus is not in the image, so search_path is not followed' >&2
fi
