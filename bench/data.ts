import type { ClusterConfig } from "../config/ClusterConfig.ts";
import type { Client } from "./client.ts";

/** The comment that marks the schema as this program's own, to be dropped. */
const mark = "made by make bench, to be dropped by it";

const dimensions = 128;
const rows = 20_000;
const namespaces = 300;
/** Embeddings lie in clusters; each namespace has embeddings of all clusters. */
const heaps = 100;

/** A row that is not in the tables: to search for, or to insert. */
export interface Vector {
  readonly number: number;
  readonly namespace: string;
  /** As SQL takes it, without quotes. */
  readonly embedding: string;
}

/** The vectors' type in SQL. */
export const typeOf = ({ vectorEngine }: ClusterConfig["database"]) =>
  vectorEngine === "pgvector" ? "vector" : "ruvector";

/** Rows by their numbers, always the same ones: namespace, key, value, embedding as text. */
const generated = (first: number, last: number) => `
SELECT 'namespace-' || n % ${namespaces}, 'key-' || n, 'value of key-' || n,
  '[' || array_to_string(ARRAY(
    SELECT round((middle[d] + 0.5 * random_normal())::numeric, 3) FROM generate_series(1, ${dimensions}) AS d
  ), ',') || ']'
FROM generate_series(${first}, ${last}) AS n JOIN bench.heaps ON heap = abs(hashint4(n)) % ${heaps}`;

/** The key of a row, and where it is. */
export const rowOf = (number: number) => ({
  namespace: `namespace-${number % namespaces}`,
  key: `key-${number}`,
});

/**
 * The same rows in bench.memory, which is distributed like memory_entries, and in bench.unsharded, a plain table on the
 * leader; bench.written, co-located with bench.memory, for inserts that are not searched; bench.journal for commits that
 * use no shard.
 */
export async function load(
  client: Client,
  database: ClusterConfig["database"],
  citus: boolean,
): Promise<void> {
  const type = typeOf(database);
  const index = `USING hnsw (embedding ${type}_cosine_ops) WITH (m = 16, ef_construction = 64)`;
  await client.sql(
    client.leader,
    `SET client_min_messages = warning;
BEGIN;
CREATE SCHEMA bench;
COMMENT ON SCHEMA bench IS '${mark}';
COMMIT;
SELECT setseed(0.1) \\g /dev/null
CREATE TABLE bench.heaps AS
  SELECT heap, ARRAY(SELECT random_normal() FROM generate_series(1, ${dimensions} + 0 * heap)) AS middle
  FROM generate_series(0, ${heaps - 1}) AS heap;
CREATE TABLE bench.unsharded (
  namespace text, key text, value text, embedding ${type}(${dimensions}), PRIMARY KEY (namespace, key)
);
CREATE TABLE bench.memory (LIKE bench.unsharded INCLUDING ALL);
CREATE TABLE bench.written (LIKE bench.unsharded INCLUDING ALL);
CREATE TABLE bench.journal (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, value text);
${
  citus
    ? `SELECT create_distributed_table('bench.memory', 'namespace', colocate_with => 'none', shard_count => ${database.shardCount}) \\g /dev/null
SELECT create_distributed_table('bench.written', 'namespace', colocate_with => 'bench.memory') \\g /dev/null`
    : ""
}
SELECT setseed(0.2) \\g /dev/null
INSERT INTO bench.unsharded SELECT namespace, key, value, embedding::${type}
  FROM (${generated(1, rows)}) AS made (namespace, key, value, embedding);
INSERT INTO bench.memory SELECT * FROM bench.unsharded;
CREATE INDEX ON bench.unsharded ${index};
CREATE INDEX ON bench.memory ${index};
CREATE INDEX ON bench.written ${index};
VACUUM (ANALYZE) bench.unsharded;
VACUUM (ANALYZE) bench.memory;
`,
  );
}

/** Vectors like those in the tables, but none of them. */
export async function moreVectors(client: Client, count: number): Promise<Vector[]> {
  const made = await client.sql(
    client.leader,
    `SELECT setseed(0.3) \\g /dev/null
SELECT namespace, embedding FROM (${generated(rows + 1, rows + count)}) AS made (namespace, key, value, embedding);`,
  );
  return made.map(([namespace = "", embedding = ""], index) => ({
    number: rows + 1 + index,
    namespace,
    embedding,
  }));
}

/** Drops the schema of an earlier run, or of this one; refuses if it belongs to something else. */
export async function unload(client: Client): Promise<void> {
  const [[note] = []] = await client.sql(
    client.leader,
    "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = 'bench'",
  );
  if (note === undefined) return;
  if (note !== mark) {
    throw new Error("the application's database has a schema bench of its own; rename it, then run again");
  }
  await client.sql(client.leader, "SET client_min_messages = warning; DROP SCHEMA bench CASCADE");
}
