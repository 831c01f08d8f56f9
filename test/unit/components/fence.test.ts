import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { run } from "./run.ts";

const library = readFileSync("components/host/on-host/library.sh", "utf8");
const now = Math.floor(Date.now() / 1000);

/** A script of the run that began at that time, in hundredths of a second, after another. */
const after = (newest: number, began: number) =>
  run(["bash", "-s", "--", "create", String(now), String(began)], {
    stdin: `HOST=h\n${library}\nbe_newest ${newest} "this host"\necho changed\n`,
  });

test("a script of the same run, or of a newer one, goes on", async () => {
  for (const newest of [0, now * 100 - 1, now * 100]) {
    expect(await after(newest, now * 100)).toEqual({ status: 0, stdout: "changed\n", stderr: "" });
  }
});

test("one of an older run does not", async () => {
  const { status, stdout, stderr } = await after(now * 100, now * 100 - 1);
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toBe(
    "h: a newer run has changed this host, so this one changes nothing more: run pulumi up again\n",
  );
});

test("one of a machine whose clock is ahead would shut out all others, and is refused", async () => {
  const { status, stdout, stderr } = await after(0, (now + 3600) * 100);
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^h: the clock of the machine that runs Pulumi is 3\d{3} s ahead of this host's: /);
});
