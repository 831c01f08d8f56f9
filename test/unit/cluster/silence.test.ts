import { expect, test } from "vitest";
import { acknowledgedAfter, longestSilence } from "../../cluster/silence.ts";

const ok = (begun: number, ended: number) => ({ number: begun, begun, ended });
const failed = (begun: number, ended: number) => ({ ...ok(begun, ended), error: "no" });

test("what began before the fault says nothing of the time after it", () => {
  expect(acknowledgedAfter(100, [[ok(90, 110), ok(120, 130)]])).toEqual([130]);
});

test("acknowledgements of all writers count, in their order, and failures do not", () => {
  expect(acknowledgedAfter(0, [[ok(1, 40), failed(41, 45)], [ok(2, 30)]])).toEqual([30, 40]);
});

test("a fault that stops service at once counts until the first write that began after it", () => {
  const first = [ok(80, 90), ok(95, 105), failed(110, 900), ok(950, 1000.4), ok(1050, 1060)];
  const second = [ok(85, 99), failed(101, 1200), ok(1210, 1215)];
  expect(longestSilence(100, 1300, [first, second])).toBe(900);
});

test("a fault that takes effect late counts from the last write before that", () => {
  expect(longestSilence(0, 700, [[ok(1, 100), ok(101, 200), failed(201, 500), ok(501, 650)]])).toBe(450);
});

test("an interruption that has not ended counts until the end", () => {
  expect(longestSilence(0, 5000, [[ok(1, 100), failed(101, 4900)]])).toBe(4900);
});

test("what comes after the end does not count", () => {
  expect(longestSilence(0, 300, [[ok(1, 100), ok(101, 200), ok(201, 9000)]])).toBe(100);
});

test("without any acknowledgement there is no time", () => {
  expect(longestSilence(0, 300, [[failed(1, 200)], []])).toBeNull();
});
