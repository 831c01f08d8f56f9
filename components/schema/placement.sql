-- Where tables lie: migrations say what they wish, and it comes true where there is Citus. A cluster that gets Citus later
-- places its tables then.

BEGIN;
SET LOCAL client_min_messages = warning;
CREATE TABLE IF NOT EXISTS postgres_cluster.placements (
  relation regclass PRIMARY KEY,
  -- Null for a table that every node holds whole.
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
  -- A foreign key between two tables of which only one is placed is refused.
  FOR foreign_key IN
    SELECT c.conname, c.conrelid::regclass AS relation, pg_get_constraintdef(c.oid) AS definition FROM pg_constraint AS c
    WHERE c.contype = 'f' AND (c.conrelid IN (SELECT relation FROM unplaced) OR c.confrelid IN (SELECT relation FROM unplaced))
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', foreign_key.relation, foreign_key.conname);
    put_back := put_back || format('ALTER TABLE %s ADD CONSTRAINT %I %s',
      foreign_key.relation, foreign_key.conname, foreign_key.definition);
  END LOOP;
  -- In the order of their making: a table is made after the one that it lies beside.
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

-- Rows of one value of the column lie on one shard, and beside those of the same value in the table named, if any.
CREATE OR REPLACE FUNCTION postgres_cluster.distribute(relation regclass, distribution_column name, beside regclass DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO postgres_cluster.placements (relation, distribution_column, beside) VALUES ($1, $2, $3);
  SELECT postgres_cluster.place_tables();
$$;

-- Every node holds the whole table.
CREATE OR REPLACE FUNCTION postgres_cluster.replicate(relation regclass) RETURNS void LANGUAGE sql AS $$
  INSERT INTO postgres_cluster.placements (relation) VALUES ($1);
  SELECT postgres_cluster.place_tables();
$$;
COMMIT;

BEGIN;
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SELECT postgres_cluster.place_tables() \g /dev/null
COMMIT;
