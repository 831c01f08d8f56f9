-- What migrations need and only the superuser can create; runs as the superuser before migrations, every time. It calls nothing
-- that the application could have created, and uses no data that the application can write.
-- psql variables: owner (the application's role), engine; those of engine.sql.

SELECT set_config('postgres_cluster.owner', :'owner', false), set_config('postgres_cluster.engine', :'engine', false) \g /dev/null

DO $$
DECLARE
  wanted text := current_setting('postgres_cluster.engine');
  wanted_extension text := CASE wanted WHEN 'pgvector' THEN 'vector' ELSE wanted END;
  other text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = wanted_extension) THEN
    RAISE 'the database image has no %: build one that has it, or change database.vectorEngine', wanted;
  END IF;
  SELECT extname INTO other FROM pg_catalog.pg_extension
    WHERE extname IN ('vector', 'ruvector') AND extname <> wanted_extension;
  IF FOUND THEN
    RAISE 'the database already has the extension % and cannot have two vector engines: set database.vectorEngine back, or create a new database with database.name', other;
  END IF;
END $$;

BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS :"vector_type" SCHEMA public;
SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus') AS citus \gset
\if :citus
  -- If it was created before Citus, no worker has it, so it is created again. If a column uses it, Citus copies it with the table.
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_type AS t WHERE t.oid = to_regtype(format('public.%I', :'vector_alias'))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_object AS d WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid = t.oid AND d.deptype = 'n')
  ) AS alias_local \gset
  \if :alias_local
    DROP DOMAIN public.:"vector_alias";
  \endif
\endif
SELECT to_regtype(format('public.%I', :'vector_alias')) IS NULL AS alias_missing \gset
\if :alias_missing
  CREATE DOMAIN public.:"vector_alias" AS public.:"vector_type";
\endif

-- The record of the migrations belongs to the application. If the superuser created it, its owner is changed.
DO $$
DECLARE
  owner regrole := format('%I', current_setting('postgres_cluster.owner'))::regrole;
  command text;
BEGIN
  FOR command IN
    SELECT format('ALTER %s %s OWNER TO %s', kind, name, owner)
    FROM (
      SELECT 1, 'SCHEMA', oid::regnamespace::text, nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'postgres_cluster'
      UNION ALL
      SELECT 2, 'TABLE', oid::regclass::text, relowner FROM pg_catalog.pg_class
        WHERE relkind = 'r' AND relnamespace = to_regnamespace('postgres_cluster')
      UNION ALL
      SELECT 2, 'FUNCTION', oid::regprocedure::text, proowner FROM pg_catalog.pg_proc
        WHERE pronamespace = to_regnamespace('postgres_cluster')
    ) AS object (step, kind, name, present)
    WHERE present <> owner AND present = 'postgres'::regrole
    ORDER BY step
  LOOP
    EXECUTE command;
  END LOOP;
END $$;
COMMIT;
