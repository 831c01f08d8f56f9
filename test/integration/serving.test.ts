import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  citus,
  containerOf,
  healthy,
  inMember,
  killMember,
  membersOf,
  needsCitus,
  query,
  runningCluster,
  status,
} from "../cluster/cluster.ts";
import { eventually, hosts, must, onHost, output } from "../cluster/lab.ts";
import { connect, startWriter } from "../cluster/writer.ts";
import { pulumi } from "./pulumi.ts";

/** What a running cluster does for its clients while it is used, changed and disturbed; each test leaves it whole. */

beforeAll(async () => {
  await runningCluster();
  await eventually(60, healthy);
  await query("CREATE TABLE IF NOT EXISTS serving (text text PRIMARY KEY)");
});

/** Writers on every group that clients can reach: with Citus each shard's own namespace, without it the coordinators. */
async function startWriters() {
  const url = await output("writeUrl");
  const writers = { coordinators: startWriter(url, "INSERT INTO serving VALUES ($1)") };
  if (!citus) return writers;
  const rows = await query(`
    SELECT DISTINCT ON (groupid) groupid, namespace
    FROM (SELECT 'serving-' || i AS namespace, get_shard_id_for_distribution_column('builtin.memory_entries', 'serving-' || i) AS shardid
          FROM generate_series(1, 200) i) namespaces
    JOIN pg_dist_placement USING (shardid) ORDER BY groupid, namespace`);
  const insert = (namespace = "") =>
    startWriter(url, `INSERT INTO builtin.memory_entries (namespace, key) VALUES ('${namespace}', $1)`);
  return {
    ...writers,
    ...Object.fromEntries(rows.map(({ groupid, namespace }) => [`shard-${groupid}`, insert(namespace)])),
  };
}

/** The longest silence of each in seconds. */
async function gapsOf(writers: Awaited<ReturnType<typeof startWriters>>): Promise<Record<string, number>> {
  const stopped = await Promise.all(
    Object.entries(writers).map(async ([name, writer]) => [name, (await writer.stop()).gap] as const),
  );
  const gaps = Object.fromEntries(stopped);
  console.log("longest silence of a writer, seconds:", gaps);
  return gaps;
}

/** When each container began, by its host and id. */
async function containers(): Promise<string[]> {
  const lists = hosts.map((host) => onHost(host, "docker ps -q --filter label=postgres-cluster.group"));
  return (await Promise.all(lists)).flatMap((list) => list.split("\n")).sort();
}

describe("sessions through virtual IP, HAProxy and PgBouncer", () => {
  test("prepared statements of the same name do not meet, and stay prepared", async () => {
    const url = await output("writeUrl");
    const clients = await Promise.all([connect(url), connect(url), connect(url)]);
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(
        clients.map((client, index) =>
          client.query({
            name: "same",
            text: `SELECT ${index} AS index, $1::int AS round`,
            values: [round],
          }),
        ),
      );
      expect(answers.map(({ rows }) => rows[0])).toEqual([0, 1, 2].map((index) => ({ index, round })));
    }
    await Promise.all(clients.map((client) => client.end()));
  });

  test("SET LOCAL holds in its transaction and ends with it", async () => {
    const client = await connect(await output("writeUrl"));
    const show = async () => (await client.query("SHOW work_mem")).rows[0].work_mem;
    const before = await show();
    await client.query("BEGIN; SET LOCAL work_mem = '77MB'");
    expect(await show()).toBe("77MB");
    await client.query("COMMIT");
    expect(await show()).toBe(before);
    await client.end();
  });

  test("a session goes on while a standby is replaced", async () => {
    const [, standby] = await membersOf("coordinators");
    if (!standby) throw new Error("the coordinators have no standby");
    const client = await connect(await output("writeUrl"));
    await client.query("SELECT 1");
    await killMember(standby);
    await eventually(60, healthy);
    expect((await client.query("SELECT pg_is_in_recovery() AS standby")).rows).toEqual([{ standby: false }]);
    await client.end();
  });
});

describe("the virtual IP", () => {
  const holders = async () => (await status()).virtualIp.holders;
  const heldByOne = async (not?: string) => {
    const now = await holders();
    expect(now).toHaveLength(1);
    expect(now).not.toContain(not);
    await query("SELECT 1");
  };

  test("leaves a proxy that does not answer", async () => {
    const [holder = ""] = await holders();
    const proxy = "$(docker ps -qf label=postgres-cluster.group=haproxy)";
    await onHost(holder, `docker pause ${proxy}`);
    try {
      await eventually(20, () => heldByOne(holder));
    } finally {
      await onHost(holder, `docker unpause ${proxy}`);
    }
    await eventually(60, healthy);
  });

  test("survives the end of the program that holds it", async () => {
    const [holder = ""] = await holders();
    await onHost(holder, "systemctl kill -s KILL postgres-cluster-virtual-ip");
    await eventually(20, () => heldByOne());
    await eventually(30, healthy);
  });
});

describe("a crash", () => {
  // Where commits wait for a standby that takes over; elsewhere only the leader's own disk has all that was committed.
  test.each([
    ["coordinators", true],
    ["shard-2", false],
  ])("of PostgreSQL on the leader of %s is over in seconds; another leads: %s", async (group, another) => {
    const [leader] = await membersOf(group);
    const postmaster = "head -n 1 /var/lib/postgresql/data/pgdata/postmaster.pid";
    const crashed = await inMember(leader, postmaster);
    const writers = await startWriters();
    await inMember(leader, `kill -KILL ${crashed}`);
    await eventually(60, async () =>
      another
        ? expect((await membersOf(group))[0].name).not.toBe(leader.name)
        : expect(await inMember(leader, postmaster)).not.toBe(crashed),
    );
    await eventually(60, healthy);
    if (!another) expect((await membersOf(group))[0].name).toBe(leader.name);
    for (const [name, gap] of Object.entries(await gapsOf(writers))) expect(gap, name).toBeLessThan(5);
  });
});

