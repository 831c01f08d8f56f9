# shellcheck shell=bash disable=SC2154
# What a member with its PgBouncer does; sourced by `all`.

leader=$(<"$work/files/leader")
pooled='host=coord-1 port=6432 sslmode=verify-full sslrootcert=/run/secrets/ca.crt dbname=app'
superuser() { member psql -XqAt -v ON_ERROR_STOP=1 "$leader" "$@"; }
application() { member env PGPASSWORD=secret psql -XqAt -v ON_ERROR_STOP=1 "$pooled user=app" "$@"; }
console() { member psql -XAt -h /var/run/postgresql -p 6432 -U pgbouncer pgbouncer -c "$1"; }
gives() {
  local expected=$1 got
  shift
  got=$("$@") || return 1
  echo "$got"
  [[ $got == "$expected" ]]
}
# refused MESSAGE CONNINFO PASSWORD
refused() {
  local said
  ! said=$(member env PGPASSWORD="$3" psql -XqAt "$2" -c 'SELECT 1' 2>&1) || { echo 'was let in'; return 1; }
  echo "$said"
  [[ $said == *"$1"* ]]
}

# A first start that is killed while it makes the group's data directory, at moments in the order in which they come.
data=${root[database]}/var/lib/postgresql/data/pgdata
claimed() {
  inside "$etcd" etcdctl --endpoints https://127.0.0.1:2379 --cacert /run/secrets/ca.crt --cert /run/secrets/tls.crt \
    --key /run/secrets/tls.key get --prefix /service/ --keys-only | grep -q /initialize
}
copying() { [[ $data/PG_VERSION -nt $work/began ]]; }
without_roles() { [[ $data/postmaster.pid -nt $work/began ]]; }
killed_when() {
  touch "$work/began"
  start_member
  local deadline=$((SECONDS + 30))
  until "$1"; do
    ((SECONDS < deadline)) || { echo 'the moment did not come'; return 1; }
  done
  # With process 1 its whole container ends.
  kill -KILL "$member"
  wait "$launched" || true
  [[ -e $data.unfinished ]] || { echo 'it was finished already'; return 1; }
}
for moment in claimed copying without_roles; do
  check "the first start is killed: $moment" killed_when "$moment"
done

start_member
check 'a member with a pooler becomes ready' becomes_ready
check 'the roles are there' gives 'replicator rewind' superuser \
  -c "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname IN ('replicator', 'rewind')"
check 'nothing says that it is unfinished' test ! -e "$data.unfinished"
install_lookup() { superuser <"$project/components/postgres/pooler.sql"; }
check 'the look-up is installed' install_lookup
check 'the look-up is installed again' install_lookup
superuser <<'SQL'
CREATE ROLE app LOGIN PASSWORD 'secret';
CREATE DATABASE app OWNER app;
CREATE ROLE chief LOGIN SUPERUSER PASSWORD 'secret';
CREATE ROLE copier LOGIN REPLICATION PASSWORD 'secret';
CREATE ROLE late LOGIN PASSWORD 'secret' VALID UNTIL '2001-01-01';
CREATE ROLE pgbouncer_like LOGIN PASSWORD 'secret';
SQL

check 'a client logs in by its password, over TLS' gives app application -c 'SELECT current_user'
check 'PostgreSQL is reached by its Unix socket, and tells which member it is' gives 't|coord-1' application \
  -c "SELECT inet_client_addr() IS NULL, current_setting('postgres_cluster.member')"
check 'without TLS nobody gets in' refused 'SSL required' "host=coord-1 port=6432 sslmode=disable dbname=app user=app" secret
check 'a wrong password is refused' refused 'authentication failed' "$pooled user=app" wrong
check 'an unknown user is refused' refused 'no such user' "$pooled user=nobody" secret
for role in chief copier late; do
  check "$role is not looked up" refused 'no such user' "$pooled user=$role" secret
done
for role in postgres replicator rewind pgbouncer; do
  check "$role is refused" refused 'FATAL: ' "$pooled user=$role" secret
  check "$role is refused without a password" refused '' "$pooled user=$role" ''
done
check 'a member certificate opens nothing' refused '' \
  "$pooled user=postgres sslcert=/run/secrets/tls.crt sslkey=/run/secrets/tls.key" secret
direct='host=coord-1 sslmode=verify-full sslrootcert=/run/secrets/ca.crt sslcert=/run/secrets/tls.crt sslkey=/run/secrets/tls.key'
for address in coord-1 127.0.0.1; do
  check "the look-up role does not get in at $address" refused 'pg_hba.conf rejects' "${direct/coord-1/$address} dbname=postgres user=pgbouncer" ''
done
socket='host=/var/run/postgresql'
check 'the look-up role gets in by the socket, to look up' gives pgbouncer member psql -XqAt "$socket dbname=postgres user=pgbouncer" \
  -c 'SELECT current_user'
for role in replicator rewind pgbouncer; do
  check "the socket opens no database to $role" refused 'pg_hba.conf rejects' "$socket dbname=app user=$role" ''
