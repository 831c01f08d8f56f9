import { describe, expect, test } from "vitest";
import { parseSettings, SettingsError } from "../../../config/parse.ts";
import { DIGEST, faultsOf, hostsOf, keyOf, parse, readerOf } from "./fixture.ts";

const GB = 2 ** 30;

describe("defaults are the figures of docs/reference-architecture.md", () => {
  const config = parse();

  test("three hosts and the virtual IP", () => {
    expect(config.hosts.map(({ name, address, sshPort }) => `${name} ${address}:${sshPort}`)).toEqual([
      "host-1 10.0.0.10:22",
      "host-2 10.0.0.11:22",
      "host-3 10.0.0.12:22",
    ]);
    expect(config.virtualIp.address).toBe("10.0.0.100");
  });

  test("the networks, encrypted", () => {
    expect(config.network).toEqual({
      hosts: "10.0.0.0/24",
      coordinators: "10.0.1.0/26",
      workers: "10.0.1.64/26",
      admin: "10.0.1.128/26",
      dockerPool: "10.201.0.0/16",
      encrypted: true,
      clients: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"],
    });
  });

  test("the resource table", () => {
    expect(config.resources).toEqual({
      coordinator: { cpus: 2, memory: 8 * GB, storage: 100 * GB },
      worker: { cpus: 4, memory: 16 * GB, storage: 500 * GB },
      etcd: { cpus: 0.5, memory: 1 * GB, storage: 10 * GB },
      proxy: { cpus: 1, memory: 0.5 * GB, storage: 1 * GB },
    });
  });

  test("synchronous coordinators, asynchronous workers, 32 shards", () => {
    expect(config.database.synchronous).toEqual({ coordinators: true, workers: false });
    expect(config.database.shardCount).toBe(32);
  });

  test("timing that Patroni takes as it is", () => {
    expect(config.timing).toEqual({
      ttl: 20,
      loopWait: 10,
      retryTimeout: 5,
      primaryStartTimeout: { synchronous: 0, asynchronous: 60 },
      primaryStopTimeout: 15,
      maximumLagOnFailover: 2 ** 20,
      maximumLagOnRead: 100 * 2 ** 20,
      proxyCheckMs: 1000,
    });
  });

  test("everything else", () => {
    expect(config.ssh).toEqual({ user: "root" });
    expect(config.virtualIp.routerId).toBe(100);
    expect(config.database).toMatchObject({ name: "app", user: "app", vectorEngine: "pgvector" });
    expect(config.database.parameters).toEqual({ coordinators: {}, workers: {} });
    expect(config.monitoring.enabled).toBe(false);
    expect(config.deletionPolicy).toBe("retain");
  });
});

describe("values", () => {
  test("everything is frozen, all the way down", () => {
    const thawed: string[] = [];
    const visit = (value: unknown, path: string) => {
      if (typeof value !== "object" || value === null) return;
      if (!Object.isFrozen(value)) thawed.push(path);
      for (const [key, child] of Object.entries(value)) visit(child, `${path}.${key}`);
    };
    visit(parse(), "config");
    expect(thawed).toEqual([]);
  });

  test("the settings given are left as they are", () => {
    const settings = { hosts: hostsOf(3), ssh: { knownHostsFile: "known_hosts" } };
    const before = structuredClone(settings);
    parseSettings(settings, { readFile: readerOf() });
    expect(settings).toEqual(before);
    settings.hosts.push(...hostsOf(1)); // throws if it was frozen along with the configuration
  });

  test("sizes are binary with either spelling", () => {
    const { worker } = parse({ resources: { worker: { memory: "1.5GiB", storage: "2TB" } } }).resources;
    expect(worker).toEqual({ cpus: 4, memory: 1.5 * GB, storage: 2048 * GB });
  });

  test("numbers may be text, as pulumi config set stores fractions and secrets", () => {
    const hosts = hostsOf(3).map((host) => ({ ...host, sshPort: "2222", cpus: "8" }));
    const { resources, timing, ...config } = parse({
      hosts,
      resources: { worker: { cpus: "0.5" }, coordinator: { cpus: "2" } },
      timing: { ttl: "30" },
    });
    expect(config.hosts[2]).toMatchObject({ sshPort: 2222, capacity: { cpus: 8 } });
    expect([resources.worker.cpus, resources.coordinator.cpus, timing.ttl]).toEqual([0.5, 2, 30]);
  });

  test("what a host has becomes its capacity, and its key loses the comment", () => {
    const [host] = parse({
      hosts: [
        { ...hostsOf(1)[0], hostKey: `${keyOf(9)} root@host-1`, memory: "64GB" },
        ...hostsOf(3).slice(1),
      ],
    }).hosts;
    expect(host).toEqual({ ...hostsOf(1)[0], sshPort: 22, hostKey: keyOf(9), capacity: { memory: 64 * GB } });
  });

  test("parameters keep their types", () => {
    const parameters = {
      work_mem: "64MB",
      max_connections: 200,
      jit: false,
      "citus.max_adaptive_executor_pool_size": 4,
    };
    expect(parse({ database: { parameters: { workers: parameters } } }).database.parameters.workers).toEqual(
      parameters,
    );
  });
});

