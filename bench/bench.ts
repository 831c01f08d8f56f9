/** Measures the cluster of a stack, prints a table and writes build/bench.json; docs/performance.md tells how. */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { collect } from "../cli/collect.ts";
import { type Report, reportOf } from "../cli/report.ts";
import { stackConfig } from "../cli/stack.ts";
import { leaderConninfo } from "../components/postgres/patroni.ts";
import { Client } from "./client.ts";
import { load, moreVectors, unload } from "./data.ts";
import { interruption } from "./interruption.ts";
import { type Bench, dropRole, inserts, runs, type Scene } from "./measures.ts";
import { handOver, type Look, leadersOf } from "./recall.ts";
import { table } from "./report.ts";
import { findingsOf, measure, recallNeeded } from "./results.ts";
import { say } from "./say.ts";

/** Number of vectors to search for. */
const queries = 100;

async function main(stack: string, signal: AbortSignal): Promise<void> {
  const settings = stackConfig(stack);
  const { topology } = settings;
  const look: Look = async () => reportOf(settings, await collect(settings));
  const report = await look();
  if (!report.healthy) {
    throw new Error(`the cluster is not healthy; repair it and run again: ${report.problems.join("; ")}`);
  }
  const citus = report.citus?.version ?? null;
  const config = { ...settings, images: { ...settings.images, citus } };
  const access = { config, topology, report, password: passwordOf(stack) };
  const scene: Scene = {
    config,
    topology,
    citus: citus !== null,
    client: new Client({ ...access, signal }),
    say,
  };
  try {
    const about = await describe(scene);
    const bench = await prepare(scene);
    const results = await measure(bench, async () => {
      signal.throwIfAborted();
      return look();
    });
    mkdirSync("build", { recursive: true });
    writeFileSync("build/bench.json", `${JSON.stringify({ ...about, ...results }, null, 2)}\n`);
    process.stdout.write(table(findingsOf(results)));
    if (results.recallAt10 && results.recallAt10.worst < recallNeeded) {
      throw new Error(
        `the recall of the index is too low: ${results.recallAt10.worst}; at least ${recallNeeded} is expected`,
      );
    }
  } finally {
    // With a client that continues after an interruption.
    await restore({ ...scene, client: new Client(access) }, look, report).catch((error: Error) => {
      console.error(`not everything could be restored: ${error.message}`);
      process.exitCode = 1;
    });
  }
}

/** The application's password, from the stack's output writeUrl. */
function passwordOf(stack: string): string {
  const args = ["stack", "output", "writeUrl", "--show-secrets", "--non-interactive", "--stack", stack];
  try {
    const url = execFileSync("pulumi", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    return decodeURIComponent(new URL(url.trim()).password);
  } catch (error) {
    const words = String((error as { stderr?: string }).stderr ?? (error as Error).message).trim();
    throw new Error(`the stack's output writeUrl cannot be read: ${words}`);
  }
}

async function describe({ client, config }: Scene) {
  say("looking at the machine");
  const { pgbouncer, ...host } = await client.machine();
  const { coordinator, worker, proxy } = config.resources;
  const versions = await client.sql(
    client.leader,
    `SELECT 'postgresql', split_part(current_setting('server_version'), ' ', 1)
UNION ALL SELECT extname, extversion FROM pg_extension WHERE extname IN ('citus', 'vector', 'ruvector')`,
  );
  return {
    machine: { hosts: config.hosts.length, ...host, limits: { coordinator, worker, proxy } },
    versions: { ...Object.fromEntries(versions), pgbouncer },
  };
}

async function prepare(scene: Scene): Promise<Bench> {
  const { client, config, topology, citus } = scene;
  say("loading rows");
  await unload(client);
  await load(client, config.database, citus);
  const vectors = await moreVectors(client, queries + runs * inserts.all);
  // So that changes from loading are not written during the measurement.
  for (const group of topology.groups) await client.sql({ conninfo: leaderConninfo(group) }, "CHECKPOINT");
  return { ...scene, queries: vectors.slice(0, queries), fresh: vectors.slice(queries) };
}

/** As it was before. */
async function restore(scene: Scene, look: Look, before: Report): Promise<void> {
  say("cleaning up");
  await unload(scene.client);
  await dropRole(scene.client);
  const leaders = leadersOf(before);
  const now = leadersOf(await look());
  if ([...leaders].some(([group, member]) => now.get(group) !== member)) await handOver(scene, look, leaders);
}

const stack = process.env.PULUMI_STACK;
try {
  if (!stack) throw new Error("which stack? Name it with PULUMI_STACK");
  await main(stack, interruption.signal);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
