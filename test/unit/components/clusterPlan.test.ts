import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clusterPlan, type PostgresClusterArgs } from "../../../components/index.ts";
import { hostsOf, keyOf } from "../config/fixture.ts";
import { argsIn, record, SECRET, UNKNOWN } from "./recording.ts";

vi.setConfig({ testTimeout: 30_000 });

const args = argsIn("Pulumi.dev.yaml");
const KEY = `-----BEGIN OPENSSH PRIVATE KEY-----\n${SECRET}\n-----END OPENSSH PRIVATE KEY-----\n`;

/** Hosts of which the second's values are those. */
const hostsWith = (second: object) =>
  hostsOf(3).map((host, index) => ({ ...host, hostKey: keyOf(index), ...(index === 1 && second) }));

/** A value that the engine does not know yet, which the SDK lets nobody make. */
const unknown = () =>
  new (pulumi.Output as unknown as new (...args: unknown[]) => pulumi.Output<string>)(
    [],
    Promise.resolve(),
    Promise.resolve(false),
    Promise.resolve(false),
    Promise.resolve([]),
  );

const reportOf = (wrong: object): string => {
  try {
    clusterPlan({ ...args, ...wrong });
  } catch (error) {
    expect(pulumi.InputPropertiesError.isInstance(error)).toBe(true);
    // Without a stack trace in a program.
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    return (error as pulumi.InputPropertiesError).errors
      .map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`)
      .join("\n");
  }
  return expect.fail("the args were accepted");
};

describe("plain args", () => {
  test("are checked at once, all of them", () => {
    expect(reportOf({ timing: { ttl: 3 }, placement: { workerGroups: 0 } })).toBe(
      "placement.workerGroups: value 0: not a whole number from 1 to 64; set one in this range\n" +
        "timing.ttl: value 3: Patroni would silently use 20 instead; set at least 20",
    );
  });

  test("are known at once", () => {
    const plan = clusterPlan(args);
    expect(plan.hosts[1]).toMatchObject({ name: "host-2", address: "10.0.0.11", hostKey: keyOf(1) });
    expect(plan.topology.groups).toHaveLength(4);
  });
});

describe("outputs", () => {
  beforeEach(() => pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }));
  afterEach(() => pulumi.runtime.disconnect());

  const value = <T>(output: pulumi.Input<T>) =>
    Promise.race([
      new Promise((resolve) => pulumi.output(output).apply(resolve)),
      new Promise((resolve) => setTimeout(resolve, 500, "not known")),
    ]);

  test("stand in the plan as they would if they were plain", async () => {
    const plan = clusterPlan({
      ...args,
      hosts: hostsWith({
        address: pulumi.output("10.0.0.77"),
        hostKey: Promise.resolve(`${keyOf(9)} comment\n`),
      }),
      virtualIp: { address: pulumi.output("10.0.0.99") },
    } as PostgresClusterArgs);
    expect(await value(plan.hosts[1]?.address as string)).toBe("10.0.0.77");
    expect(await value(plan.hosts[1]?.hostKey as string)).toBe(keyOf(9));
    expect(await value(plan.hosts[0]?.address as string)).toBe("10.0.0.10");
    expect(await value(plan.virtualIp.address)).toBe("10.0.0.99");
    expect(plan.virtualIp.routerId).toBe(100);
  });

  test("are no reason to leave anything else unchecked", () => {
    const hosts = hostsWith({ address: pulumi.output("10.0.0.77"), memory: "1GB" });
    expect(reportOf({ hosts, timing: { ttl: 3 } })).toMatch(/^hosts\[1\]\.memory: .*\ntiming\.ttl: /);
  });

  test("that decide which resources there are are refused, by their paths", () => {
    const strategy = pulumi.output("spread");
    expect(reportOf({ placement: { strategy }, hosts: pulumi.output(hostsOf(3)) })).toBe(
      "hosts: value not shown: known only later, but it determines which resources there are; give a plain value\n" +
        "placement.strategy: value not shown: known only later, but it determines which resources there are; give a plain value",
    );
  });

  test("hold every other value back until all of them are known", async () => {
    const plan = clusterPlan({ ...args, hosts: hostsWith({ address: unknown() }) } as PostgresClusterArgs);
    expect(await value(plan.hosts[0]?.address as string)).toBe("not known");
    expect(await value(plan.images.etcd)).toBe("not known");
  });

  test("keep a secret to themselves", async () => {
    const plan = clusterPlan({
      ...args,
      ssh: { privateKey: pulumi.secret(KEY) },
      proxy: { statistics: { password: pulumi.secret("a-password-of-12") } },
    });
    const isSecret = (output: pulumi.Input<unknown>) => pulumi.isSecret(pulumi.output(output));
    expect(await isSecret(plan.proxy.statistics.password)).toBe(true);
    for (const open of [plan.hosts[0]?.address, plan.images.etcd, plan.ssh.privateKeyFile]) {
      expect(await isSecret(open)).toBe(false);
    }
  });
});

test("a private key is in a file of the user's alone, and nowhere else", async () => {
  const made = await record({ ...args, ssh: { privateKey: pulumi.secret(KEY) } });
  const { interpreter } = made.get("cluster-hosts-host-1-preflight").inputs;
  expect(interpreter).toContain("IdentitiesOnly=yes");
  const link = (interpreter as string[]).find((word) => word.startsWith("IdentityFile=~/"))?.slice(15) ?? "";
  const file = join(userInfo().homedir, link);
  expect(readFileSync(file, "utf8")).toBe(KEY);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.stringify([...made.resources.values()])).not.toContain("BEGIN OPENSSH");
});

test("a preview with addresses that are not known shows the same resources", async () => {
  const hosts = hostsWith({ address: unknown() });
  const without = await record({ ...args, hosts } as PostgresClusterArgs, { preview: true });
  const plain = await record(args, { preview: true });
  expect([...without.resources.keys()].sort()).toEqual([...plain.resources.keys()].sort());
  expect(without.get("cluster-hosts-host-2-preflight").inputs.interpreter).toBe(UNKNOWN);
  expect(without.get("cluster-hosts-host-1-preflight").inputs.interpreter).toEqual(
    plain.get("cluster-hosts-host-1-preflight").inputs.interpreter,
  );
});

test("a registry's login goes to Docker's provider, as a secret", async () => {
  const registries = [
    { address: "10.0.0.1:5000", user: "deploy", password: pulumi.secret(`${SECRET}-token`) },
  ];
  const made = await record({ ...args, images: { ...args.images, registries } });
  const provider = made.get("cluster-swarm-manager");
  expect(JSON.parse(String(provider.inputs.registryAuth))).toEqual([
    { address: "10.0.0.1:5000", username: "deploy", password: `${SECRET}-token` },
  ]);
  expect(provider.secretInputs).toContain("registryAuth");
  const others = [...made.resources.values()].filter(({ name }) => name !== provider.name);
  expect(JSON.stringify(others)).not.toContain(`${SECRET}-token`);
});
