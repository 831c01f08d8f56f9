import { expect, test } from "vitest";
import { randomFrom, sequence } from "../../drills/sequence.ts";

const taken = (seed: number, count: number) => {
  const faults = sequence(["a", "b", "c", "d", "e"], seed);
  return Array.from({ length: count }, () => faults.next().value).join("");
};

test("a seed decides the sequence, and another one another", () => {
  expect(taken(7, 20)).toBe(taken(7, 20));
  expect(new Set([1, 2, 3, 4, 5, 6].map((seed) => taken(seed, 10))).size).toBeGreaterThan(4);
});

test("every fault comes before any comes again", () => {
  const faults = taken(3, 15);
  for (const round of [faults.slice(0, 5), faults.slice(5, 10), faults.slice(10)])
    expect([...round].sort().join("")).toBe("abcde");
  expect(new Set([faults.slice(0, 5), faults.slice(5, 10), faults.slice(10)]).size).toBeGreaterThan(1);
});

test("random numbers lie from 0 to below 1, all over", () => {
  const random = randomFrom(1);
  const tenths = Array.from({ length: 10_000 }, () => Math.floor(random() * 10));
  for (let tenth = 0; tenth < 10; tenth++)
    expect(Math.abs(tenths.filter((each) => each === tenth).length - 1000)).toBeLessThan(150);
  expect(tenths.every((tenth) => tenth >= 0 && tenth < 10)).toBe(true);
});