describe("workers", () => {
  test("a copy that is cut off begins anew", async () => {
    const [leader, standby] = await membersOf("shard-1");
    if (!standby) throw new Error("shard-1 has no standby");
    const config = "-c /etc/patroni/patroni.yml";
    const scope = citus ? "postgres-cluster --group 1" : "shard-1";
    // On its host, for the copy of an empty database is done within a second.
    const note = `/var/lib/docker/volumes/${standby.name}/_data/pgdata.unfinished`;
    const cut = onHost(
      standby.host,
      `id=${containerOf(standby)}; timeout 30 sh -c 'until test -e ${note}; do sleep 0.01; done' && docker kill $id`,
    );
    await inMember(leader, `patronictl ${config} reinit ${scope} ${standby.name} --force`);
    await cut;
    await eventually(90, healthy);
  });

  test("can be made synchronous, without a restart", async () => {
    const before = await containers();
    expect((await pulumi("up", { change: { database: { synchronous: { workers: true } } } })).status).toBe(0);
    const [leader] = await membersOf("shard-3");
    const names = () => inMember(leader, "psql -XqAtc 'SHOW synchronous_standby_names'");
    await eventually(30, async () => expect(await names()).toMatch(/^ANY 1 \("worker-3-\d"\)$/));
    expect((await pulumi("up")).status).toBe(0);
    await eventually(30, async () => expect(await names()).toBe(""));
    expect(await containers()).toEqual(before);
  });
});

describe("changes", () => {
  test("a new image and size roll through every group, and no writer sees a gap over 5 s", async () => {
    const before = await containers();
    const images = JSON.parse(await must(["cat", "build/images.json"])) as Record<string, string>;
    const [repository = ""] = (images.database ?? "").split(":17");
    // The same layers under another digest.
    await must([
      "skopeo",
      "copy",
      "--quiet",
      "--format=v2s2",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      `docker://${repository}@${images.database?.split("@")[1]}`,
      `docker://${repository}:other`,
    ]);
    const digest = await must([
      "skopeo",
      "inspect",
      "--tls-verify=false",
      "--format={{.Digest}}",
      `docker://${repository}:other`,
    ]);
    const change = {
      images: { database: `${repository}:other@${digest}`, ...(citus && { citus: images.citus }) },
      resources: { worker: { cpus: 1, memory: "1100MB", storage: "5GB" } },
    };
    const writers = await startWriters();
    const up = await pulumi("up", { change });
    expect(up.output).toMatch(/Resources:\s+~ \d+ updated/);
    expect(up.status).toBe(0);
    const gaps = await gapsOf(writers);
    const after = await containers();
    expect(after.filter((id) => before.includes(id))).toHaveLength(before.length - 9);
    for (const [group, gap] of Object.entries(gaps)) expect(gap, group).toBeLessThan(5);
    await eventually(30, healthy);
  });

  test("a new password holds at once, and members go on", async () => {
    const before = await containers();
    const old = await output("writeUrl");
    const state = JSON.parse(await must(["pulumi", "stack", "export"])) as {
      deployment: { resources: { urn: string; type: string }[] };
    };
    const urn =
      state.deployment.resources.find(({ urn }) => urn.endsWith("::cluster-database-password"))?.urn ?? "";
    const up = await pulumi("up", { flags: ["--target-replace", urn, "--target-dependents"] });
    expect(up.status).toBe(0);
    const now = await output("writeUrl");
    expect(now).not.toBe(old);
    await expect(query("SELECT 1", old)).rejects.toThrow(/authentication/);
    await query(
      "INSERT INTO builtin.memory_entries (namespace, key) VALUES ('rotation', gen_random_uuid()::text)",
      now,
    );
    expect(await containers()).toEqual(before);
  });

  test("a migration that fails half way leaves the database as it was, and is named with its line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-test-"));
    writeFileSync(
      join(folder, "001_broken.sql"),
      "CREATE TABLE half (id int);\n\nINSERT INTO nowhere VALUES (1);\n",
    );
    try {
      const up = await pulumi("up", { change: { database: { migrations: folder } } });
      expect(up.status).not.toBe(0);
      expect(up.output).toMatch(/001_broken\.sql:3: ERROR: +relation "nowhere" does not exist/);
      expect(await query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect((await pulumi("up")).status).toBe(0);
  });

  test("a vector engine that the image lacks is refused before anything restarts", async () => {
    const before = await containers();
    const up = await pulumi("up", { change: { database: { vectorEngine: "ruvector" } } });
    expect(up.status).not.toBe(0);
    expect(up.output).toMatch(/database\.vectorEngine/);
    expect(up.seconds).toBeLessThan(20);
    expect(await containers()).toEqual(before);
  });

  test("shard 4 comes as a pair, and nothing else restarts", async () => {
    const before = await containers();
    const up = await pulumi("up", { change: { placement: { workerGroups: 4 } } });
    expect(up.status).toBe(0);
    const after = await containers();
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after).toHaveLength(before.length + 2);
  });

  test.skipIf(!citus)(`asked for, shards move onto the new pair${needsCitus}`, async () => {
    const change = { placement: { workerGroups: 4 }, database: { rebalance: true } };
    const placed = async () =>
      Number((await query("SELECT count(*) FROM pg_dist_placement WHERE groupid = 4"))[0]?.count);
    // Reference tables are there already.
    expect(await placed()).toBeLessThan(8);
    expect((await pulumi("up", { change })).status).toBe(0);
    expect(await placed()).toBeGreaterThanOrEqual(8);
  });
});
