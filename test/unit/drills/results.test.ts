import { expect, test } from "vitest";
import { summaryOf, withRuns } from "../../drills/results.ts";

const run = (rtoMs: number | null, more = {}) => ({
  rtoMs,
  acknowledged: 100,
  lost: 0,
  duplicated: 0,
  otherShardsGapMs: null,
  ...more,
});

test("a summary has the median, the worst, and all that was lost or duplicated", () => {
  const runs = [run(900, { lost: 2 }), run(3000, { duplicated: 1 }), run(1101, { lost: 1 }), run(1000)];
  expect(summaryOf(runs)).toEqual({
    runs: 4,
    medianMs: 1051,
    worstMs: 3000,
    lost: 3,
    duplicated: 1,
    otherShardsGapMs: null,
  });
});

test("a run without another write is the worst, and counts in the median", () => {
  expect(summaryOf([run(1000), run(null), run(2000)])).toMatchObject({ medianMs: 2000, worstMs: null });
  expect(summaryOf([run(1000), run(null), run(null)])).toMatchObject({ medianMs: null, worstMs: null });
});

test("the longest gap of other shards counts, of the runs that have any", () => {
  expect(
    summaryOf([run(1, { otherShardsGapMs: 80 }), run(1), run(1, { otherShardsGapMs: 300 })]).otherShardsGapMs,
  ).toBe(300);
});

test("no runs have no figures", () => {
  expect(summaryOf([])).toMatchObject({ runs: 0, medianMs: null, worstMs: null });
});

test("a scenario's runs are replaced, and others kept in their order", () => {
  const results = { scenarios: ["a", "b"].map((name) => ({ name, runs: [run(1)] })) };
  expect(withRuns(results, "a", [run(2)]).scenarios.map(({ name, runs }) => [name, runs[0]?.rtoMs])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
  expect(withRuns(results, "c", []).scenarios.map(({ name }) => name)).toEqual(["a", "b", "c"]);
});
