import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { median } from "../../bench/stats.ts";

/** What `make drills` writes: build/drills.json. */
export interface Results {
  readonly scenarios: readonly { readonly name: string; readonly runs: readonly Run[] }[];
}

export interface Run {
  /** Until the next committed write (silence.ts); null when none came. */
  readonly rtoMs: number | null;
  /** Of all groups, as are the next two. */
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
  /** The longest silence of the shards that the fault does not concern; null when it concerns all, and without Citus. */
  readonly otherShardsGapMs: number | null;
}

/** The median and the worst of a scenario's runs; one without another write is worse than any number. */
export interface Summary {
  readonly runs: number;
  readonly medianMs: number | null;
  readonly worstMs: number | null;
  readonly lost: number;
  readonly duplicated: number;
  readonly otherShardsGapMs: number | null;
}

export function summaryOf(runs: readonly Run[]): Summary {
  const finite = (value: number) => (Number.isFinite(value) ? Math.round(value) : null);
  const times = runs.map(({ rtoMs }) => rtoMs ?? Number.POSITIVE_INFINITY);
  const gaps = runs.flatMap(({ otherShardsGapMs }) => otherShardsGapMs ?? []);
  return {
    runs: runs.length,
    medianMs: times.length > 0 ? finite(median(times)) : null,
    worstMs: times.length > 0 ? finite(Math.max(...times)) : null,
    lost: runs.reduce((sum, { lost }) => sum + lost, 0),
    duplicated: runs.reduce((sum, { duplicated }) => sum + duplicated, 0),
    otherShardsGapMs: gaps.length > 0 ? Math.max(...gaps) : null,
  };
}

const path = new URL("../../build/drills.json", import.meta.url);

/** Null when nothing was measured. */
export function readResults(): Results | null {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Results) : null;
}

/** Replaces a scenario's runs and keeps the other scenarios'. */
export function withRuns({ scenarios }: Results, name: string, runs: readonly Run[]): Results {
  const scenario = { name, runs };
  return scenarios.some((each) => each.name === name)
    ? { scenarios: scenarios.map((each) => (each.name === name ? scenario : each)) }
    : { scenarios: [...scenarios, scenario] };
}

export function writeRuns(name: string, runs: readonly Run[]): void {
  mkdirSync(new URL(".", path), { recursive: true });
  const results = withRuns(readResults() ?? { scenarios: [] }, name, runs);
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}
