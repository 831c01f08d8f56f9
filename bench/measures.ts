import { randomBytes } from "node:crypto";
import type { ClusterConfig } from "../config/ClusterConfig.ts";
import type { Topology } from "../config/topology.ts";
import type { Client, Connection } from "./client.ts";
import { rowOf, typeOf, type Vector } from "./data.ts";
import { latencies, medianLatency, steadyRate, type Workload } from "./pgbench.ts";
import { median, percentile } from "./stats.ts";

export const runs = 5;
/** Number of inserts in each run; the first ones only warm up. */
export const inserts = { all: 320, warmUp: 20 } as const;
/** Number of vectors to search for, each once to warm up and once measured. */
const searches = 60;
/** Of the password that short-lived clients come with. */
const role = "postgres_cluster_bench";

/** What is measured, and by whom. */
export interface Scene {
  readonly config: ClusterConfig;
  readonly topology: Topology;
  /** Whether rows are spread over shards. */
  readonly citus: boolean;
  readonly client: Client;
  /** Progress. */
  say(words: string): void;
}

export interface Bench extends Scene {
  /** To search for. */
  readonly queries: readonly Vector[];
  /** To insert, each once. */
  readonly fresh: readonly Vector[];
}

/** Runs the measurements in turn, several times, so that a temporary disturbance affects all of them. */
async function interleaved<Name extends string, Sample>(
  { say }: Bench,
  what: string,
  sides: Record<Name, (run: number) => Promise<Sample>>,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(sides) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>;
  for (let run = 0; run < runs; run++) {
    say(`${what}: run ${run + 1} of ${runs}`);
    for (const name of names) samples[name].push(await sides[name](run));
  }
  return samples;
}

/** The reference architecture's search; `table` and `where` say in what, `vector` is an expression. */
const search = (table: string, vector: string, where = "") =>
  `SELECT namespace, key, value, 1 - (embedding <=> ${vector}) AS similarity FROM ${table} ${where} ` +
  `ORDER BY embedding <=> ${vector} LIMIT 10`;

/** Statements that search for `:vector0`, `:vector1`, …, and the values of these. */
function searchesFor(bench: Bench, count: number, statement: (vector: string, index: number) => string) {
  const type = typeOf(bench.config.database);
  const vectors = bench.queries.slice(0, count);
  return {
    protocol: "prepared" as const,
    statements: vectors.map((_, index) => statement(`:vector${index}::${type}`, index)),
    variables: Object.fromEntries(vectors.map(({ embedding }, index) => [`vector${index}`, embedding])),
  };
}

/** Rows of the tables by their primary key. */
function lookups(count: number): Pick<Workload, "protocol" | "statements" | "variables"> {
  const rows = Array.from({ length: count }, (_, index) => rowOf(1 + index * 97));
  return {
    protocol: "prepared",
    statements: rows.map(
      (_, index) =>
        `SELECT value FROM bench.memory WHERE namespace = :namespace${index} AND key = :key${index}`,
    ),
    variables: Object.fromEntries(
      rows.flatMap(({ namespace, key }, index) => [
        [`namespace${index}`, namespace],
        [`key${index}`, key],
      ]),
    ),
  };
}

/** Transactions per second of 16 clients, through the whole path and at the leader itself. */
async function rates(
  bench: Bench,
  what: string,
  work: Pick<Workload, "protocol" | "statements" | "variables">,
) {
  const { client } = bench;
  const workload: Workload = { ...work, clients: 16, length: { seconds: 6 } };
  const rate = async (connection: Connection) => steadyRate(await client.pgbench(connection, workload), 2);
  return interleaved(bench, what, {
    virtualIp: () => rate(client.virtualIp),
    leader: async () => {
      // Together with PgBouncer's idle connections these may be too many for a small server.
      await client.releasePool();
      return rate(client.leader);
    },
  });
}