done
check 'the socket asks the others for their password' refused 'password authentication failed' "$socket dbname=app user=app" wrong
cannot_look_up() {
  local said
  ! said=$(member env PGPASSWORD=secret psql -XqAt "${pooled/dbname=app/dbname=postgres} user=app" \
    -c "SELECT * FROM pgbouncer.user_lookup('app')" 2>&1) || return 1
  [[ $said == *'permission denied for schema pgbouncer'* ]]
}
check 'a client cannot look up' cannot_look_up
check 'the console is closed to the network' refused '' "${pooled/dbname=app/dbname=pgbouncer} user=app" secret
check 'the console is closed to the network, for its own name too' refused '' "${pooled/dbname=app/dbname=pgbouncer} user=pgbouncer" ''
check 'the console is open inside' console 'SHOW POOLS'

new_password() {
  superuser -c "ALTER ROLE app PASSWORD 'other'" && refused 'authentication failed' "$pooled user=app" secret &&
    gives app member env PGPASSWORD=other psql -XqAt "$pooled user=app" -c 'SELECT current_user' &&
    superuser -c "ALTER ROLE app PASSWORD 'secret'" && gives app application -c 'SELECT current_user'
}
check 'a new password holds at once, for new connections to PostgreSQL too' new_password

application -c 'CREATE TABLE numbers AS SELECT generate_series(1, 1000) AS number'
bench() {
  printf '%s\n' '\set n random(1, 1000)' 'SELECT number FROM numbers WHERE number = :n;' >"${root[database]}/bench.sql"
  member env PGPASSWORD=secret pgbench --no-vacuum --protocol=prepared --client=60 --transactions=50 --file=/bench.sql \
    "$pooled user=app" | tee "$work/bench"
  grep -q 'number of transactions actually processed: 3000/3000' "$work/bench" &&
    grep -q 'number of failed transactions: 0 ' "$work/bench"
}
check 'prepared statements of 60 clients over fewer connections' bench
servers() { superuser -c "SELECT count(*) <= 24 FROM pg_stat_activity WHERE usename = 'app'"; }
check 'the pool keeps to its size' gives t servers
check 'statements of the same name do not meet' gives 'one two' member env PGPASSWORD=secret python3 -c '
import sys, psycopg
one, two = (psycopg.connect(sys.argv[1], autocommit=True, prepare_threshold=0) for _ in range(2))
def prepare(connection, text):
    connection.pgconn.prepare(b"same", text)
    return lambda: connection.pgconn.exec_prepared(b"same", []).get_value(0, 0).decode()
first, second = prepare(one, b"SELECT $$one$$::text"), prepare(two, b"SELECT $$two$$::text")
for _ in range(20):
    answers = f"{first()} {second()}"
    assert answers == "one two", answers
print(answers)' "$pooled user=app"
check 'SET LOCAL holds in its transaction and ends with it' gives $'inner_one\n"$user", public' application \
  -c "BEGIN; SET LOCAL search_path = inner_one; SHOW search_path; COMMIT" -c 'SHOW search_path'
queue() {
  local pids=() pid
  for _ in {1..50}; do
    application -c 'SELECT pg_sleep(1)' >/dev/null &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || return 1; done
}
check '50 slow clients on 24 connections wait and all get their turn' queue

# shellcheck source=test/pooler/sessions.sh
source "$folder/sessions.sh"

# The query comes to the first member, the request to cancel it to the second, as HAProxy may send them.
cancelled() {
  member env PGPASSWORD=secret timeout --signal=KILL 30 python3 -c '
import itertools, multiprocessing, socket, subprocess, threading, time, psycopg
def copy(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)
def forward(listener):
    for name in itertools.cycle(("coord-1", "coord-2")):
        one, other = listener.accept()[0], socket.create_connection((name, 6432))
        for pair in ((one, other), (other, one)):
            threading.Thread(target=copy, args=pair, daemon=True).start()
listener = socket.create_server(("127.0.0.1", 7000))
multiprocessing.Process(target=forward, args=(listener,), daemon=True).start()
peer = subprocess.Popen(["/usr/sbin/pgbouncer", "/etc/patroni/peer.ini"])
try:
    time.sleep(1)
    connection = psycopg.connect("host=127.0.0.1 port=7000 sslmode=require dbname=app user=app")
    threading.Timer(1, connection.cancel).start()
    began = time.monotonic()
    try:
        connection.execute("SELECT pg_sleep(10)")
        raise SystemExit("not cancelled")
    except psycopg.errors.QueryCanceled:
        print("cancelled after", time.monotonic() - began)
finally:
    peer.kill()'
}
check 'a query is cancelled through another member' cancelled

