import { expect, test } from "vitest";
import { median, percentile, summary } from "../../../bench/stats.ts";

test("a percentile is the value that the share does not exceed", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.95)).toBe(95);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([10, 9], 0)).toBe(9);
  expect(() => percentile([], 0.5)).toThrow("no values");
});

test("a median of an even number of values lies between the two in the middle", () => {
  expect(median([10, 9, 1])).toBe(9);
  expect(median([10, 2, 1, 4])).toBe(3);
});

test("the worst run is the lowest or the highest, as is good for it", () => {
  const runs = [0.9, 0.7, 0.8];
  expect(summary(runs, "higher")).toEqual({ median: 0.8, worst: 0.7, runs });
  expect(summary(runs, "lower")).toEqual({ median: 0.8, worst: 0.9, runs });
});

test("four digits are kept", () => {
  expect(summary([1.234567, 1234.567], "lower").runs).toEqual([1.235, 1235]);
});
