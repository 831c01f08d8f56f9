/** Which way a number is good. */
export type Better = "higher" | "lower";

/** What several runs say together. */
export interface Summary {
  readonly median: number;
  readonly worst: number;
  readonly runs: readonly number[];
}

/** The value that a share of all values (0 to 1) does not exceed: the nearest rank, as one of the values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error("there are no values to take a percentile of");
  return value;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const lower = percentile(values, 0.5);
  const upper = -percentile(
    values.map((value) => -value),
    0.5,
  );
  return (lower + upper) / 2;
}

export function summary(runs: readonly number[], better: Better): Summary {
  const worst = better === "higher" ? Math.min(...runs) : Math.max(...runs);
  return { median: significant(median(runs)), worst: significant(worst), runs: runs.map(significant) };
}

/** Four digits: more is noise. */
const significant = (value: number) => Number(value.toPrecision(4));
