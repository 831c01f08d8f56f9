-- The role that copies and moves shards. Copying evaluates the tables' constraints, so the role has the rights of the tables'
-- owners and is not a superuser. Runs as the superuser; may be repeated.

SET client_min_messages = warning;
SELECT 'CREATE ROLE rebalancer' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rebalancer') \gexec
ALTER ROLE rebalancer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL;
ALTER ROLE rebalancer SET search_path = pg_catalog;
SELECT DISTINCT format('GRANT %I TO rebalancer WITH INHERIT TRUE, SET FALSE', rolname)
FROM pg_catalog.pg_dist_partition AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.logicalrelid
  JOIN pg_catalog.pg_roles AS owner ON owner.oid = c.relowner AND NOT owner.rolsuper \gexec
-- Citus records the placement of a copied shard with the rights of the role that copies.
SELECT 1 / success::integer FROM pg_catalog.run_command_on_all_nodes(
  'GRANT SELECT, INSERT, UPDATE ON pg_catalog.pg_dist_placement TO rebalancer') \g /dev/null
SELECT 1 / success::integer FROM pg_catalog.run_command_on_all_nodes(
  'GRANT USAGE ON SEQUENCE pg_catalog.pg_dist_placement_placementid_seq TO rebalancer') \g /dev/null
