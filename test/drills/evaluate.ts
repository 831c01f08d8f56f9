import { mkdirSync, writeFileSync } from "node:fs";
import { say } from "../../bench/say.ts";
import { longestSilence } from "../cluster/silence.ts";
import { sumOf } from "./compare.ts";
import { topology } from "./places.ts";
import type { Recorder } from "./recorder.ts";
import type { Run } from "./results.ts";

/**
 * Whether every run healed, nothing acknowledged on synchronous data was lost, and nothing was duplicated: then the exit
 * status is 0, whatever the times.
 */
export const verdict = {
  failed: false,
  fail(words: string): void {
    this.failed = true;
    say(`FAILED  ${words}`);
  },
};

/** What is looked at. */
export interface Watched {
  readonly name: string;
  /** Whose writers had to wait for the next committed write. */
  readonly group: string;
  /** The shards that the fault concerns. */
  readonly concerned: readonly string[];
  /** On the writers' clock: from when on they waited, and until when they were watched. */
  readonly from: number;
  readonly to: number;
}

/** What the clients saw, beside what the database has; says it, and counts what must not be as a failure. */
export async function evaluate(
  { name, group, concerned, from, to }: Watched,
  recorder: Recorder,
): Promise<Run> {
  const groups = await recorder.compare();
  const others = recorder.shards.filter((shard) => !concerned.includes(shard));
  const gaps = others.map(
    (shard) => longestSilence(from, to, recorder.writersOf(shard)) ?? Math.round(to - from),
  );
  for (const client of recorder.clients) {
    const { attempts } = client.writer;
    const errors = attempts.flatMap(({ begun, error }) =>
      begun >= from && begun <= to ? (error ?? []) : [],
    );
    const silence = longestSilence(from, to, [attempts]);
    const words = silence === null ? "never served" : `longest silence ${silence} ms`;
    say(`  ${client.name}: ${words}, ${errors.length} errors${errors[0] ? `, first: ${errors[0]}` : ""}`);
  }
  for (const [where, { acknowledged, lost, duplicated }] of groups) {
    const words = `${where}: ${lost} of ${acknowledged} acknowledged writes lost, ${duplicated} duplicated`;
    say(`  ${words}`);
    const synchronous = topology().groups.find((each) => each.name === where)?.synchronous;
    if ((lost > 0 && synchronous) || duplicated > 0) verdict.fail(`${name}: ${words}`);
  }
  const run = {
    rtoMs: longestSilence(from, to, recorder.writersOf(group)),
    ...sumOf(groups.values()),
    otherShardsGapMs: gaps.length > 0 ? Math.max(...gaps) : null,
  };
  say(`  next committed write after ${run.rtoMs ?? "-"} ms, ${run.lost} of ${run.acknowledged} lost`);
  return run;
}

/** Every attempt of every client as [number, begun, ended, error], in milliseconds from the fault on, in build/drills. */
export function keepAttempts(file: string, from: number, recorder: Recorder): void {
  const folder = new URL("../../build/drills/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const clients = recorder.clients.map(({ name, writer }) => ({
    name,
    attempts: writer.attempts.map(({ number, begun, ended, error = null }) => [
      number,
      begun - from,
      ended - from,
      error,
    ]),
  }));
  writeFileSync(new URL(`${file}.json`, folder), JSON.stringify(clients));
}
