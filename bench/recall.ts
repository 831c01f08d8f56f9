import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../cli/report.ts";
import type { Group } from "../config/topology.ts";
import { typeOf } from "./data.ts";
import type { Bench, Scene } from "./measures.ts";

/** How many of the nearest rows count. */
const nearest = 10;

/** The share of the nearest rows that the index finds, over all queries. */
export async function recallAt10(bench: Bench): Promise<number> {
  const { client, queries, config } = bench;
  const type = typeOf(config.database);
  const searches = (kind: string, order: (distance: string) => string) =>
    queries
      .map(({ number, embedding }) => {
        const nearestFirst = order(`embedding <=> '${embedding}'::${type}`);
        return `SELECT ${number}, '${kind}', namespace, key FROM bench.memory ORDER BY ${nearestFirst} LIMIT ${nearest};`;
      })
      .join("\n");
  return recallOf(
    await client.sql(
      client.leader,
      `SET citus.propagate_set_commands = 'local';
BEGIN;
-- A shard of few rows is searched row by row unless told otherwise, and would say nothing of its index.
SET LOCAL enable_seqscan = off;
${searches("found", (distance) => distance)}
COMMIT;
-- No index serves this.
${searches("nearest", (distance) => `(${distance}) + 0`)}`,
    ),
  );
}

/** Rows of query, found or nearest, namespace, key. */
export function recallOf(rows: readonly (readonly string[])[]): number {
  const keys = (kind: string) =>
    new Set(
      rows
        .filter((row) => row[1] === kind)
        .map(([query, , namespace, key]) => [query, namespace, key].join("|")),
    );
  const found = keys("found");
  const right = keys("nearest");
  if (right.size === 0) throw new Error("the searches returned no rows, so the recall is unknown");
  return [...right].filter((key) => found.has(key)).length / right.size;
}

/** Reports the state of the cluster. */
export type Look = () => Promise<Report>;

/** The leaders of the groups, by the groups' names. */
export type Leaders = ReadonlyMap<string, string>;

export function leadersOf(report: Report): Leaders {
  return membersOf(report, (role) => role === "leader");
}

/** A standby of each shard that has one. */
export function standbysOf(report: Report, shards: readonly Group[]): Leaders {
  const standbys = membersOf(report, (role) => role !== "leader");
  return new Map([...standbys].filter(([group]) => shards.some(({ name }) => name === group)));
}

function membersOf({ groups }: Report, fits: (role: string | null) => boolean): Leaders {
  return new Map(
    groups.flatMap(({ name, members }) => {
      const member = members.find(({ role }) => fits(role));
      return member ? [[name, member.name] as const] : [];
    }),
  );
}

/** Makes these members the leaders, and waits until the cluster is healthy with them. */
export async function handOver({ client, topology }: Scene, look: Look, wanted: Leaders): Promise<void> {
  const deadline = Date.now() + 240e3;
  for (;;) {
    const report = await look();
    const leaders = leadersOf(report);
    const others = topology.groups.filter(
      ({ name }) => wanted.has(name) && leaders.get(name) !== wanted.get(name),
    );
    if (report.healthy && others.length === 0) return;
    if (Date.now() > deadline) {
      const problems =
        report.problems.join("; ") || others.map(({ name }) => `${name} does not switch over`).join("; ");
      throw new Error(
        `the cluster is not healthy 4 minutes after a switchover: ${problems}; see make status`,
      );
    }
    // A group without a leader is still switching over.
    for (const group of others) {
      const from = leaders.get(group.name);
      if (from) await client.switchOver(group, from, wanted.get(group.name) as string);
    }
    await sleep(2000);
  }
}
