import { expect, test } from "vitest";
import { recallOf } from "../../../bench/recall.ts";
import { holds, table } from "../../../bench/report.ts";
import { findingsOf, type Results } from "../../../bench/results.ts";
import { summary } from "../../../bench/stats.ts";

const low = summary([1, 2, 3, 4, 5], "lower");
const high = summary([0.9, 0.8, 0.7, 0.6, 0.99], "higher");

const results: Results = {
  ratios: {
    proxyThroughput: high,
    proxyAddedMs: low,
    fanoutVsSequential: low,
    fanoutVsUnsharded: low,
    syncAddedMs: low,
    poolerShortClients: high,
  },
  insertMs: { p50: low, p95: low, p99: low },
  recallAt10: { ...summary([0.99, 0.94], "higher"), primaries: 0.99, promotedStandbys: 0.94 },
  skipped: null,
  details: { searchThroughput: high, lookupThroughput: high },
};

test("a figure holds up to its limit", () => {
  expect(holds({ text: "", limit: { least: 0.85 } }, 0.85)).toBe(true);
  expect(holds({ text: "", limit: { least: 0.85 } }, 0.849)).toBe(false);
  expect(holds({ text: "", limit: { most: 0.6 } }, 0.6)).toBe(true);
  expect(holds({ text: "", limit: { most: 0.6 } }, 0.601)).toBe(false);
});

test("the table holds medians against what is expected", () => {
  const lines = table(findingsOf(results)).split("\n");
  expect(lines[0]).toMatch(/^WHAT +MEDIAN +WORST +EXPECTED +HOLDS$/);
  expect(lines[1]).toMatch(/^the reference workload, .* +0\.8 +0\.6 +at least 0\.85 +NO$/);
  expect(lines[2]).toMatch(/^searches in a namespace, .* +0\.8 +0\.6 +- +-$/);
  expect(lines[3]).toMatch(/^lookups by key, .* +0\.8 +0\.6 +- +-$/);
  expect(lines.find((line) => line.startsWith("commit"))).toMatch(/ 3 +5 +5 to 10 +yes$/);
  expect(lines.find((line) => line.includes("primaries"))).toMatch(/ 0\.99 +0\.99 +at least 0\.95 +yes$/);
  expect(lines.find((line) => line.includes("promoted"))).toMatch(/ 0\.94 +0\.94 +at least 0\.95 +NO$/);
});

test("without Citus the table says what was not measured, and why", () => {
  const ratios = { ...results.ratios, fanoutVsSequential: null, fanoutVsUnsharded: null };
  const text = table(findingsOf({ ...results, ratios, recallAt10: null, skipped: "no Citus in the image" }));
  expect(text.match(/not measured: no Citus in the image$/gm)).toHaveLength(4);
  expect(text).toMatch(/^commit, .* yes$/m);
});

test("recall is the share of the nearest rows that were found", () => {
  const rows = (query: string, kind: string, keys: string[]) =>
    keys.map((key) => [query, kind, "namespace", key]);
  expect(
    recallOf([
      ...rows("1", "nearest", ["a", "b"]),
      ...rows("1", "found", ["b", "a"]),
      ...rows("2", "nearest", ["a", "c"]),
      // b is found for the wrong query.
      ...rows("2", "found", ["b", "c"]),
    ]),
  ).toBe(0.75);
  expect(() => recallOf([])).toThrow("no rows");
});
