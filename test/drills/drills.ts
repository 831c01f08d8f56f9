/**
 * Breaks the lab's running cluster on purpose, scenario by scenario, and measures what clients see of it: `make drills`,
 * `make drills SCENARIO=name RUNS=n`. Writes build/drills.json, and each client's attempts to build/drills.
 */

import { interruption } from "../../bench/interruption.ts";
import { say } from "../../bench/say.ts";
import { aligned } from "../../cli/table.ts";
import { citus, needsCitus } from "../cluster/cluster.ts";
import { Drill, strike } from "./drill.ts";
import { evaluate, keepAttempts, verdict } from "./evaluate.ts";
import { Recorder, type Urls, urls } from "./recorder.ts";
import { type Run, summaryOf, writeRuns } from "./results.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

async function main(name: string, count: number): Promise<void> {
  const chosen = scenarios.filter((scenario) => name === "" || scenario.name === name);
  if (chosen.length === 0) {
    const names = scenarios.map((each) => each.name).join(", ");
    throw new Error(`SCENARIO: ${name}: there is no such scenario; the scenarios are ${names}`);
  }
  if (!Number.isInteger(count) || count < 1) throw new Error("RUNS: give a whole number from 1 on");
  const at = await urls();
  for (const scenario of chosen) {
    if (scenario.needsCitus && !citus) {
      say(`${scenario.name}${needsCitus}`);
      continue;
    }
    const runs: Run[] = [];
    finished.push([scenario, runs]);
    for (let run = 0; run < count; run++) {
      say(`${scenario.name}, run ${run + 1} of ${count}: ${scenario.what}`);
      runs.push(await measure(scenario, run, at));
      writeRuns(scenario.name, runs);
    }
  }
}

const finished: [Scenario, Run[]][] = [];

async function measure(scenario: Scenario, run: number, at: Urls): Promise<Run> {
  const spot = { ...(await scenario.where()), run };
  say(`  at ${spot.name} on ${spot.host}`);
  const recorder = await Recorder.start(at);
  try {
    const drill = new Drill(recorder, interruption.signal);
    await drill.healthy();
    const { problem, ...watched } = await strike(scenario, spot, drill);
    await recorder.stop();
    keepAttempts(`${scenario.name}-${run + 1}`, watched.from, recorder);
    if (problem) verdict.fail(`${scenario.name}: ${problem}`);
    const { group, concerned = group === "coordinators" ? recorder.shards : [group] } = spot;
    return await evaluate({ name: scenario.name, group, concerned, ...watched }, recorder);
  } finally {
    await recorder.stop();
    await recorder.remove();
  }
}

function table(): string {
  const heads = "SCENARIO,RUNS,MEDIAN ms,WORST ms,TARGET,HOLDS,LOST,DUPLICATED,OTHER SHARDS ms".split(",");
  const rows = finished.map(([{ name, target }, runs]) => {
    const { medianMs, worstMs, lost, duplicated, otherShardsGapMs } = summaryOf(runs);
    const within = (value: number | null, limit: number) => value !== null && value <= limit;
    const holds = target && within(medianMs, target.medianMs) && within(worstMs, target.worstMs);
    return [
      name,
      runs.length,
      medianMs ?? "-",
      worstMs ?? "-",
      target ? `${target.medianMs} / ${target.worstMs}` : "-",
      target ? (holds ? "yes" : "NO") : "-",
      lost,
      duplicated,
      otherShardsGapMs ?? "-",
    ].map(String);
  });
  return `${aligned([heads, ...rows]).join("\n")}\n`;
}

const [name = "", count = ""] = process.argv.slice(2);
try {
  await main(name, Number(count || 1));
} catch (error) {
  verdict.fail(error instanceof Error ? error.message : String(error));
}
if (finished.length > 0) process.stdout.write(table());
// A client's last connection may still wait for a host that is gone.
process.exit(verdict.failed ? 1 : 0);
