-- The schema of the built-in tables, and where names without a schema are looked up; runs as the superuser in the
-- application's database, and may run again at any time. psql variables: database, role, schema (builtin or none).

SET client_min_messages = warning;
SELECT :'schema' = 'builtin' AS builtin,
  NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'builtin') AS missing \gset
\if :builtin
  \if :missing
    BEGIN;
    CREATE SCHEMA builtin AUTHORIZATION :"role";
    GRANT USAGE ON SCHEMA builtin TO PUBLIC;
    COMMIT;
  \endif
  SELECT set_config('postgres_cluster.role', :'role', false) \g /dev/null
  -- What its owner puts there, any role may run that calls a function by its name alone.
  DO $$
  DECLARE
    role text := current_setting('postgres_cluster.role');
    owner text := (SELECT pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace WHERE nspname = 'builtin');
  BEGIN
    IF owner <> role THEN
      RAISE 'database.schema: builtin: the schema builtin of database % belongs to %, not to %; rename it, or ALTER SCHEMA builtin OWNER TO %, or set database.schema to none',
        current_database(), owner, role, role;
    END IF;
  END $$;
\endif

-- A search_path that somebody else has set for the database stays. With Citus this goes to all nodes.
SELECT format('ALTER DATABASE %I %s', :'database',
  CASE WHEN :'schema' = 'builtin' THEN 'SET search_path = "$user", public, builtin' ELSE 'RESET search_path' END)
WHERE NOT EXISTS (
  SELECT FROM pg_catalog.pg_db_role_setting AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase,
    unnest(s.setconfig) AS setting
  WHERE d.datname = :'database' AND s.setrole = 0
    AND starts_with(setting, 'search_path=') AND setting <> 'search_path="$user", public, builtin'
) \gexec
