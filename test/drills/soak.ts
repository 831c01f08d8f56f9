/**
 * Faults in a sequence that a seed decides, for so many minutes, while clients write all the time; in the end nothing may be
 * missing that was acknowledged on synchronous data. `make soak MINUTES=60`; with SEED=number the same sequence again.
 */

import { randomInt } from "node:crypto";
import { interruption } from "../../bench/interruption.ts";
import { say } from "../../bench/say.ts";
import { citus } from "../cluster/cluster.ts";
import { monotonic } from "../cluster/writer.ts";
import { Drill, strike } from "./drill.ts";
import { evaluate, keepAttempts, verdict } from "./evaluate.ts";
import { Recorder, urls } from "./recorder.ts";
import { writeRuns } from "./results.ts";
import { scenarios, soak } from "./scenarios.ts";
import { sequence } from "./sequence.ts";

async function main(minutes: number, seed: number): Promise<void> {
  if (!(minutes > 0)) throw new Error("MINUTES: give a number above 0");
  if (!Number.isInteger(seed)) throw new Error("SEED: give a whole number");
  say(`soak for ${minutes} minutes; the same sequence again: SEED=${seed}`);
  const recorder = await Recorder.start(await urls());
  const from = monotonic();
  const drill = new Drill(recorder, interruption.signal);
  const faults = sequence(
    scenarios.filter(({ notInSoak, needsCitus }) => !notInSoak && (citus || !needsCitus)),
    seed,
  );
  try {
    await drill.healthy();
    for (let run = 0; monotonic() - from < minutes * 60_000; run++) {
      const scenario = faults.next().value;
      const spot = { ...(await scenario.where()), run };
      await drill.healthy();
      say(`${scenario.name} at ${spot.name} on ${spot.host}`);
      const { problem } = await strike(scenario, spot, drill);
      if (problem) verdict.fail(`${scenario.name}: ${problem}`);
    }
  } catch (error) {
    // What was acknowledged until then has to be there all the same.
    verdict.fail(error instanceof Error ? error.message : String(error));
  }
  await recorder.stop();
  keepAttempts(soak.name, from, recorder);
  const watched = {
    name: soak.name,
    group: "coordinators",
    concerned: recorder.shards,
    from,
    to: monotonic(),
  };
  const run = await evaluate(watched, recorder);
  if (!interruption.signal.aborted) writeRuns(soak.name, [run]);
  await recorder.remove();
}

const [minutes = "", seed = ""] = process.argv.slice(2);
try {
  await main(Number(minutes || Number.NaN), seed === "" ? randomInt(2 ** 31) : Number(seed));
} catch (error) {
  verdict.fail(error instanceof Error ? error.message : String(error));
}
process.exit(verdict.failed ? 1 : 0);
