import { aligned } from "../cli/table.ts";
import type { Summary } from "./stats.ts";

/** An expected figure to compare with the measured one. */
export interface Figure {
  readonly text: string;
  /** Where it ends: at least, or at most. */
  readonly limit: { readonly least: number } | { readonly most: number };
}

/** A line of the table. */
export interface Finding {
  /** What, in which unit, and which way is better. */
  readonly what: string;
  /** Null when it was not measured; then `why` says why. */
  readonly summary: Summary | null;
  readonly why?: string;
  readonly figure?: Figure;
}

export const holds = ({ limit }: Figure, value: number): boolean =>
  "least" in limit ? value >= limit.least : value <= limit.most;

/** The findings as a table. The median is compared with the expected figure. */
export function table(findings: readonly Finding[]): string {
  const rows = findings.map(({ what, summary, why, figure }) => [
    what,
    summary ? String(summary.median) : "-",
    summary ? String(summary.worst) : "-",
    figure?.text ?? "-",
    summary === null ? `not measured: ${why}` : figure ? (holds(figure, summary.median) ? "yes" : "NO") : "-",
  ]);
  return `${aligned([["WHAT", "MEDIAN", "WORST", "EXPECTED", "HOLDS"], ...rows]).join("\n")}\n`;
}
