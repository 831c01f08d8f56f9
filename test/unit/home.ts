import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, vi } from "vitest";

/** Every test file has a home folder of its own, for components put links to keys there. */
const home = mkdtempSync(join(tmpdir(), "postgres-cluster-home-"));
vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  userInfo: () => ({ homedir: home }),
}));
afterAll(() => rmSync(home, { recursive: true }));
