import { beforeAll, describe, expect, test } from "vitest";
import {
  citus,
  healthy,
  inMember,
  membersOf,
  needsCitus,
  query,
  runningCluster,
  status,
} from "../cluster/cluster.ts";
import { eventually, output } from "../cluster/lab.ts";

/** What Citus makes of the groups; needs its package in images/database/debs. */

const dimensions = 384;
const vector = (seed: number) =>
  `[${Array.from({ length: dimensions }, (_, index) => Math.sin(seed * 7 + index).toFixed(4)).join(",")}]`;

describe.skipIf(!citus)(`sharding${needsCitus}`, () => {
  beforeAll(async () => {
    await runningCluster();
    await eventually(60, healthy);
    const rows = Array.from(
      { length: 96 },
      (_, index) => `('sharding-${index}', 'pattern-1', 'data', '${vector(index)}'::ruvector)`,
    );
    await query("DELETE FROM builtin.memory_entries WHERE namespace LIKE 'sharding-%'");
    // The reference architecture's INSERT, with more rows.
    await query(
      `INSERT INTO builtin.memory_entries (namespace, key, value, embedding) VALUES ${rows.join(", ")}`,
    );
    await query(
      "INSERT INTO builtin.patterns (namespace, name) SELECT namespace, key FROM builtin.memory_entries WHERE namespace LIKE 'sharding-%' ON CONFLICT DO NOTHING",
    );
  });

  const search = (filter = "") => `
    SELECT namespace, key, value, 1 - (embedding <=> '${vector(7)}'::ruvector) AS similarity
    FROM builtin.memory_entries ${filter} ORDER BY embedding <=> '${vector(7)}'::ruvector LIMIT 10`;
  const explain = async (statement: string) =>
    (await query(`EXPLAIN ${statement}`)).map((row) => row["QUERY PLAN"]).join("\n");

  test("every group is a node, the leaders are primaries, the standbys secondaries", async () => {
    const nodes = await query(
      "SELECT groupid, nodename, noderole::text, isactive FROM pg_dist_node WHERE nodeport = 5432",
    );
    const planned = (await status()).groups.flatMap(({ name, members }) =>
      members.map((member) => ({
        groupid: name === "coordinators" ? 0 : Number(name.split("-")[1]),
        nodename: member.name,
        noderole: member.role === "leader" ? "primary" : "secondary",
        isactive: true,
      })),
    );
    expect(nodes).toHaveLength(planned.length);
    expect(nodes).toEqual(expect.arrayContaining(planned));
  });

  test("32 shards lie on all worker groups", async () => {
    const placed = await query(
      "SELECT groupid, count(*)::int AS shards FROM pg_dist_placement JOIN pg_dist_shard USING (shardid) WHERE logicalrelid = 'builtin.memory_entries'::regclass GROUP BY 1 ORDER BY 1",
    );
    expect(placed.map(({ groupid }) => groupid)).toEqual([1, 2, 3]);
    expect(placed.reduce((sum, { shards }) => sum + Number(shards), 0)).toBe(32);
  });

  test("the reference architecture's search finds the nearest first; with a namespace it is one task, without it all shards'", async () => {
    expect((await query(search()))[0]).toMatchObject({
      namespace: "sharding-7",
      key: "pattern-1",
      value: "data",
    });
    expect(await explain(search())).toMatch(/Task Count: 32/);
    expect(await explain(search("WHERE namespace = 'sharding-7'"))).toMatch(/Task Count: 1\n/);
  });

  test("all shards work at the same time", async () => {
    // Each of the 96 rows costs a twentieth of a second, one after another 4.8 s.
    const started = Date.now();
    const [row] = await query(
      "SELECT count(pg_sleep(0.05)::text)::int AS rows FROM builtin.memory_entries WHERE namespace LIKE 'sharding-%'",
    );
    const seconds = (Date.now() - started) / 1000;
    expect(row?.rows).toBe(96);
    expect(seconds).toBeLessThan(2.4);
  });

  test("a join within a namespace is one task", async () => {
    const join =
      "SELECT count(*) FROM builtin.memory_entries m JOIN builtin.patterns p ON p.namespace = m.namespace AND p.name = m.key WHERE m.namespace = 'sharding-7'";
    expect(await explain(join)).toMatch(/Task Count: 1\n/);
    expect(await query(join)).toEqual([{ count: "1" }]);
  });

  test("reference tables are on every node", async () => {
    const placed = await query(`
      SELECT logicalrelid::text AS name, count(DISTINCT groupid)::int AS nodes
      FROM pg_dist_placement JOIN pg_dist_shard USING (shardid) JOIN pg_dist_partition USING (logicalrelid)
      WHERE partmethod = 'n' AND repmodel = 't' GROUP BY 1 ORDER BY 1`);
    expect(placed).toEqual(
      ["metadata", "sessions", "vector_indexes"].map((name) => ({ name: `builtin.${name}`, nodes: 4 })),
    );
  });

  test("nodes speak to each other by TLS, with the plan's certificates", async () => {
    const [leader] = await membersOf("shard-1");
    const peers = await inMember(
      leader,
      `psql -XqAt -d app -c "SELECT DISTINCT ssl, client_dn <> '' FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'citus%' AND client_addr IS NOT NULL"`,
    );
    expect(peers).toBe("t|t");
  });

  test("coordinator standbys search, too", async () => {
    const url = await output("readUrl");
    expect((await query(search("WHERE namespace = 'sharding-7'"), url))[0]).toMatchObject({
      namespace: "sharding-7",
    });
    expect(await query("SELECT pg_is_in_recovery() AS standby", url)).toEqual([{ standby: true }]);
  });
});