describe("images", () => {
  test("come from the manifest", () => {
    expect(parse().images).toEqual({
      etcd: `registry/etcd${DIGEST}`,
      database: `registry/database${DIGEST}`,
      proxy: `registry/proxy${DIGEST}`,
      citus: "14.0.0",
      ruvector: null,
      insecureRegistries: [],
      registries: [],
    });
  });

  test("given ones win, and an own database image has no Citus unless said", () => {
    const own = `own:5000/db:17${DIGEST}`;
    expect(parse({ images: { database: own } }).images).toMatchObject({ database: own, citus: null });
    expect(parse({ images: { database: own, citus: "13.2" } }).images.citus).toBe("13.2");
    expect(parse({ images: { etcd: own } }).images).toMatchObject({ etcd: own, citus: "14.0.0" });
  });

  test("need no manifest when all are given", () => {
    const [etcd, database, proxy] = ["e", "d", "p"].map((name) => `${name}${DIGEST}`);
    const images = { etcd, database, proxy };
    expect(parse({ images }, { "build/images.json": null }).images).toMatchObject({ ...images, citus: null });
  });
});

describe("the report", () => {
  const MANY = {
    ssh: { knownHostsFile: "known_hosts", pasword: "hunter2" },
    hosts: [...hostsOf(10), { name: "host-2", address: "10.0.0.300" }],
    network: { workers: "10.0.1.0/26", encrypted: "yes" },
    virtualIp: { address: "10.0.0.11" },
    placement: { proxies: ["host-1", "host-1"] },
    images: { manifest: "missing" },
    timing: { loopWait: 11, ttl: 20, proxyCheckMs: "fast" },
  };

  test("names every error at once, of single settings and across them, sorted by path", () => {
    expect(faultsOf(MANY).map((error) => error.slice(0, error.indexOf(": ")))).toEqual([
      "hosts[10].address",
      "hosts[10].name",
      "images.manifest",
      "network.encrypted",
      "network.workers",
      "placement.proxies[1]",
      "ssh.pasword",
      "timing.loopWait",
      "timing.proxyCheckMs",
      "virtualIp.address",
    ]);
  });

  test("is one message that says how many errors there are", () => {
    const error = new SettingsError(
      ["a", "b"].map((path) => ({ path, reason: "no value: required; set it" })),
    );
    expect(error.message).toBe(
      "The configuration has 2 errors; nothing was changed.\n  a: no value: required; set it\n  b: no value: required; set it",
    );
    expect(new SettingsError([{ path: "a", reason: "r" }]).message).toBe(
      "The configuration has 1 error; nothing was changed.\n  a: r",
    );
  });

  test("a wrong setting hides no error that does not depend on it, and causes none", () => {
    expect(
      faultsOf({ timing: { ttl: "x", loopWait: 15, retryTimeout: 5, primaryStopTimeout: 30 } }),
    ).toHaveLength(1);
    expect(faultsOf({ network: { hosts: "x" }, virtualIp: { address: "192.168.1.1" } })).toHaveLength(1);
    expect(faultsOf({ ssh: { knownHostsFile: 7 } })).toHaveLength(1);
    expect(faultsOf({ hosts: hostsOf(3).map((host) => ({ ...host, name: "host-1" })) })).toHaveLength(2);
    const sizes = { coordinator: { memory: "x" } };
    const hosts = hostsOf(3).map((host) => ({ ...host, memory: "30GB" }));
    expect(faultsOf({ hosts, resources: sizes }).map((error) => error.split(":")[0])).toEqual([
      "hosts[0].memory",
      "hosts[1].memory",
      "hosts[2].memory",
      "resources.coordinator.memory",
    ]);
  });
});

describe("secrets are never repeated", () => {
  const SECRET = "hunter2-hunter2";
  const leaks: readonly (readonly [string, Record<string, unknown>])[] = [
    ["an unknown key", { database: { password: SECRET } }],
    [
      "a key in place of its file",
      { ssh: { knownHostsFile: "known_hosts", privateKeyFile: `-----BEGIN PRIVATE KEY-----\n${SECRET}` } },
    ],
    [
      "a password in a connection string",
      { database: { parameters: { workers: { primary_conninfo: `host=a password=${SECRET}` } } } },
    ],
    ["a password in a reference", { images: { etcd: `user:${SECRET}@registry/etcd:3.5` } }],
    ["a group in place of a value", { deletionPolicy: { key: SECRET } }],
    ["a list in place of a value", { deletionPolicy: [{ key: SECRET }] }],
  ];
  test.each(leaks)("%s", (_, settings) => {
    expect(faultsOf(settings).join("\n")).not.toContain(SECRET);
  });

  test("values of keys that are secret in the stack, wherever a message would name them", () => {
    const settings: Record<string, unknown> = { network: { hosts: "10.77.0.0/16" }, deletionPolicy: SECRET };
    const report = (secrets: string[]) => {
      try {
        parseSettings(settings, { readFile: readerOf(), secrets: new Set(secrets) });
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    expect(report([])).toContain(SECRET);
    expect(report([])).toContain("10.77.0.0/16");
    expect(report(["deletionPolicy", "network"])).not.toContain(SECRET);
    expect(report(["deletionPolicy", "network"])).not.toContain("10.77.0.0/16");
  });
});
