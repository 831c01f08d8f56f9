import type { Attempt } from "./writer.ts";

/**
 * When writers that began after a moment were acknowledged, in order. An attempt that began before it says nothing: its
 * commit may be older than the fault.
 */
export function acknowledgedAfter(from: number, writers: readonly (readonly Attempt[])[]): number[] {
  return writers
    .flat()
    .filter(({ begun, error }) => begun >= from && error === undefined)
    .map(({ ended }) => ended)
    .sort((a, b) => a - b);
}

/**
 * The longest time between `from` and `to`, in whole milliseconds, in which none of the writers got an acknowledgement. Of
 * a fault at `from` that stops service at once it is the time from the fault to the first acknowledged commit of an attempt
 * that began after it. Where the fault takes effect later, as with a process that hangs and is ended after some seconds,
 * and where it interrupts service again, it is the longest of the interruptions. Null: nothing was acknowledged.
 */
export function longestSilence(
  from: number,
  to: number,
  writers: readonly (readonly Attempt[])[],
): number | null {
  const acknowledged = acknowledgedAfter(from, writers).filter((moment) => moment <= to);
  if (acknowledged.length === 0) return null;
  const moments = [from, ...acknowledged, to];
  return Math.round(
    Math.max(...moments.slice(1).map((moment, index) => moment - (moments[index] as number))),
  );
}
