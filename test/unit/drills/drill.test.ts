import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { startWriter } from "../../cluster/writer.ts";
import { Drill } from "../../drills/drill.ts";
import type { Recorder } from "../../drills/recorder.ts";

const drillWith = (stop: AbortSignal, attempts: object[] = []) =>
  new Drill({ clients: [{ name: "a", writer: { attempts } }] } as unknown as Recorder, stop);

test("what was done last is undone first, each once, whatever fails", async () => {
  const drill = drillWith(new AbortController().signal);
  const undone: string[] = [];
  drill.undo(async () => undone.push("first"));
  drill.undo(async () => {
    undone.push("second");
    throw new Error("it was not to be undone");
  });
  await drill.undoAll();
  await drill.undoAll();
  expect(undone).toEqual(["second", "first"]);
});

test("an interruption ends a pause, and what is tried again", async () => {
  const stop = new AbortController();
  const drill = drillWith(stop.signal);
  const waits = [drill.pause(60), drill.until(60, () => Promise.reject(new Error("not yet")))];
  setTimeout(() => stop.abort(new Error("interrupted")), 20);
  for (const wait of waits) await expect(wait).rejects.toThrow("interrupted");
  await expect(drill.pause(0)).rejects.toThrow("interrupted");
});

test("a writer gives every attempt a number of its own, and goes on after a failure", async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const writer = startWriter(`postgresql://app:secret@127.0.0.1:${port}/app`, "SELECT $1");
  await expect.poll(() => writer.attempts.length, { timeout: 5000 }).toBeGreaterThan(2);
  expect((await writer.stop()).written).toBe(0);
  server.close();
  expect(writer.attempts.map(({ number }) => number)).toEqual(writer.attempts.map((_, index) => index + 1));
  for (const { begun, ended, error } of writer.attempts) {
    expect(error).toBeTruthy();
    expect(ended).toBeGreaterThanOrEqual(begun);
  }
});
