-- Restricts what a domain's constraint may call. Runs on every node, in the application's database; may be repeated.
-- Citus creates the dependencies of a table or view as the superuser of the other nodes, and PostgreSQL evaluates literals of
-- a domain while it creates an aggregate or a default. A constraint then runs as the superuser. So constraints of domains may
-- call only immutable functions of PostgreSQL and its extensions, which have no side effects.
-- The function and the trigger belong to the extension citus, so pg_dump leaves them out and they are dropped with it.

BEGIN;
SET LOCAL client_min_messages = warning;
-- Created on each node by itself: Citus would propagate it to a new node only after the application can reach the node.
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
    -- The OIDs of all functions in the expression, in the form in which PostgreSQL stores it.
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
