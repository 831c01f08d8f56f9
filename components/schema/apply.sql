-- Applies one migration, once. psql variables: origin, version, name, sha256; those of engine.sql.

SELECT NOT EXISTS (
  SELECT FROM postgres_cluster.migrations WHERE origin = :'origin' AND version = :version
) AS to_apply \gset
\if :to_apply
  \set AUTOCOMMIT off
  BEGIN;
  INSERT INTO postgres_cluster.migrations (origin, version, name, sha256, engine, dimensions)
  VALUES (:'origin', :version, :'name', :'sha256', :'engine', :dimensions);
  -- A transaction sees types, tables and shards that it created on a worker only over one connection to that worker.
  SET LOCAL citus.multi_shard_modify_mode = 'sequential';
  \o /dev/null
  \i :origin/:name
  \o
  SELECT postgres_cluster.record_applied(:'origin', :version, :'name') \g /dev/null
  COMMIT;
  \set AUTOCOMMIT on
  \echo applied :origin/:name
\endif
