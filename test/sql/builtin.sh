# shellcheck shell=bash disable=SC2154
# The built-in tables beside a user's own, for other roles, in a dump, and when `database.schema` changes.

beside=5502
server "$beside"
database "$beside"

# What tools make for an application, with names and an index of the built-in tables.
makes_sessions() {
  app "$1" <<'SQL'
CREATE TABLE IF NOT EXISTS "sessions" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "expire_date" timestamptz NOT NULL);
CREATE INDEX "sessions_by_expiry" ON "sessions" ("expire_date");
ALTER TABLE "sessions" ADD COLUMN "session_data" text NOT NULL DEFAULT '';
INSERT INTO "sessions" ("session_key", "expire_date") VALUES ('a', now());
SQL
}
uses_its_own_sessions() {
  is '1|0' app "$1" -c 'SELECT (SELECT count(session_key) FROM sessions), (SELECT count(id) FROM builtin.sessions)'
}
check 'a user may have a table sessions before the migrations' makes_sessions "$beside"
check '... which the migrations leave alone' applies_all "$beside"
check '... and which is the one that is used' uses_its_own_sessions "$beside"
own beside
cat >"$folder/001_metadata.sql" <<'SQL'
CREATE TABLE metadata (id bigint PRIMARY KEY);
CREATE TABLE patterns (id bigint PRIMARY KEY);
CREATE INDEX patterns_embedding ON patterns (id);
SELECT postgres_cluster.replicate('patterns');
SQL
check 'a user'\''s migration may make tables metadata and patterns after them' is 'applied own/001_metadata.sql' \
  migrate "$beside" "$settings"
check '... in public' is 'metadata,patterns,sessions' app "$beside" -c \
  "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"
# The second time there is none of its own.
drops_its_own() {
  app "$1" -c 'DROP TABLE sessions' && app "$1" -c 'DROP TABLE IF EXISTS sessions' &&
    is 0 app "$1" -c 'SELECT count(id) FROM builtin.sessions'
}
# Tools take the tables that are visible for the application's.
sees_none() {
  is '7|0' app "$1" -c "SELECT count(*), count(*) FILTER (WHERE pg_table_is_visible(oid)) FROM pg_class
    WHERE relnamespace = 'builtin'::regnamespace AND relkind = 'r'"
}
check 'DROP TABLE IF EXISTS without a schema leaves the built-in table alone' drops_its_own "$beside"
check 'no built-in table is visible without its schema' sees_none "$beside"
check 'the tables'\'' names in vector_indexes are those of the built-in ones' is 'builtin.graph_nodes builtin.memory_entries builtin.patterns' \
  app "$beside" -c "SELECT string_agg(table_name::regclass::text, ' ' ORDER BY table_name) FROM builtin.vector_indexes"

# As docs/schema.md says.
has_short_names() {
  # shellcheck disable=SC2016 # the role's name, to PostgreSQL
  app "$1" -c 'ALTER ROLE app SET search_path = "$user", public, builtin' && is 0 app "$1" -c 'SELECT count(id) FROM sessions' &&
    makes_sessions "$1" && uses_its_own_sessions "$1" && app "$1" -c 'ALTER ROLE app RESET search_path' && drops_its_own "$1"
}
check 'a role with builtin last in its search_path has short names, and tables of its own all the same' has_short_names "$beside"

# reader PORT ARGUMENT...: psql as another role than the application's.
reader() {
  as_postgres psql -XqAt -v ON_ERROR_STOP=1 "host=/tmp port=$1 dbname=app user=reader" "${@:2}"
}
reads_when_granted() {
  ! reader "$1" -c 'SELECT FROM builtin.memory_entries' 2>"$work/refused" || return 1
  grep 'permission denied for table memory_entries' "$work/refused" &&
    app "$1" -c 'GRANT SELECT ON builtin.memory_entries TO reader' && reader "$1" -c 'SELECT FROM builtin.memory_entries'
}
makes_nothing_in_builtin() {
  ! reader "$1" -c 'CREATE TABLE builtin.planted ()' 2>"$work/refused" || return 1
  grep 'permission denied for schema builtin' "$work/refused"
}
# rights PORT: whose the schema is, and who may what in it.
rights() {
  is 'app|app=UC/app,=U/app' sql "$1" -c \
    "SELECT pg_get_userbyid(nspowner), array_to_string(nspacl, ',') FROM pg_namespace WHERE nspname = 'builtin'"
}
check 'all roles may look into builtin, its owner may create there' rights "$beside"
sql "$beside" -c 'CREATE ROLE reader LOGIN'
check 'another role reads a built-in table once it may' reads_when_granted "$beside"
check 'another role makes nothing in builtin' makes_nothing_in_builtin "$beside"

restores() {
  as_postgres createdb --host=/tmp --port="$1" --username=postgres restored
  state "$1" | as_postgres psql -Xq1 -v ON_ERROR_STOP=1 "host=/tmp port=$1 dbname=restored user=postgres" &&
    diff <(state "$1") <(state "$1" restored)
}
check 'a dump restores into an empty database, with nothing left out' restores "$beside"

# From one value of the setting to the other, and back.
changes_nothing() {
  app "$1" -c "INSERT INTO builtin.metadata VALUES ('kept', 'true')" && applies_nothing "$1" '{"schema": "none"}' &&
    applies_nothing "$1" && is 1 app "$1" -c 'SELECT count(*) FROM builtin.metadata'
}
check 'schema none after builtin, and builtin once more: the tables stay' changes_nothing "$beside"
comes_back_after_removal() {
  app "$1" -c 'DROP SCHEMA builtin CASCADE' -c "DELETE FROM postgres_cluster.migrations WHERE origin = 'built-in'" &&
    applies_nothing "$1" '{"schema": "none"}' && applies_all "$1" && rights "$1"
}
check 'who has removed the tables, as docs/schema.md says, can have them again' comes_back_after_removal "$beside"

check 'without the built-in schema there is no schema builtin' is 0 sql "$bare" -c \
  "SELECT count(*) FROM pg_namespace WHERE nspname = 'builtin'"
sql "$bare" -c 'CREATE ROLE stranger' -c 'CREATE SCHEMA builtin AUTHORIZATION stranger' -c 'GRANT CREATE ON SCHEMA builtin TO app'
check 'a schema builtin of another role is refused' refuses "$bare" '{}' \
  '^built-in/001_memory.sql:[0-9]+: ERROR:  schema "builtin" already exists'
sql "$bare" -c 'ALTER SCHEMA builtin RENAME TO theirs'
check 'schema builtin after none: the tables are made' applies_all "$bare"
check '... and stay with none' applies_nothing "$bare" '{"schema": "none"}'
