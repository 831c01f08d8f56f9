# shellcheck shell=bash disable=SC2154
# What a client leaves on a connection, and what a session keeps; sourced by `checks.sh`.

session=${pooled/dbname=app/dbname=app_session}
in_session() { member env PGPASSWORD=secret psql -XqAt -v ON_ERROR_STOP=1 "$session user=app" "$@"; }
# With one connection in the pool whoever comes next gets it.
one_connection() { console "SET default_pool_size = $1" && console "SET reserve_pool_size = $2" && console RECONNECT; }
# leaves NOTHING SQL QUERY: what QUERY gives to another client, after a client has run SQL.
leaves() {
  local nothing=$1 sql=$2 query=$3 before after
  before=$(application -c 'SELECT pg_backend_pid()')
  application -c "$sql" >/dev/null || return 1
  after=$(application -c 'SELECT pg_backend_pid()')
  echo "connections $before $after"
  [[ ${4:-same} == other || $before == "$after" ]] || return 1
  gives "$nothing" application -c "$query"
}

superuser -c 'CREATE ROLE reader' -c 'GRANT reader TO app'
sizes=$(console 'SHOW CONFIG' | sed -nE 's/^(default|reserve)_pool_size\|([0-9]+)\|.*/\2/p' | tr '\n' ' ')
read -r pool_size reserve_size <<<"$sizes"
check 'one connection for all' one_connection 1 0
while IFS='|' read -r nothing setting value; do
  check "SET $setting does not reach another client" leaves "$nothing" "SET $setting = $value" "SHOW $setting"
done <<'SETTINGS'
0|statement_timeout|7000
0|lock_timeout|7000
0|idle_in_transaction_session_timeout|7000
0|transaction_timeout|7000
off|default_transaction_read_only|on
read committed|default_transaction_isolation|'serializable'
on|row_security|off
1|extra_float_digits|0
on|synchronize_seqscans|off
"$user", public|search_path|''
on|synchronous_commit|off
SETTINGS
# It is the first thing that pg_dump sends, also one that then stops because of the server's version.
check 'set_config does not reach another client' leaves '"$user", public' \
  "SELECT pg_catalog.set_config('search_path', '', false)" 'SHOW search_path'
check 'SET ROLE does not' leaves 'app app' 'SET ROLE reader' "SELECT current_user || ' ' || session_user"
check 'a setting of an extension does not' leaves '' "SET own.secret = 'x'" "SELECT current_setting('own.secret', true)"
check 'a temporary table does not' leaves '' 'CREATE TEMPORARY TABLE leaked (x int)' "SELECT to_regclass('leaked')"
check 'a cursor WITH HOLD does not' leaves 0 'DECLARE leaked CURSOR WITH HOLD FOR SELECT 1' 'SELECT count(*) FROM pg_cursors'
check 'an advisory lock does not' leaves 0 'SELECT pg_advisory_lock(7)' \
  "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
check 'LISTEN does not' leaves 0 'LISTEN leaked' 'SELECT count(*) FROM pg_listening_channels()'
check 'PREPARE does not' leaves 0 'PREPARE leaked AS SELECT 1' 'SELECT count(*) FROM pg_prepared_statements WHERE from_sql' other
check 'a timeout that the reset itself would miss does not' leaves 0 'SET statement_timeout = 1' 'SHOW statement_timeout' other
check 'what PgBouncer follows stays with its client' gives $'iso_8601\none' application \
  -c 'SET IntervalStyle = iso_8601' -c "SET application_name = 'one'" -c 'SHOW IntervalStyle' -c 'SHOW application_name'
kept() {
  member env PGPASSWORD=secret python3 -c '
import sys, psycopg
connection = psycopg.connect(sys.argv[1], autocommit=True, prepare_threshold=0)
first = connection.execute("SELECT pg_backend_pid()").fetchone()
for number in range(5):
    assert connection.execute("SELECT pg_backend_pid()").fetchone() == first, number
query = "SELECT count(*) FROM pg_prepared_statements WHERE generic_plans + custom_plans > 3"
count = connection.execute(query, prepare=False).fetchone()[0]
assert count == 1, count' "$pooled user=app"
}
check "the reset keeps PgBouncer's own prepared statements" kept
# As docs/schema.md says, for short names of the built-in tables.
short_path='"$user", public, builtin'
sets_path() {
  application -c "ALTER ROLE app SET search_path = $short_path" && gives '"$user", public' application -c 'SHOW search_path'
}
takes_path() { console RECONNECT && gives "$short_path" application -c 'SHOW search_path'; }
resets_path() {
  application -c 'ALTER ROLE app RESET search_path' && console RECONNECT &&
    gives '"$user", public' application -c 'SHOW search_path'
}
check 'what ALTER ROLE sets does not reach a connection that PgBouncer has' sets_path
check '... but is there after RECONNECT' takes_path
check '... as is the default, once it is reset' resets_path
check 'the pool has its size again' one_connection "$pool_size" "$reserve_size"

