# shellcheck shell=bash
# Without Citus.

plain=5500
server "$plain"
database "$plain"

check 'the migrations apply, in order' applies_all "$plain"
check 'a second run applies nothing and changes nothing' applies_nothing "$plain"

tables='graph_edges graph_nodes memory_entries metadata patterns sessions vector_indexes'
check 'the tables are the application'\''s own' is "$tables" \
  sql "$plain" -c "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'builtin' AND tableowner = 'app'"
check 'every migration is recorded with name, hash and time' is \
  "$(cd "$project/components/schema/migrations" && for file in *.sql; do echo "$((10#${file%%_*}))|$file|$(sha256sum "$file" | cut -d' ' -f1)|t"; done)" \
  sql "$plain" -c 'SELECT version, name, sha256, applied_at > now() - interval $$1 minute$$ FROM postgres_cluster.migrations ORDER BY 1'
check 'the HNSW indexes have m = 16, ef_construction = 64 and cosine' is 3 sql "$plain" -c \
  "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%hnsw (embedding vector_cosine_ops) WITH (m=''16'', ef_construction=''64'')'"

check 'the reference architecture'\''s INSERTs and query work' reference_statements_work "$plain"
check 'the query uses the HNSW index' uses_the_index "$plain"
check 'parameters can be cast to ruvector' casts_parameters "$plain"
refuses_other_dimensions() {
  ! app "$1" -c "INSERT INTO builtin.memory_entries (namespace, key, embedding) VALUES ('a', 'b', '[1,2]'::ruvector)" 2>"$work/refused" &&
    grep 'expected 384 dimensions, not 2' "$work/refused"
}
check 'an embedding of other dimensions is refused' refuses_other_dimensions "$plain"

own first
cat >"$folder/001_notes.sql" <<'SQL'
CREATE TABLE notes (
  namespace text,
  id bigint,
  embedding :embedding,
  PRIMARY KEY (namespace, id)
);
SELECT postgres_cluster.distribute('notes', 'namespace', 'builtin.memory_entries');
CREATE INDEX notes_embedding ON notes USING hnsw (embedding :vector_l2_ops);
SQL
echo 'ALTER TABLE notes ADD COLUMN text text;' >"$folder/010_text.sql"
echo 'not SQL' >"$folder/README.md"
check 'one'\''s own migrations come after, with their own numbers' is $'applied own/001_notes.sql\napplied own/010_text.sql' \
  migrate "$plain" "$settings"
check 'one'\''s own migrations are applied once' applies_nothing "$plain" "$settings"
check 'without the folder what was applied stays' applies_nothing "$plain"

# next FILE: a migration after those of the folder, from stdin, in a copy of it.
next() {
  own "copy-$1"
  cp "$work/first"/*.sql "$folder/"
  cat >"$folder/$1"
}
next 011_syntax.sql <<'SQL'
CREATE TABLE before_the_error ();
INSERT INTO builtin.metadata VALUES ('half', 'true');
CREATE TABEL wrong ();
SQL
check 'a syntax error names file and line and leaves all as before' \
  refuses "$plain" "$settings" '^own/011_syntax.sql:3: ERROR:  syntax error at or near "TABEL"'
next 011_half.sql <<'SQL'
ALTER TABLE builtin.memory_entries ADD COLUMN half text;

INSERT INTO builtin.metadata VALUES ('half', 'true');
INSERT INTO builtin.metadata VALUES ('half', 'true');
SQL
check 'a failure half way names file and line and leaves all as before' \
  refuses "$plain" "$settings" '^own/011_half.sql:4: ERROR:  duplicate key'
next 011_commit.sql <<'SQL'
BEGIN;
CREATE TABLE kept ();
COMMIT;
CREATE TABEL wrong ();
SQL
check 'COMMIT in a migration is refused and leaves all as before' \
  refuses "$plain" "$settings" '^own/011_commit.sql:3: ERROR:  a migration runs in one transaction and must not end it: remove COMMIT$'
next 011_rollback.sql <<'SQL'
ROLLBACK;
CREATE TABLE kept ();
SQL
check 'ROLLBACK in a migration is refused and leaves all as before' \
  refuses "$plain" "$settings" '^own/011_rollback.sql: a migration runs in one transaction and must not end it: remove ROLLBACK$'
next 011_superuser.sql <<'SQL'
CREATE ROLE other SUPERUSER;
SQL
check 'migrations have the application'\''s rights, not more' \
  refuses "$plain" "$settings" '^own/011_superuser.sql:1: ERROR:  permission denied to create role'

next 011_reset.sql <<'SQL'
RESET ROLE;
RESET SESSION AUTHORIZATION;
CREATE ROLE other SUPERUSER;
SQL
check 'nor does a migration find more behind its role' \
  refuses "$plain" "$settings" '^own/011_reset.sql:3: ERROR:  permission denied to create role'

next 011_good.sql <<'SQL'
CREATE TABLE good ();
SQL
echo '-- changed' >>"$folder/001_notes.sql"
check 'a changed file that was applied is refused before any other runs' refuses "$plain" "$settings" \
  '^own/001_notes.sql was changed after it was applied: restore it, '
next 005_late.sql <<'SQL'
CREATE TABLE late ();
SQL
check 'a new file with a lower number is refused' refuses "$plain" "$settings" \
  '^own/005_late.sql comes before 010_text.sql, which is already applied: give it a higher number$'
check 'other dimensions than the tables have are refused' refuses "$plain" '{"vectorDimensions": 128}' \
  '^the tables have embeddings of 384 dimensions, not 128: '
check 'an engine that the image lacks is refused' refuses "$plain" '{"vectorEngine": "ruvector"}' \
  '^the database image has no ruvector: '

# Two runs at once.
next 011_slow.sql <<'SQL'
SELECT pg_sleep(1);
CREATE TABLE slow ();
SQL
runs_one_at_a_time() {
  local first second
  migrate "$plain" "$settings" >"$work/first-run" &
  first=$!
  migrate "$plain" "$settings" >"$work/second-run" &
  second=$!
  wait "$first" && wait "$second" && is 'applied own/011_slow.sql' cat "$work/first-run" "$work/second-run"
}
check 'two runs at once apply a migration once' runs_one_at_a_time

slow=$folder/011_slow.sql
next 012_killed.sql <<'SQL'
CREATE TABLE killed ();
SELECT pg_sleep(3);
SQL
cp "$slow" "$folder/"
sleeps() {
  [[ $(sql "$plain" -c "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep($1)%' AND pid <> pg_backend_pid()") == 1 ]]
}
# begins_to_sleep SECONDS RUNNER
begins_to_sleep() {
  until sleeps "$1"; do
    kill -0 "$2" || return 1
    sleep 0.1
  done
}
killed_is_rolled_back() {
  local before runner
  before=$(state "$plain")
  migrate "$plain" "$settings" &
  runner=$!
  begins_to_sleep 3 "$runner" || return 1
  kill -KILL -- "-$(<"$work/process-group")" || return 1
  ! wait "$runner" || return 1
  # The server notices when the sleep is over.
  while sleeps 3; do
    sleep 0.1
  done
  diff <(echo "$before") <(state "$plain") && is 'applied own/012_killed.sql' migrate "$plain" "$settings"
}
check 'a run that is killed is rolled back, the next applies it' killed_is_rolled_back

cp "$folder/012_killed.sql" "$work"
next 013_left.sql <<'SQL'
SELECT pg_sleep(100);
SQL
cp "$slow" "$work/012_killed.sql" "$folder/"
ends_what_an_interrupted_run_left() {
  local began runner
  began=$(($(date +%s) * 100))
  migrate "$plain" "$settings" &
  runner=$!
  begins_to_sleep 100 "$runner" || return 1
  pkill --full "^timeout 120 bash -s -- create [0-9]+ $began"
  ! wait "$runner" && sleeps 100 || return 1
  echo 'CREATE TABLE left_behind ();' >"$folder/013_left.sql"
  began=$((began + 1))
  is 'applied own/013_left.sql' migrate "$plain" "$settings" && ! sleeps 100
}
check 'what an interrupted run has left on the server ends before a newer one changes anything' ends_what_an_interrupted_run_left

waits_for_the_server() {
  stop "$plain"
  migrate "$plain" "$settings" &
  local runner=$!
  sleep 2
  start "$plain"
  wait "$runner"
}
check 'a server that is away for a moment is waited for' waits_for_the_server

attacked=5501
server "$attacked"
database "$attacked"
check 'the migrations apply on a database that is going to be attacked' applies_all "$attacked"
check 'what the application plants never runs as the superuser' withstands "$attacked" postgres
check 'the application cannot change its database'\''s settings' refused_to_owner

bare=5510
server "$bare"
database "$bare"
tables_of() {
  sql "$1" -c "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
}
check 'without the built-in schema nothing is applied' is '' migrate "$bare" '{"schema": "none"}'
check '... and there is no table' is 0 tables_of "$bare"
own alone
echo "CREATE TABLE notes (id text, embedding :embedding); SELECT postgres_cluster.distribute('notes', 'id');" >"$folder/001_notes.sql"
check '... but for those of a user'\''s own migrations, with all that these can say' is 'applied own/001_notes.sql' \
  migrate "$bare" "{\"schema\": \"none\", \"migrations\": \"$folder\"}"
check '... of which there is one' is 1 tables_of "$bare"
