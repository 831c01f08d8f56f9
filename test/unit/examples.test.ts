import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { type Recording, recordProgram } from "./components/recording.ts";
import { DIGEST, hostsOf, keyOf } from "./config/fixture.ts";

// A whole cluster takes seconds to record on a machine that has more to do.
vi.setConfig({ testTimeout: 30_000 });

const services = "docker:index/service:Service";

/** Settings of three hosts, from that one on. */
const settingsOf = (first: number, more: object = {}) => ({
  hosts: hostsOf(first + 2)
    .slice(first - 1)
    .map((host, index) => ({ ...host, hostKey: keyOf(first + index) })),
  images: { etcd: `r/etcd${DIGEST}`, database: `r/database${DIGEST}`, proxy: `r/proxy${DIGEST}` },
  ...more,
});

async function example(
  project: string,
  config: Record<string, object>,
): Promise<Recording<Record<string, pulumi.Output<unknown>>>> {
  const values = Object.entries(config).map(([key, value]) => [`${project}:${key}`, JSON.stringify(value)]);
  return recordProgram(
    async () => {
      pulumi.runtime.setAllConfig(Object.fromEntries(values));
      return import(`../../examples/${project}/index.ts`);
    },
    { project },
  );
}

const known = <T>(output: pulumi.Output<T> | undefined) => new Promise((resolve) => output?.apply(resolve));

test("examples/etcd makes etcd, and nothing of PostgreSQL", async () => {
  const made = await example("etcd", { hosts: settingsOf(1) });
  expect(made.ofType(services).map(({ name }) => name)).toEqual([
    "etcd-etcd-1",
    "etcd-etcd-2",
    "etcd-etcd-3",
  ]);
  expect([...made.resources.keys()].filter((name) => /coord-|worker-\d|haproxy|virtual/.test(name))).toEqual(
    [],
  );
  expect(await known(made.cluster.endpoints)).toEqual(
    [1, 2, 3].map((number) => `https://etcd-${number}:2379`),
  );
});

test("examples/two-clusters makes two, each on hosts of its own", async () => {
  const virtualIp = { address: "10.0.0.101", routerId: 101 };
  const made = await example("two-clusters", { orders: settingsOf(1), users: settingsOf(4, { virtualIp }) });
  const names = made.ofType(services).map(({ name }) => name);
  expect(names.filter((name) => name.startsWith("orders-"))).toHaveLength(14);
  expect(names.filter((name) => name.startsWith("users-"))).toHaveLength(14);
  expect(await known(made.cluster.ordersUrl)).toMatch(/@10\.0\.0\.100:5432\/app/);
  expect(await known(made.cluster.usersUrl)).toMatch(/@10\.0\.0\.101:5432\/app/);
});
