import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { runScript } from "../../../components/host/runScript.ts";

const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-unit-"));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test("a command can be given up whose processes have just ended", async () => {
  // Only a process of another group still has its output, so that it counts as running.
  writeFileSync(join(folder, "ssh"), "#!/bin/sh\nsetsid sleep 7 &\nexit 0\n");
  chmodSync(join(folder, "ssh"), 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  const given = new AbortController();
  const target = { label: "host-1", user: "root", options: [], destination: "host-1" };
  setTimeout(() => given.abort(new Error("given up")), 4000);
  const answer = runScript("host", { target, script: "", signal: given.signal });
  await expect(answer).rejects.toThrow("given up");
}, 10_000);
