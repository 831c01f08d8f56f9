import { beforeAll, expect, test } from "vitest";
import { healthy, runningCluster } from "../cluster/cluster.ts";
import { must, onHost, output, sql } from "../cluster/lab.ts";
import { pulumi } from "./pulumi.ts";

/** What `--refresh` sees of the running cluster. */

beforeAll(runningCluster);

const refreshed = () =>
  pulumi("preview", { flags: ["--refresh", "--expect-no-changes", "--parallel", "32"] });

test("nothing differs, with sshd's default limits and 32 at once, also after a service was restarted by hand", async () => {
  expect(await onHost("host-1", "sshd -T | grep -i ^maxstartups")).toBe("maxstartups 10:30:100");
  const first = await refreshed();
  expect(first.output).toMatch(/Resources:\s+\d+ unchanged/);
  expect(first.status).toBe(0);
  await onHost("host-1", "docker service update -q --force haproxy-2");
  expect((await refreshed()).status).toBe(0);
});

test("a service that was removed by hand comes back, and nothing else changes", async () => {
  await onHost("host-1", "docker service rm haproxy-2");
  const up = await pulumi("up", { flags: ["--refresh"] });
  expect(up.status).toBe(0);
  expect(up.output).toMatch(/\+ 1 created/);
  expect(up.output).not.toMatch(/ replaced| deleted/);
  expect(await sql(await output("writeUrl"), "SELECT 1")).toBe("1");
});

test("another subnet is refused, and no network is touched", async () => {
  const before = await onHost("host-1", "docker network ls -q --no-trunc | sort");
  const up = await pulumi("up", { change: { network: { admin: "10.0.1.192/26" } } });
  expect(up.status).not.toBe(0);
  expect(up.output).toContain(
    "network admin-net has the subnet 10.0.1.128/26 and the settings say 10.0.1.192/26",
  );
  expect(await onHost("host-1", "docker network ls -q --no-trunc | sort")).toBe(before);
});

test("a host with another name is refused, and nothing is touched", async () => {
  const objects = "docker service ls -q; docker volume ls -q; docker node ls -q";
  const before = await onHost("host-1", objects);
  const names = ["host-1", "host-2", "db-3"];
  const up = await pulumi("up", {
    change: { hosts: names.map((name, index) => ({ name, address: `10.0.0.1${index}` })) },
  });
  expect(up.status).not.toBe(0);
  expect(up.output).toContain("db-3: it is host-3 in the cluster, and hosts cannot be renamed");
  expect(up.output).toContain("host-1: the cluster has host-3, which is missing in hosts");
  expect(up.output).not.toMatch(/ deleted/);
  expect(await onHost("host-1", objects)).toBe(before);
});

test("a second stack on the same hosts is refused, with the name of the first", async () => {
  const env = { PULUMI_STACK: "second" };
  await must(["pulumi", "stack", "init", "second", "--non-interactive"], { env });
  try {
    const up = await pulumi("up", { env });
    expect(up.status).not.toBe(0);
    expect(up.output).toMatch(
      /host-3: it belongs to the cluster postgres-cluster\/dev\/cluster-hosts \S+, but this stack creates the cluster postgres-cluster\/second\/cluster-hosts /,
    );
    expect((await pulumi("destroy", { env })).status).toBe(0);
  } finally {
    await must(["pulumi", "stack", "rm", "second", "--yes", "--force", "--non-interactive"], { env });
  }
  await healthy();
});
