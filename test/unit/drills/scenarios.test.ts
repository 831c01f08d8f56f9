import { expect, test } from "vitest";
import { scenarios } from "../../drills/scenarios.ts";

test("names are unique, and fit a command line", () => {
  const names = scenarios.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
});

test("a target's worst is no better than its median", () => {
  for (const { name, target } of scenarios)
    if (target) expect(target.worstMs, name).toBeGreaterThanOrEqual(target.medianMs);
});
