import { expect, test } from "vitest";
import {
  definitionsOf,
  latencies,
  medianLatency,
  optionsOf,
  parseOutcome,
  scriptOf,
  steadyRate,
  type Workload,
} from "../../../bench/pgbench.ts";

const workload: Workload = {
  statements: ["SELECT 1", "SELECT :second"],
  variables: { second: "[1,2]" },
  protocol: "prepared",
  clients: 16,
  length: { seconds: 6 },
};

test("statements take turns", () => {
  expect(scriptOf(workload)).toBe(
    "\\set next :next + 1\n\\set turn (:next + :client_id) % 2\n" +
      "\\if :turn = 0\nSELECT 1;\n\\elif :turn = 1\nSELECT :second;\n\\endif\n",
  );
  expect(definitionsOf(workload)).toBe("next=-1\nsecond=[1,2]");
});

test("options", () => {
  expect(optionsOf(workload)).toEqual(["--protocol=prepared", "--client=16", "--jobs=16", "--time=6"]);
  expect(optionsOf({ ...workload, length: { transactions: 20 }, reconnect: true })).toEqual([
    "--protocol=prepared",
    "--client=16",
    "--jobs=16",
    "--transactions=20",
    "--connect",
  ]);
});

/** As pgbench writes it, a file of each thread after the other. */
const printed = `512.250000
0 0 20000 0 1700000000 999000
0 1 4000 0 1700000002 500000
1 0 10000 0 1700000001 500000
1 1 2000 0 1700000003 0
`;

test("pgbench's log, in the order of time", () => {
  const outcome = parseOutcome(printed);
  expect(outcome.rate).toBe(512.25);
  expect(outcome.transactions.map(({ latency }) => latency)).toEqual([20, 10, 4, 2]);
  expect(outcome.transactions[2]?.end).toBe(1_700_000_002_500);
  expect(latencies(outcome, 1)).toEqual([10, 4, 2]);
  expect(medianLatency(outcome, 1)).toBe(4);
});

test("the rate without the warm-up", () => {
  const outcome = parseOutcome(printed);
  // Two transactions in the 1.001 s that are left.
  expect(steadyRate(outcome, 1)).toBeCloseTo(2 / 1.001, 6);
  expect(() => steadyRate(outcome, 3)).toThrow("pgbench ended within the first 3 seconds");
});

test("an answer that is none", () => {
  expect(() => parseOutcome("")).toThrow("not understood");
  expect(() => parseOutcome("512.25\nsomething else")).toThrow("not understood: 512.25");
});
