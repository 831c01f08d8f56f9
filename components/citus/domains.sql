-- What a domain's constraint may call; runs on every node, in the application's database, and may run again at any time.
-- Citus makes what a table or view depends on as the superuser of the other nodes, and PostgreSQL reads literals of a domain
-- while it makes an aggregate or a default: a constraint then runs as the superuser, whatever it calls. So constraints
-- of domains call nothing but PostgreSQL's and its extensions' own immutable functions, which do nothing else than answer.
-- The parts belong to the extension: pg_dump leaves them out, and they go with it.

BEGIN;
SET LOCAL client_min_messages = warning;
-- Every node has its own: what Citus passes on comes to a new node later than the application does.
SET LOCAL citus.enable_ddl_propagation = off;
CREATE OR REPLACE FUNCTION citus_internal.check_domains() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  fault record;
BEGIN
  SELECT c.conname, format_type(t.oid, NULL) AS domain, f.oid::regprocedure AS function INTO fault
  FROM pg_constraint AS c
    JOIN pg_type AS t ON t.oid = c.contypid
    JOIN pg_roles AS owner ON owner.oid = t.typowner AND NOT owner.rolsuper,
    -- The functions' numbers, wherever they stand in the expression as PostgreSQL keeps it.
    regexp_matches(c.conbin::text, ':\w*funcid (\d+)', 'g') AS number
    JOIN pg_proc AS f ON f.oid = number[1]::oid
    JOIN pg_roles AS maker ON maker.oid = f.proowner
  WHERE f.provolatile <> 'i' OR NOT maker.rolsuper
  ORDER BY t.oid = ANY (SELECT objid FROM pg_event_trigger_ddl_commands()) DESC
  LIMIT 1;
  IF FOUND THEN
    RAISE 'domain %: constraint % calls %, and Citus may call it as the superuser: use immutable functions of PostgreSQL or its extensions only, or put the check on the table''s column',
      fault.domain, fault.conname, fault.function USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;
REVOKE ALL ON FUNCTION citus_internal.check_domains() FROM PUBLIC;
SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = 'citus_domains') AS missing \gset
\if :missing
  CREATE EVENT TRIGGER citus_domains ON ddl_command_end WHEN TAG IN ('CREATE DOMAIN', 'ALTER DOMAIN')
    EXECUTE FUNCTION citus_internal.check_domains();
  ALTER EXTENSION citus ADD FUNCTION citus_internal.check_domains();
  ALTER EXTENSION citus ADD EVENT TRIGGER citus_domains;
\endif
COMMIT;