check 'the session pool is the same database' gives app in_session -c 'SELECT current_database()'
check 'a session keeps what was set' gives $'\n7s' in_session -c "SELECT set_config('search_path', '', false)" \
  -c "SET statement_timeout = '7s'" -c 'SHOW statement_timeout'
check 'a session keeps temporary tables, cursors, prepared statements' gives $'1\n2\n3' in_session \
  -c 'CREATE TEMPORARY TABLE kept AS SELECT 1 AS x' -c 'DECLARE kept CURSOR WITH HOLD FOR SELECT 2' -c 'PREPARE kept AS SELECT 3' \
  -c 'SELECT x FROM kept' -c 'FETCH kept' -c 'EXECUTE kept'
check 'and leaves nothing to the next one' gives $'0\n|0|0' in_session -c 'SHOW statement_timeout' -c "SELECT to_regclass('kept'),
  (SELECT count(*) FROM pg_cursors), (SELECT count(*) FROM pg_prepared_statements WHERE from_sql)"
# Drivers give their statements the same names in every connection.
same_names() {
  member env PGPASSWORD=secret timeout 60 python3 -c '
import sys, psycopg
for number in range(20):
    with psycopg.connect(sys.argv[1], prepare_threshold=0) as connection:
        assert connection.execute("SELECT %s::int", [number]).fetchone() == (number,)' "$session user=app"
}
check "nor the driver's prepared statements" same_names
session_features() {
  member env PGPASSWORD=secret timeout 30 python3 -c '
import sys, psycopg
one, two = (psycopg.connect(sys.argv[1], autocommit=True) for _ in range(2))
one.execute("LISTEN news")
two.execute("NOTIFY news, $$told$$")
assert [note.payload for note in one.notifies(timeout=5, stop_after=1)] == ["told"]
lock = "SELECT pg_try_advisory_lock(9)"
assert one.execute(lock).fetchone()[0]
assert not two.execute(lock).fetchone()[0]
one.close()
for _ in range(50):
    if two.execute(lock).fetchone()[0]: break
else: raise SystemExit("the lock outlives its session")' "$session user=app"
}
check 'LISTEN hears, an advisory lock holds and goes with its session' session_features
dumped() {
  local format jobs
  application -c 'DROP VIEW IF EXISTS seen' -c 'DROP TABLE IF EXISTS saved' || return 1
  application -c 'CREATE TABLE saved AS SELECT 1 AS x' -c 'CREATE VIEW seen AS SELECT x FROM saved' || return 1
  for format in custom directory; do
    member rm -rf "/tmp/dump.$format"
    jobs=$([[ $format == custom ]] && echo 1 || echo 2)
    member env PGPASSWORD=secret pg_dump --format="$format" --jobs="$jobs" --table=saved --table=seen \
      --file="/tmp/dump.$format" "$session user=app" || return 1
    application -c 'DROP VIEW seen' -c 'DROP TABLE saved' || return 1
    member env PGPASSWORD=secret pg_restore --exit-on-error --jobs=2 --dbname="$session user=app" "/tmp/dump.$format" || return 1
    gives 1 application -c 'SELECT x FROM seen' || return 1
  done
}
check 'pg_dump and pg_restore, also with two jobs' dumped
# All of the session pool's connections are taken; a transaction finds one at once.
apart() {
  local pids=() pid status=0
  for _ in {1..8}; do
    in_session -c 'SELECT pg_sleep(3)' >/dev/null &
    pids+=($!)
  done
  sleep 1
  superuser -c "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' AND usename = 'app'"
  member env PGPASSWORD=secret timeout 1.5 psql -XqAt "$pooled user=app" -c 'SELECT 1' || status=1
  for pid in "${pids[@]}"; do wait "$pid" || status=1; done
  return "$status"
}
check 'a full session pool does not keep transactions waiting' apart
