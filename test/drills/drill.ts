import { say } from "../../bench/say.ts";
import { status } from "../cluster/cluster.ts";
import { eventually, lab } from "../cluster/lab.ts";
import { longestSilence } from "../cluster/silence.ts";
import { monotonic } from "../cluster/writer.ts";
import { etcdComplete } from "./places.ts";
import type { Recorder } from "./recorder.ts";
import type { Scenario, Spot } from "./scenarios.ts";

/** Seconds. */
const limits = { settle: 180, heal: 300 };

/** What a fault needs while it goes on. */
export class Drill {
  readonly recorder: Recorder;
  private readonly stop: AbortSignal;
  private readonly undone: (() => Promise<unknown>)[] = [];
  private readonly checks: (() => Promise<void>)[] = [];
  private from = monotonic();

  constructor(recorder: Recorder, stop: AbortSignal) {
    this.recorder = recorder;
    this.stop = stop;
  }

  /** From here on the next committed write is waited for; first right before the fault, and again by some faults. */
  mark(): void {
    this.from = monotonic();
  }

  get since(): number {
    return this.from;
  }

  /** What takes the fault back, also when the drill fails or is interrupted. */
  undo(action: () => Promise<unknown>): void {
    this.undone.push(action);
  }

  /** What has to be so when all is healthy again; throws if it is not. */
  check(action: () => Promise<void>): void {
    this.checks.push(action);
  }

  async checkAll(): Promise<void> {
    for (const action of this.checks.splice(0)) await action();
  }

  async undoAll(): Promise<void> {
    for (const action of this.undone.splice(0).reverse()) await action().catch(() => {});
  }

  async pause(seconds: number): Promise<void> {
    this.stop.throwIfAborted();
    await new Promise<void>((resolve) => {
      const ended = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.stop.removeEventListener("abort", ended);
        resolve();
      }, seconds * 1000);
      this.stop.addEventListener("abort", ended, { once: true });
    });
    this.stop.throwIfAborted();
  }

  /** Tries until it succeeds. */
  async until<T>(seconds: number, attempt: () => Promise<T>): Promise<T> {
    return eventually(seconds, async () => {
      if (this.stop.aborted) return undefined as T;
      return attempt();
    }).then((value) => {
      this.stop.throwIfAborted();
      return value;
    });
  }

  /** Waits so many seconds after the mark, and until every client is served for three seconds without a longer silence than one. */
  async settled(seconds: number): Promise<void> {
    await this.pause(Math.max(0, seconds - (monotonic() - this.from) / 1000));
    await this.until(limits.settle, async () => {
      const now = monotonic();
      for (const { name, writer } of this.recorder.clients) {
        const silence = longestSilence(now - 3000, now, [writer.attempts]);
        if (!name.startsWith("inside-") && (silence === null || silence > 1000))
          throw new Error(`${name} is not served`);
      }
    });
  }

  /** Says what it waits for. */
  healthy(): Promise<void> {
    let said = "";
    return this.until(limits.heal, async () => {
      const problem = await problemNow();
      if (problem !== "" && problem !== said) say(`  waits: ${problem}`);
      said = problem;
      if (problem !== "") throw new Error(`not healthy after ${limits.heal} s: ${problem}`);
    });
  }
}

/** What `make status` or etcd has against the cluster; empty when it is healthy. */
async function problemNow(): Promise<string> {
  try {
    const [{ healthy, problems }] = await Promise.all([status(), etcdComplete()]);
    return healthy ? "" : problems.join("; ") || "nobody can tell";
  } catch (error) {
    return (error as Error).message;
  }
}

/** When a fault began to count, and when its clients were served again, or were given up. */
export interface Struck {
  readonly from: number;
  readonly to: number;
  /** What the cluster should not have done. */
  readonly problem?: string;
}

/** One fault, from a healthy cluster to a healthy cluster. */
export async function strike(scenario: Scenario, spot: Spot, drill: Drill): Promise<Struck> {
  try {
    drill.mark();
    await scenario.fault(spot, drill);
    const problems: string[] = [];
    const note = (error: Error) => {
      problems.push(error.message);
    };
    // Clients that are not served again are a result, too: what is left is healed and counted.
    await drill.settled(scenario.seconds ?? 15).catch(note);
    await drill.pause(0);
    const [from, to] = [drill.since, monotonic()];
    await drill.undoAll();
    await drill.healthy();
    say(`  healthy again ${Math.round((monotonic() - from) / 1000)} s after the fault`);
    await drill.checkAll().catch(note);
    return { from, to, ...(problems.length > 0 && { problem: problems.join("; ") }) };
  } catch (error) {
    await drill.undoAll();
    // Boots hosts that are off, and connects those that are cut off.
    await lab("up");
    throw error;
  }
}