/** Vectors to search for, each with a namespace that has rows of its kind. */
function namespacedSearches(bench: Bench, count: number) {
  const statement = (vector: string, index: number) =>
    search("bench.memory", vector, `WHERE namespace = :namespace${index}`);
  const work = searchesFor(bench, count, statement);
  const namespaces = bench.queries
    .slice(0, count)
    .map(({ namespace }, index) => [`namespace${index}`, namespace]);
  return { ...work, variables: { ...work.variables, ...Object.fromEntries(namespaces) } };
}

/**
 * The reference workload (docs/reference-architecture.md, Component interaction), per second: in turn an INSERT, a search
 * in a namespace, a search of all rows.
 */
export function flowRates(bench: Bench) {
  const work = namespacedSearches(bench, 8);
  const type = typeOf(bench.config.database);
  const statements = work.statements.flatMap((inNamespace, index) => [
    "INSERT INTO bench.written (namespace, key, value, embedding) " +
      `VALUES (:namespace${index}, gen_random_uuid()::text, 'data', :vector${index}::${type})`,
    inNamespace,
    search("bench.memory", `:vector${index}::${type}`),
  ]);
  return rates(bench, "the reference workload by 16 clients", { ...work, statements });
}

/** Searches within a namespace, per second. */
export const searchRates = (bench: Bench) =>
  rates(bench, "searches in a namespace by 16 clients", namespacedSearches(bench, 16));

/** The cheapest query that there is, per second. */
export const lookupRates = (bench: Bench) => rates(bench, "lookups by 16 clients", lookups(16));

/** Median milliseconds of a lookup by one client. */
export async function lookupTimes(bench: Bench) {
  const { client } = bench;
  const workload: Workload = { ...lookups(16), clients: 1, length: { transactions: 600 } };
  const time = async (connection: Connection) =>
    medianLatency(await client.pgbench(connection, workload), 100);
  return interleaved(bench, "lookups by one client", {
    virtualIp: () => time(client.virtualIp),
    leader: () => time(client.leader),
  });
}

/** Median milliseconds of a search of all rows: on all shards at once, worker after worker, in one plain table. */
export async function searchTimes(bench: Bench) {
  const { client, topology } = bench;
  const times = async (connection: Connection, statement: (vector: string) => string) =>
    latencies(await client.pgbench(connection, oneByOne(bench, statement)), searches);
  const workers = await Promise.all(
    topology.groups
      .filter(({ kind }) => kind === "worker")
      .map(async (group) => ({
        connection: client.leaderOf(group),
        shards: await shardsOf(bench, group.citusGroup),
      })),
  );
  return interleaved(bench, "searches of all shards", {
    atOnce: async () => median(await times(client.leader, (vector) => search("bench.memory", vector))),
    workerAfterWorker: async () => {
      const sums = Array<number>(searches).fill(0);
      for (const { connection, shards } of workers) {
        const own = await times(connection, (vector) => searchOfShards(shards, vector));
        for (const [index, time] of own.entries()) sums[index] = (sums[index] ?? 0) + time;
      }
      return median(sums);
    },
    unsharded: async () => median(await times(client.leader, (vector) => search("bench.unsharded", vector))),
  });
}

/** One client, every vector twice. */
const oneByOne = (bench: Bench, statement: (vector: string) => string): Workload => ({
  ...searchesFor(bench, searches, statement),
  clients: 1,
  length: { transactions: 2 * searches },
});

/** What a coordinator would ask of one worker, as a single query. */
function searchOfShards(shards: readonly string[], vector: string): string {
  const nearest = shards.map(
    (shard) =>
      `(SELECT namespace, key, value, embedding <=> ${vector} AS distance FROM ${shard} ORDER BY embedding <=> ${vector} LIMIT 10)`,
  );
  return (
    "SELECT namespace, key, value, 1 - distance AS similarity " +
    `FROM (${nearest.join(" UNION ALL ")}) AS nearest ORDER BY distance LIMIT 10`
  );
}

