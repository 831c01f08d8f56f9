-- Migrations declare how tables are distributed; it is applied where Citus is present. If Citus is added later, tables are
-- distributed then.

BEGIN;
SET LOCAL client_min_messages = warning;
CREATE TABLE IF NOT EXISTS postgres_cluster.placements (
  relation regclass PRIMARY KEY,
  -- Null for a reference table.
  distribution_column name,
  beside regclass
);

CREATE OR REPLACE FUNCTION postgres_cluster.place_tables() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  wish record;
  foreign_key record;
  put_back text[] := '{}';
  command text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    RETURN;
  END IF;
  CREATE TEMP TABLE unplaced ON COMMIT DROP AS
    SELECT p.* FROM postgres_cluster.placements AS p JOIN pg_class AS c ON c.oid = p.relation
    WHERE NOT EXISTS (SELECT FROM pg_dist_partition AS d WHERE d.logicalrelid = p.relation);
  -- Citus refuses a foreign key between a table that is distributed and one that is not yet.
  FOR foreign_key IN
    SELECT c.conname, c.conrelid::regclass AS relation, pg_get_constraintdef(c.oid) AS definition FROM pg_constraint AS c
    WHERE c.contype = 'f' AND (c.conrelid IN (SELECT relation FROM unplaced) OR c.confrelid IN (SELECT relation FROM unplaced))
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', foreign_key.relation, foreign_key.conname);
    put_back := put_back || format('ALTER TABLE %s ADD CONSTRAINT %I %s',
      foreign_key.relation, foreign_key.conname, foreign_key.definition);
  END LOOP;
  -- In the order of creation: a table is created after the one that it is co-located with.
  FOR wish IN SELECT * FROM unplaced ORDER BY relation::oid LOOP
    IF wish.distribution_column IS NULL THEN
      PERFORM create_reference_table(wish.relation);
    ELSE
      PERFORM create_distributed_table(wish.relation, wish.distribution_column,
        colocate_with => coalesce(wish.beside::text, 'default'));
    END IF;
  END LOOP;
  FOREACH command IN ARRAY put_back LOOP
    EXECUTE command;
  END LOOP;
  DROP TABLE unplaced;
END $$;

-- Declares a distributed table; `beside` is the table that it is co-located with, if any.
CREATE OR REPLACE FUNCTION postgres_cluster.distribute(relation regclass, distribution_column name, beside regclass DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO postgres_cluster.placements (relation, distribution_column, beside) VALUES ($1, $2, $3);
  SELECT postgres_cluster.place_tables();
$$;

-- Declares a reference table, which every node has completely.
CREATE OR REPLACE FUNCTION postgres_cluster.replicate(relation regclass) RETURNS void LANGUAGE sql AS $$
  INSERT INTO postgres_cluster.placements (relation) VALUES ($1);
  SELECT postgres_cluster.place_tables();
$$;
COMMIT;

BEGIN;
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SELECT postgres_cluster.place_tables() \g /dev/null
COMMIT;
