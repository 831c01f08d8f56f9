/**
 * Breaks the lab's running cluster on purpose, scenario by scenario, and measures what clients see of it.
 * `make drills`, `make drills SCENARIO=name RUNS=n`; writes build/drills.json, and each client's attempts to build/drills/.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { aligned } from "../../cli/table.ts";
import { eventually, output } from "../lab/lab.ts";
import { sumOf } from "./compare.ts";
import { Drill, healthyNow, type Struck, say, strike } from "./drill.ts";
import { interruption } from "./interruption.ts";
import { topology } from "./places.ts";
import { Recorder, type Urls } from "./recorder.ts";
import { type Run, summaryOf, writeRuns } from "./results.ts";
import { type Scenario, type Spot, scenarios } from "./scenarios.ts";
import { longestSilence } from "./silence.ts";

/** Ends with status 1 if a run did not heal, or something acknowledged on synchronous data was lost, or anything duplicated. */
let failed = false;
const fail = (words: string) => {
  failed = true;
  say(`FAILED  ${words}`);
};

async function main(name: string, count: number): Promise<void> {
  const chosen = name === "" ? scenarios : scenarios.filter((scenario) => scenario.name === name);
  if (chosen.length === 0)
    throw new Error(
      `SCENARIO: ${name}: there is none of this name; the scenarios are ${scenarios.map((each) => each.name).join(", ")}`,
    );
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`RUNS: ${process.argv[3]}: it must be a number from 1 on`);
  const urls = { write: await output("writeUrl"), read: await output("readUrl") };
  for (const scenario of chosen) {
    const runs: Run[] = [];
    for (let run = 0; run < count; run++) {
      say(`${scenario.name} ${run + 1} of ${count}: ${scenario.what}`);
      runs.push(await measure(scenario, run, urls));
      writeRuns(scenario.name, runs);
    }
    finished.push([scenario, runs]);
  }
}

const finished: [Scenario, Run[]][] = [];

async function measure(scenario: Scenario, run: number, urls: Urls): Promise<Run> {
  const spot = { ...(await scenario.where()), run };
  await eventually(180, healthyNow);
  say(`${spot.name} on ${spot.host}`);
  const recorder = await Recorder.start(urls);
  try {
    const drill = new Drill(recorder, interruption.signal);
    await drill.pause(3);
    const struck = await strike(scenario, spot, drill);
    await recorder.stop();
    return await evaluate(scenario, spot, recorder, struck);
  } finally {
    await recorder.stop();
    await eventually(60, () => recorder.remove()).catch((error: Error) =>
      fail(`schema drill is left: ${error.message}`),
    );
  }
}

async function evaluate(scenario: Scenario, spot: Spot, recorder: Recorder, struck: Struck): Promise<Run> {
  const { from, to } = struck;
  const groups = await recorder.compare();
  const others = spot.group === "coordinators" ? [] : recorder.shards.filter((shard) => shard !== spot.group);
  const gaps = others.map(
    (shard) => longestSilence(from, to, recorder.writersOf(shard)) ?? Math.round(to - from),
  );
  const run: Run = {
    rtoMs: longestSilence(from, to, recorder.writersOf(spot.group)),
    ...sumOf(groups.values()),
    otherShardsGapMs: gaps.length > 0 ? Math.max(...gaps) : null,
  };
  keep(scenario, spot, recorder, struck);
  for (const { name, writer } of recorder.clients) {
    const errors = writer.attempts.filter(({ begun, error }) => begun >= from && error !== undefined);
    const silence = longestSilence(from, to, [writer.attempts]);
    say(
      `  ${name}: longest silence ${silence ?? "all the time"} ms, ${errors.length} errors${errors[0] ? `, first: ${errors[0].error}` : ""}`,
    );
  }
  for (const [group, { lost, duplicated, acknowledged }] of groups) {
    const words = `${group}: ${lost} of ${acknowledged} acknowledged writes lost, ${duplicated} rows duplicated`;
    say(`  ${words}`);
    const synchronous = topology.groups.find(({ name }) => name === group)?.synchronous;
    if ((lost > 0 && synchronous) || duplicated > 0) fail(`${scenario.name}: ${words}`);
  }
  if (struck.problem) fail(`${scenario.name}: ${struck.problem}`);
  say(`  next committed write after ${run.rtoMs ?? "-"} ms, ${run.lost} lost of ${run.acknowledged}`);
  return run;
}

/** Everything that the clients saw, in milliseconds from the fault on. */
function keep(scenario: Scenario, spot: Spot, recorder: Recorder, { from, to }: Struck): void {
  const folder = new URL("../../build/drills/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const clients = recorder.clients.map(({ name, writer }) => ({
    name,
    attempts: writer.attempts.map(({ number, begun, ended, error }) => [
      number,
      begun - from,
      ended - from,
      error ?? null,
    ]),
  }));
  const log = { scenario: scenario.name, spot, watchedMs: to - from, clients };
  writeFileSync(new URL(`${scenario.name}-${spot.run + 1}.json`, folder), JSON.stringify(log));
}

function table(): string {
  const rows = finished.map(([{ name, target }, runs]) => {
    const { medianMs, worstMs, lost, duplicated, otherShardsGapMs } = summaryOf(runs);
    const holds =
      target && (medianMs ?? Infinity) <= target.medianMs && (worstMs ?? Infinity) <= target.worstMs;
    return [
      name,
      String(runs.length),
      String(medianMs ?? "-"),
      String(worstMs ?? "-"),
      target ? `${target.medianMs} / ${target.worstMs}` : "-",
      target ? (holds ? "yes" : "NO") : "-",
      String(lost),
      String(duplicated),
      String(otherShardsGapMs ?? "-"),
    ];
  });
  const head = [
    "SCENARIO",
    "RUNS",
    "MEDIAN ms",
    "WORST ms",
    "TARGET",
    "HOLDS",
    "LOST",
    "DUPLICATED",
    "OTHER SHARDS ms",
  ];
  return `${aligned([head, ...rows]).join("\n")}\n`;
}

try {
  await main(process.argv[2] ?? "", Number(process.argv[3] || 1));
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
process.stdout.write(table());
process.exit(failed ? 1 : 0);
