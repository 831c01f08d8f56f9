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
drops_its_own() {
  app "$1" -c 'DROP TABLE sessions' && is '0' app "$1" -c 'SELECT count(id) FROM sessions'
}
check 'when they are dropped, the built-in ones are there' drops_its_own "$beside"
check 'the tables'\'' names in vector_indexes are those of the built-in ones' is 'builtin.graph_nodes builtin.memory_entries builtin.patterns' \
  app "$beside" -c "SELECT string_agg(table_name::regclass::text, ' ' ORDER BY table_name)
    FROM (SELECT table_name, set_config('search_path', '', false) FROM builtin.vector_indexes) AS named"

# reader PORT ARGUMENT...: psql as another role than the application's.
reader() {
  as_postgres psql -XqAt -v ON_ERROR_STOP=1 "host=/tmp port=$1 dbname=app user=reader" "${@:2}"
}
reads_when_granted() {
  ! reader "$1" -c 'SELECT FROM memory_entries' 2>"$work/refused" || return 1
  grep 'permission denied for table memory_entries' "$work/refused" &&
    app "$1" -c 'GRANT SELECT ON memory_entries TO reader' && reader "$1" -c 'SELECT FROM memory_entries'
}
makes_nothing_in_builtin() {
  ! reader "$1" -c 'CREATE TABLE builtin.planted ()' 2>"$work/refused" || return 1
  grep 'permission denied for schema builtin' "$work/refused"
}
sql "$beside" -c 'CREATE ROLE reader LOGIN'
check 'another role reads a built-in table by its name alone, once it may' reads_when_granted "$beside"
check 'another role makes nothing in builtin' makes_nothing_in_builtin "$beside"

restores() {
  as_postgres createdb --host=/tmp --port="$1" --username=postgres restored
  state "$1" | as_postgres psql -Xq1 -v ON_ERROR_STOP=1 "host=/tmp port=$1 dbname=restored user=postgres" &&
    diff <(state "$1") <(state "$1" restored)
}
check 'a dump restores into an empty database, with nothing left out' restores "$beside"

superusers_path() {
  grep '^ALTER ROLE postgres SET search_path' "$project/components/postgres/roles.sql" | sql "$1" &&
    is pg_catalog sql "$1" -c 'SHOW search_path'
}
check 'the superuser'\''s search_path stays its own' superusers_path "$beside"

# path PORT: where names without a schema are looked up.
path() { app "$1" -c 'SHOW search_path'; }
default_path='"$user", public'
builtin_path='"$user", public, builtin'

# From one value of the setting to the other, and back.
turns_off() {
  app "$1" -c "INSERT INTO builtin.metadata VALUES ('kept', 'true')" && database "$1" "$2" none &&
    is '' migrate "$1" '{"schema": "none"}' && is "$default_path" path "$1" &&
    is 1 app "$1" -c 'SELECT count(*) FROM builtin.metadata'
}
turns_on_again() {
  database "$1" "$2" && applies_nothing "$1" && is "$builtin_path" path "$1" &&
    is 1 app "$1" -c 'SELECT count(*) FROM builtin.metadata'
}
check 'schema none after builtin: the tables stay, their names need their schema' turns_off "$beside" postgres
check 'schema builtin once more: all is as before' turns_on_again "$beside" postgres
comes_back_after_removal() {
  app "$1" -c 'DROP SCHEMA builtin CASCADE' -c "DELETE FROM postgres_cluster.migrations WHERE origin = 'built-in'" &&
    database "$1" "$2" && applies_all "$1"
}
check 'who has removed the tables, as docs/schema.md says, can have them again' comes_back_after_removal "$beside" postgres
keeps_the_operators_path() {
  local schema
  sql "$1" -c 'ALTER DATABASE app SET search_path = own, builtin'
  for schema in builtin none; do
    database "$1" postgres "$schema" && is 'own, builtin' path "$1" || return 1
  done
}
check 'a search_path that the superuser has set for the database stays, either way' keeps_the_operators_path "$beside"

check 'without the built-in schema search_path is PostgreSQL'\''s default' is "$default_path" path "$bare"
check '... and there is no schema builtin' is 0 sql "$bare" -c "SELECT count(*) FROM pg_namespace WHERE nspname = 'builtin'"
refuses_a_strangers_schema() {
  sql "$1" -c 'CREATE ROLE stranger' -c 'CREATE SCHEMA builtin AUTHORIZATION stranger'
  ! database "$1" 2>"$work/refused" || return 1
  grep 'database.schema: builtin: the schema builtin of database app belongs to stranger, not to app; ' "$work/refused" &&
    is "$default_path" path "$1"
}
check 'a schema builtin of another role is refused, and no name is looked up in it' refuses_a_strangers_schema "$bare"
