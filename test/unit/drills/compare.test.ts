import { expect, test } from "vitest";
import { compare, sumOf } from "../../drills/compare.ts";

const attempt = (number: number, error?: string) => ({
  number,
  begun: 0,
  ended: 1,
  ...(error !== undefined && { error }),
});
const one = (name: string, attempts: ReturnType<typeof attempt>[], group = "coordinators") => ({
  name,
  groupOf: () => group,
  attempts,
});

test("what was acknowledged and is not there is lost; what failed may be there or not", () => {
  const writer = one("a", [attempt(1), attempt(2), attempt(3, "cut"), attempt(4, "cut")]);
  const rows = [
    { writer: "a", number: 1, count: 1 },
    { writer: "a", number: 3, count: 1 },
  ];
  expect(compare([writer], rows).get("coordinators")).toEqual({ acknowledged: 2, lost: 1, duplicated: 0 });
});

test("a row more than one of an attempt is a duplicate, acknowledged or not", () => {
  const rows = [
    { writer: "a", number: 1, count: 3 },
    { writer: "a", number: 2, count: 2 },
  ];
  expect(compare([one("a", [attempt(1), attempt(2, "cut")])], rows).get("coordinators")).toEqual({
    acknowledged: 1,
    lost: 0,
    duplicated: 3,
  });
});

test("the same number of another writer is another row", () => {
  const writers = [one("a", [attempt(1)], "shard-1"), one("b", [attempt(1)], "shard-2")];
  const groups = compare(writers, [{ writer: "b", number: 1, count: 1 }]);
  expect([groups.get("shard-1")?.lost, groups.get("shard-2")?.lost]).toEqual([1, 0]);
});

test("each number is its group's", () => {
  const groupOf = (number: number) => `shard-${number % 2}`;
  const attempts = [attempt(1), attempt(2), attempt(3)];
  const groups = compare([{ name: "a", groupOf, attempts }], [{ writer: "a", number: 2, count: 1 }]);
  expect(groups.get("shard-0")).toEqual({ acknowledged: 1, lost: 0, duplicated: 0 });
  expect(groups.get("shard-1")).toEqual({ acknowledged: 2, lost: 2, duplicated: 0 });
  expect(sumOf(groups.values())).toEqual({ acknowledged: 3, lost: 2, duplicated: 0 });
});
