import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { hostTarget } from "../../../components/host/ssh.ts";
import { type OrphanHooks, orphanHooks } from "../../../components/swarm/orphans.ts";
import type { HostConfig } from "../../../config/ClusterConfig.ts";
import { argsIn, configIn, record } from "./recording.ts";
import { fakeSsh } from "./run.ts";

// A whole cluster takes seconds to record on a machine that has more to do.
vi.setConfig({ hookTimeout: 30_000 });

const ssh = fakeSsh();
const { hosts } = configIn("Pulumi.dev.yaml");
let hooks: OrphanHooks;
beforeAll(async () => {
  // Hooks need the engine.
  await record(argsIn("Pulumi.dev.yaml"));
  hooks = orphanHooks(
    "test",
    pulumi.output(hostTarget({ user: "root" }, hosts[0] as HostConfig)),
    pulumi.output("p/s/c id"),
  );
});
afterAll(() => {
  vi.unstubAllEnvs();
  ssh.remove();
});

const create = (kind: keyof OrphanHooks, name: string) =>
  hooks[kind].callback({ urn: "", id: "", name: "x", type: "t", newInputs: { name } });

function answer(told: Parameters<typeof ssh.env>[0]) {
  for (const [key, value] of Object.entries(ssh.env(told))) vi.stubEnv(key, value);
}

test.each(["service", "network", "secret", "config"] as const)(
  "an orphaned %s goes before its successor comes",
  async (kind) => {
    answer({ status: 0 });
    await create(kind, "its-name");
    expect(
      ssh.stdin().startsWith(`KIND='${kind}'
NAME='its-name'
CLUSTER='p/s/c id'
`),
    ).toBe(true);
    expect(ssh.stdin()).toContain('docker "$KIND" rm "$NAME"');
    expect(ssh.args().at(-1)).toMatch(/' create 90 \d+ \d+$/);
  },
);

test("one that cannot go stops the run with the host's own words", async () => {
  answer({ status: 1, stderr: "host-1: it cannot be removed\n" });
  await expect(create("service", "coord-1")).rejects.toThrow(/^host-1: it cannot be removed$/);
});