killed() {
  local postgres pooler
  postgres=$(running_postgres) pooler=$(running_pooler)
  kill -KILL "$pooler"
  in_time 3 application -c 'SELECT 1'
  [[ $(running_postgres) == "$postgres" && $(running_pooler) != "$pooler" ]] &&
    grep -q 'member: PgBouncer ended with exit status 137; starting it again' "$work/database.log"
}
check 'a killed pooler comes back alone' killed
serial() { openssl s_client -connect "$@" </dev/null 2>/dev/null | openssl x509 -noout -serial; }
both_other_than() {
  [[ $(serial 10.0.1.2:6432 -starttls postgres) != "$1" && $(serial 10.0.1.2:8008) != "$1" ]]
}
renewed() {
  local before pooler
  before=$(serial 10.0.1.2:6432 -starttls postgres) pooler=$(running_pooler)
  certify
  kill -HUP "$member"
  # Patroni does so in its next loop.
  in_time 15 both_other_than "$before" && [[ $(running_pooler) == "$pooler" ]] && application -c 'SELECT 1'
}
check 'SIGHUP takes over a renewed certificate' renewed
restarted() {
  member patronictl -c /etc/patroni/patroni.yml restart coordinators coord-1 --force && in_time 2 application -c 'SELECT 1'
}
check 'a restarted PostgreSQL is found within 2 s' restarted
crashed() {
  kill -KILL "$(running_postgres)"
  in_time 4 application -c 'SELECT 1'
}
check 'a crashed PostgreSQL is noticed at once' crashed
check 'and once more' crashed
# A backend in the middle of a query does not notice that its postmaster is gone, and no other can start beside it.
crashes_under_query() {
  local query status=0
  application -c 'SELECT count(*) FROM generate_series(1, 2000000000)' &
  query=$!
  in_time 5 query_runs || status=1
  crashed || status=1
  wait "$query" && status=1
  return "$status"
}
query_runs() { pgrep --parent "$(running_postgres)" --full 'postgres: .* SELECT$'; }
check 'and with a query under way' crashes_under_query
patch() {
  member curl -fsS --cacert /run/secrets/ca.crt --cert /run/secrets/tls.crt --key /run/secrets/tls.key -X PATCH -d "$1" \
    https://localhost:8008/config
}
recovers() { application -c "SELECT 1 WHERE pg_is_in_recovery() = $1" | grep -q 1; }
writes() { member env PGPASSWORD=secret psql -XqAt "$pooled user=app target_session_attrs=read-write" -c 'SELECT 1'; }
promoted() {
  local status=0
  in_time 10 patch '{"standby_cluster": {"host": "127.0.0.1", "port": 1}}' && in_time 30 recovers true && ! writes || status=1
  in_time 10 patch '{"standby_cluster": null}' && in_time 30 recovers false && in_time 2 writes || status=1
  return "$status"
}
check 'a promoted standby is known as writable' promoted
reaps() {
  local orphan
  orphan=$(member bash -c 'sleep 0.2 >/dev/null & echo $!')
  sleep 2
  ! member test -e "/proc/$orphan"
}
check 'orphans are reaped' reaps

# shellcheck source=test/pooler/citus.sh
source "$folder/citus.sh"

ends() {
  local client waiting=0
  member env PGPASSWORD=secret psql -XqAt "$pooled user=app" -c 'SELECT pg_sleep(60)' &
  client=$!
  sleep 1
  kill -TERM "$member"
  wait "$client" || waiting=$?
  echo "client: $waiting"
  ((waiting != 0)) || return 1
  timeout 30 tail --pid="$launched" -f /dev/null || return 1
  code=0
  wait "$launched" || code=$?
  echo "exit status $code"
  ((code == 0)) &&
    chroot "${root[database]}" /usr/lib/postgresql/17/bin/pg_controldata /var/lib/postgresql/data/pgdata | grep -qE 'cluster state: +shut down$'
}
stopping=$(stat -c %s "$work/database.log")
check 'SIGTERM stops all cleanly; clients get an error' ends
written_first() {
  gives $'checkpoint starting: immediate force wait\nreceived fast shutdown request' eval \
    'tail -c +"$stopping" "$work/database.log" | grep -oE "checkpoint starting: .*force.*|received fast shutdown request" | head -n 2'
}
check 'a checkpoint comes before it' written_first
order() { tail -n 30 "$work/database.log"; tail -n 3 "$work/database.log" | grep -q 'SIGQUIT'; }
check 'PgBouncer ends last' order

echo 'nonsense' >>"${root[database]}/etc/pgbouncer/pgbouncer.ini"
start_member
not_ready() {
  in_time 30 member psql -XqAt -h /var/run/postgresql -U postgres postgres -c 'SELECT 1' || return 1
  sleep 4
  gives 'PgBouncer does not listen on port 6432' eval 'member member-ready || true' &&
    (($(tail -c +"$mark" "$work/database.log" | grep -c 'starting it again') < SECONDS - since + 2))
}
mark=$(stat -c %s "$work/database.log") since=$SECONDS
check 'a pooler that cannot start is tried again, gently, and the member is not ready' not_ready
patroni_dies() {
  # The first of them; the others, which started after it, watch.
  kill -KILL "$(pgrep --oldest --parent "$member" --full /etc/patroni/patroni.yml)"
  timeout 10 tail --pid="$launched" -f /dev/null || return 1
  code=0
  wait "$launched" || code=$?
  echo "exit status $code"
  ((code == 137))
}
check "Patroni's end is the member's" patroni_dies
