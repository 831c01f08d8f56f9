import {
  type Bench,
  commitTimes,
  flowRates,
  insertTimes,
  lookupRates,
  lookupTimes,
  searchRates,
  searchTimes,
  shortClientRates,
} from "./measures.ts";
import { handOver, type Look, leadersOf, recallAt10, standbysOf } from "./recall.ts";
import type { Figure, Finding } from "./report.ts";
import { type Better, type Summary, summary } from "./stats.ts";

/** What build/bench.json has beside the machine and the versions; null is what was not measured. */
export interface Results {
  readonly ratios: {
    readonly proxyThroughput: Summary;
    readonly proxyAddedMs: Summary;
    readonly fanoutVsSequential: Summary | null;
    readonly fanoutVsUnsharded: Summary | null;
    readonly syncAddedMs: Summary;
    readonly poolerShortClients: Summary;
  };
  readonly insertMs: { readonly p50: Summary; readonly p95: Summary; readonly p99: Summary };
  /** The runs are those on the primaries and on the promoted standbys. */
  readonly recallAt10:
    | (Summary & { readonly primaries: number; readonly promotedStandbys: number | null })
    | null;
  /** Why something is null. */
  readonly skipped: string | null;
  /** The sides of the ratios. */
  readonly details: Readonly<Record<string, Summary | null>>;
}

/** The index has to find at least this share of the nearest rows. */
export const recallNeeded = 0.95;

export async function measure(bench: Bench, look: Look): Promise<Results> {
  const { citus } = bench;
  const times = citus ? await searchTimes(bench) : null;
  const flows = await flowRates(bench);
  const searches = await searchRates(bench);
  const lookups = await lookupRates(bench);
  const single = await lookupTimes(bench);
  const commits = await commitTimes(bench);
  const short = await shortClientRates(bench);
  const inserted = await insertTimes(bench);
  const recall = citus ? await recalls(bench, look) : null;

  const pairs = (one: readonly number[], other: readonly number[], join: (a: number, b: number) => number) =>
    one.map((value, index) => join(value, other[index] as number));
  const ratio = (one: readonly number[], other: readonly number[], better: Better) =>
    summary(
      pairs(one, other, (a, b) => a / b),
      better,
    );
  const added = (one: readonly number[], other: readonly number[]) =>
    summary(
      pairs(one, other, (a, b) => a - b),
      "lower",
    );
  const each = <Name extends string>(prefix: string, samples: Record<Name, number[]>, better: Better) =>
    Object.entries<number[]>(samples).map(([name, values]) => [`${prefix}.${name}`, summary(values, better)]);

  return {
    ratios: {
      proxyThroughput: ratio(flows.virtualIp, flows.leader, "higher"),
      proxyAddedMs: added(single.virtualIp, single.leader),
      fanoutVsSequential: times && ratio(times.atOnce, times.workerAfterWorker, "lower"),
      fanoutVsUnsharded: times && ratio(times.atOnce, times.unsharded, "lower"),
      syncAddedMs: added(commits.synchronous, commits.local),
      poolerShortClients: ratio(short.pooler, short.directly, "higher"),
    },
    insertMs: {
      p50: summary(inserted.p50, "lower"),
      p95: summary(inserted.p95, "lower"),
      p99: summary(inserted.p99, "lower"),
    },
    recallAt10: recall && {
      ...summary(
        Object.values(recall).filter((value) => value !== null),
        "higher",
      ),
      ...recall,
    },
    skipped: citus ? null : "no Citus in the image",
    details: {
      searchThroughput: ratio(searches.virtualIp, searches.leader, "higher"),
      lookupThroughput: ratio(lookups.virtualIp, lookups.leader, "higher"),
      ...Object.fromEntries([
        ...each("statementsPerSecond", flows, "higher"),
        ...each("searchesPerSecond", searches, "higher"),
        ...each("lookupsPerSecond", lookups, "higher"),
        ...each("lookupMs", single, "lower"),
        ...(times ? each("searchMs", times, "lower") : []),
        ...each("commitMs", commits, "lower"),
        ...each("shortClientsPerSecond", short, "higher"),
      ]),
    },
  };
}

/** On the primaries, and again after every worker group that has a standby was switched over to it. */
async function recalls(bench: Bench, look: Look) {
  bench.say("recall on the primaries");
  const primaries = await recallAt10(bench);
  const shards = bench.topology.groups.filter(({ kind }) => kind === "worker");
  const report = await look();
  const standbys = standbysOf(report, shards);
  if (standbys.size === 0) return { primaries, promotedStandbys: null };
  bench.say("switching over to the standbys");
  await handOver(bench, look, standbys);
  bench.say("recall on the promoted standbys");
  const promotedStandbys = await recallAt10(bench);
  bench.say("switching back");
  await handOver(bench, look, leadersOf(report));
  return { primaries, promotedStandbys };
}

const least = (value: number): Figure => ({ text: `at least ${value}`, limit: { least: value } });
const most = (value: number, text = `at most ${value}`): Figure => ({ text, limit: { most: value } });

/** The lines of the table; figures are the project's own goals, or promises of the reference architecture. */
export function findingsOf({ ratios, insertMs, recallAt10, skipped, details }: Results): Finding[] {
  const line = (what: string, value: Summary | null | undefined, figure?: Figure): Finding => ({
    what,
    summary: value ?? null,
    ...(!value && skipped && { why: skipped }),
    ...(figure && { figure }),
  });
  const one = (value: number | null | undefined) => (value == null ? null : summary([value], "higher"));
  const recall = least(recallNeeded);
  return [
    line("the reference workload, 16 clients: virtual IP / leader", ratios.proxyThroughput, least(0.85)),
    line("searches in a namespace, 16 clients: virtual IP / leader", details.searchThroughput),
    line("lookups by key, 16 clients: virtual IP / leader", details.lookupThroughput),
    line("lookup by key, ms: virtual IP - leader", ratios.proxyAddedMs, most(0.6)),
    line(
      "search of all shards, time: at once / worker after worker",
      ratios.fanoutVsSequential,
      most(0.4, "0.4 (6 of 15 ms)"),
    ),
    line("search of all shards, time: at once / one unsharded table", ratios.fanoutVsUnsharded),
    line("insert through the virtual IP, ms: median", insertMs.p50, most(8, "4 to 8")),
    line("insert through the virtual IP, ms: 95th percentile", insertMs.p95, most(8, "4 to 8")),
    line("insert through the virtual IP, ms: 99th percentile", insertMs.p99, most(8, "4 to 8")),
    line("commit, ms: synchronous - local", ratios.syncAddedMs, most(10, "5 to 10")),
    line("500 short-lived clients, rate: PgBouncer / PostgreSQL", ratios.poolerShortClients),
    line("recall at 10: primaries", one(recallAt10?.primaries), recall),
    line("recall at 10: promoted standbys", one(recallAt10?.promotedStandbys), recall),
  ];
}
