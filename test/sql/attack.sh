# shellcheck shell=bash disable=SC2154
# What the application plants must not run as the superuser. Each payload raises `app`, if it runs with the right to.

# payload SIGNATURE: the function in the schema public that raises `app`.
payload() {
  cat <<SQL
SET client_min_messages = error;
CREATE OR REPLACE FUNCTION public.$1 RETURNS boolean LANGUAGE plpgsql AS '
BEGIN
  EXECUTE ''ALTER ROLE app SUPERUSER'';
  RETURN true;
EXCEPTION WHEN OTHERS THEN
  RETURN true;
END';
SQL
}

# plant PORT: as the application, what name resolution, triggers and defaults could run, in public and in a schema of its own.
plant() {
  payload 'raise()' | app "$1" || return 1
  app "$1" <<'SQL'
SET client_min_messages = error;
CREATE SCHEMA IF NOT EXISTS own;
SELECT format($$
  CREATE OR REPLACE FUNCTION %1$I.%2$s(a %3$s, b %4$s) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM public.raise(); RETURN true; END';
  CREATE OPERATOR %1$I.%5$s (LEFTARG = %3$s, RIGHTARG = %4$s, FUNCTION = %1$I.%2$s)
$$, schema, name, a, b, operator)
FROM unnest('{public,own}'::text[]) AS schema,
  (VALUES ('name_text_eq', 'name', 'text', '='), ('name_eq', 'name', 'name', '='), ('name_unknown_ne', 'name', 'text', '<>'),
    ('int8_int4_gt', 'bigint', 'integer', '>'), ('int4_eq', 'integer', 'integer', '='), ('int4_ne', 'integer', 'integer', '<>'),
    ('text_eq', 'text', 'text', '='), ('text_ne', 'text', 'text', '<>'), ('text_cat', 'text', 'text', '||'),
    ('oid_eq', 'oid', 'oid', '='), ('oid_ne', 'oid', 'oid', '<>'), ('oid_regrole_ne', 'oid', 'regrole', '<>'),
    ('char_eq', '"char"', '"char"', '=')) AS t(name, a, b, operator) \gexec
SELECT format('CREATE OR REPLACE FUNCTION %I.%s RETURNS %s LANGUAGE plpgsql AS $f$BEGIN PERFORM public.raise(); RETURN NULL; END$f$', schema, signature, result)
FROM unnest('{public,own}'::text[]) AS schema,
  (VALUES ('format(text)', 'text'), ('format(text, text)', 'text'), ('format(text, name)', 'text'),
    ('current_setting(text)', 'text'), ('set_config(text, text, boolean)', 'text'), ('to_regtype(text)', 'regtype'),
    ('pg_advisory_lock(bigint)', 'boolean'), ('clock_timestamp()', 'timestamptz'), ('now()', 'timestamptz'),
    ('pg_is_in_recovery()', 'boolean'), ('hashtextextended(text, bigint)', 'bigint')) AS t(signature, result) \gexec
CREATE FUNCTION own.triggered() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM public.raise(); RETURN NEW; END$$;
CREATE TABLE own.bait (id int DEFAULT public.raise()::int, text text CHECK (public.raise()));
CREATE TRIGGER planted BEFORE INSERT OR UPDATE ON own.bait FOR EACH ROW EXECUTE FUNCTION own.triggered();
CREATE RULE planted AS ON UPDATE TO own.bait DO ALSO SELECT public.raise();
CREATE VIEW public.pg_extension AS SELECT public.raise() AS extname;
CREATE VIEW public.pg_dist_node AS SELECT public.raise() AS groupid;
SQL
  # What only an owner of the record or of the database can do, or nobody beside Citus, is tried one by one.
  local statement
  while read -r statement; do
    app "$1" -c "$statement" 2>>"$work/refusals" || true
  done <<'SQL'
ALTER ROLE app SET search_path = own, public, pg_catalog
ALTER DATABASE app SET search_path = own, public, pg_catalog
ALTER ROLE postgres IN DATABASE app SET search_path = own, public, pg_catalog
CREATE TRIGGER planted BEFORE INSERT OR UPDATE ON postgres_cluster.migrations FOR EACH ROW EXECUTE FUNCTION own.triggered()
CREATE TRIGGER planted BEFORE INSERT OR UPDATE ON postgres_cluster.placements FOR EACH ROW EXECUTE FUNCTION own.triggered()
INSERT INTO postgres_cluster.placements SELECT 'own.bait'::regclass, 'text'
CREATE OR REPLACE FUNCTION postgres_cluster.place_tables() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM public.raise(); END'
CREATE OR REPLACE FUNCTION postgres_cluster.record_applied(text, integer, text) RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM public.raise(); END'
CREATE DOMAIN own.hostile AS text CHECK (public.raise())
ALTER TABLE own.bait ADD COLUMN hostile own.hostile
CREATE CAST (text AS own.hostile) WITH INOUT AS IMPLICIT
CREATE EVENT TRIGGER planted ON ddl_command_end EXECUTE FUNCTION own.triggered()
SQL
}

stays() { is f sql "$1" -c "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) 'app'"; }
# What it plants may break its own migrations, but no more than that.
withstands() {
  own "attack-$1"
  echo "INSERT INTO own.bait DEFAULT VALUES; UPDATE own.bait SET text = 'x'; RESET ROLE; SELECT public.raise();" >"$folder/001_trap.sql"
  plant "$1" && stays "$1" || return 1
  migrate "$1" "$settings" || true
  stays "$1" || return 1
  app "$1" -c 'ALTER ROLE app RESET search_path' -c 'DROP SCHEMA own CASCADE' || return 1
  migrate "$1" "$settings" || true
  stays "$1" && database "$1" "$2" && stays "$1"
}
refused_to_owner() { grep "must be owner of database app" "$work/refusals"; }
