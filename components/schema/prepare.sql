-- Prepares for migrations; runs before them, every time, as the application's role. The record of applied migrations belongs to
-- this role, so that a migration and its record are one transaction.
-- psql variables: engine, dimensions, shards; table `given`: the migration files.

\set SHOW_CONTEXT never
SELECT set_config('postgres_cluster.dimensions', :'dimensions', false),
  -- Servers without Citus accept it, too, as any name with a dot.
  set_config('citus.shard_count', :'shards', false) \g /dev/null

BEGIN;
SET LOCAL client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS postgres_cluster;

CREATE TABLE IF NOT EXISTS postgres_cluster.migrations (
  origin text NOT NULL,
  version integer NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  engine text NOT NULL,
  dimensions integer NOT NULL,
  -- Null only in the transaction that applies the migration.
  applied_at timestamptz,
  PRIMARY KEY (origin, version)
);

DO $$
DECLARE
  size integer := current_setting('postgres_cluster.dimensions');
  recorded record;
  faults text;
BEGIN
  SELECT * INTO recorded FROM postgres_cluster.migrations WHERE dimensions <> size LIMIT 1;
  IF FOUND THEN
    RAISE 'the tables have embeddings of % dimensions, not %: set database.vectorDimensions back; embeddings of another size need columns of their own, by a migration', recorded.dimensions, size;
  END IF;
  SELECT string_agg(format('%s/%s was changed after it was applied: restore it, and make the change in a new migration',
      given.origin, given.name), E'\n' ORDER BY given.origin, given.version)
    INTO faults
    FROM given JOIN postgres_cluster.migrations AS applied USING (origin, version)
    WHERE given.sha256 <> applied.sha256;
  IF faults IS NOT NULL THEN
    RAISE '%', faults;
  END IF;
  SELECT string_agg(format('%s/%s comes before %s, which is already applied: give it a higher number',
      given.origin, given.name, last.name), E'\n' ORDER BY given.origin, given.version)
    INTO faults
    FROM given JOIN (SELECT DISTINCT ON (origin) * FROM postgres_cluster.migrations ORDER BY origin, version DESC) AS last
      ON last.origin = given.origin AND given.version < last.version
    WHERE NOT EXISTS (
      SELECT FROM postgres_cluster.migrations AS applied
      WHERE applied.origin = given.origin AND applied.version = given.version);
  IF faults IS NOT NULL THEN
    RAISE '%', faults;
  END IF;
END $$;

-- A migration's transaction is committed when it is recorded as applied, and not by a statement in its file.
CREATE OR REPLACE FUNCTION postgres_cluster.check_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM postgres_cluster.migrations AS m
      WHERE m.origin = NEW.origin AND m.version = NEW.version AND m.applied_at IS NULL) THEN
    RAISE 'a migration runs in one transaction and must not end it: remove COMMIT';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS applied ON postgres_cluster.migrations;
CREATE CONSTRAINT TRIGGER applied AFTER INSERT ON postgres_cluster.migrations DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION postgres_cluster.check_applied();

CREATE OR REPLACE FUNCTION postgres_cluster.record_applied(origin text, version integer, name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE postgres_cluster.migrations AS m SET applied_at = clock_timestamp() WHERE m.origin = $1 AND m.version = $2;
  IF NOT FOUND THEN
    RAISE '%/%: a migration runs in one transaction and must not end it: remove ROLLBACK', $1, $3;
  END IF;
END $$;
COMMIT;