async function shardsOf({ client }: Bench, citusGroup: number): Promise<string[]> {
  const rows = await client.sql(
    client.leader,
    `SELECT s.shard_name FROM citus_shards AS s JOIN pg_dist_node AS n USING (nodename, nodeport)
WHERE s.table_name = 'bench.memory'::regclass AND n.noderole = 'primary' AND n.groupid = ${citusGroup}
ORDER BY s.shardid`,
  );
  if (rows.length === 0) {
    throw new Error(
      `worker group ${citusGroup} has no shard: fewer shards than groups (database.shardCount)`,
    );
  }
  return rows.map(([name = ""]) => name);
}

/** Milliseconds of single-row inserts through the virtual IP. */
export async function insertTimes(bench: Bench) {
  const { client, fresh, config } = bench;
  const { runs: all } = await interleaved(bench, "inserts", {
    runs: async (run) => {
      const rows = fresh.slice(run * inserts.all, (run + 1) * inserts.all);
      const outcome = await client.pgbench(client.virtualIp, {
        statements: rows.map(
          ({ namespace, number, embedding }) =>
            "INSERT INTO bench.memory (namespace, key, value, embedding) " +
            `VALUES ('${namespace}', 'key-${number}', 'data', '${embedding}'::${typeOf(config.database)})`,
        ),
        // Each is sent once: preparing it would be another round trip.
        protocol: "simple",
        clients: 1,
        length: { transactions: inserts.all },
      });
      return latencies(outcome, inserts.warmUp);
    },
  });
  const at = (share: number) => all.map((times) => percentile(times, share));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Median milliseconds of an insert that stays on the coordinator: acknowledged by a standby, or by itself alone. */
export async function commitTimes(bench: Bench) {
  const { client } = bench;
  const time = async (commit: "on" | "local") => {
    const connection = {
      ...client.leader,
      conninfo: `${client.leader.conninfo} options='-c synchronous_commit=${commit}'`,
    };
    const outcome = await client.pgbench(connection, {
      statements: ["INSERT INTO bench.journal (value) VALUES ('data')"],
      protocol: "prepared",
      clients: 1,
      length: { transactions: 320 },
    });
    return medianLatency(outcome, 20);
  };
  return interleaved(bench, "commits", { synchronous: () => time("on"), local: () => time("local") });
}

/** Connections per second of 500 clients, 25 at a time, each for one query that concerns no shard. */
export async function shortClientRates(bench: Bench) {
  const { client } = bench;
  const password = randomBytes(24).toString("hex");
  const arrive = async (connection: Connection, each: number): Promise<number> => {
    const outcome = await client.pgbench(connection, {
      statements: ["SELECT 1"],
      protocol: "simple",
      clients: 25,
      length: { transactions: each },
      reconnect: true,
    });
    return outcome.rate;
  };
  await dropRole(client);
  const hour = new Date(Date.now() + 3600e3).toISOString();
  await client.sql(
    client.superuser,
    `\\set VERBOSITY terse
-- The password must not reach the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off;
CREATE ROLE ${role} LOGIN PASSWORD '${password}' VALID UNTIL '${hour}';
GRANT CONNECT ON DATABASE postgres TO ${role};`,
  );
  return interleaved(bench, "short-lived clients", {
    pooler: async () => {
      const pooler = client.atLeader(role, password, "pooler");
      // So that it has open connections, as it would in normal use.
      await arrive(pooler, 1);
      return arrive(pooler, 20);
    },
    directly: async () => {
      await client.releasePool();
      return arrive(client.atLeader(role, password, "postgres"), 20);
    },
  });
}

/** Closes PgBouncer's connections, too, which would wait for more clients of the role. */
export async function dropRole(client: Client): Promise<void> {
  await client.sql(
    client.superuser,
    `SET client_min_messages = warning;
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '${role}' \\g /dev/null
SELECT 'DROP OWNED BY ${role}' FROM pg_roles WHERE rolname = '${role}' \\gexec
DROP ROLE IF EXISTS ${role};`,
  );
}
