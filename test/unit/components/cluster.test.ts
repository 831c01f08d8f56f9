import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse as parseYaml } from "yaml";
import {
  argsIn,
  configIn,
  type Recorded,
  type Recording,
  record,
  SECRET,
  UNKNOWN,
  variablesOf,
} from "./recording.ts";

// A whole cluster takes seconds to record on a machine that has more to do.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const home = mkdtempSync(join(tmpdir(), "postgres-cluster-unit-"));
vi.stubEnv("HOME", home);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const keepalives = {
  "net.ipv4.tcp_keepalive_time": "60",
  "net.ipv4.tcp_keepalive_intvl": "20",
  "net.ipv4.tcp_keepalive_probes": "3",
};
/** The id that the mocks give. */
const CLUSTER = "postgres-cluster/test/cluster-hosts cluster-hosts-id-id";
const GiB = 2 ** 30;
const MiB = 2 ** 20;
const stacks = {
  lab: "Pulumi.dev.yaml",
  production: "Pulumi.production.example.yaml",
} as const;

const types = {
  service: "docker:index/service:Service",
  network: "docker:index/network:Network",
  secret: "docker:index/secret:Secret",
  config: "docker:index/serviceConfig:ServiceConfig",
} as const;
const scripts = "command:local:Command";

/** Each group of PostgreSQL with its members as the plan places them. */
const groups = {
  coordinators: ["coord-1@host-1", "coord-2@host-2", "coord-3@host-3"],
  "shard-1": ["worker-1-1@host-1", "worker-1-2@host-2"],
  "shard-2": ["worker-2-1@host-2", "worker-2-2@host-3"],
  "shard-3": ["worker-3-1@host-3", "worker-3-2@host-1"],
} as const;
const nameOf = (placed: string) => placed.split("@")[0] as string;
/** Each member's resources begin with its name here. */
const databaseMembers = Object.entries(groups).flatMap(([group, members]) =>
  members.map((placed) => `${group}-${nameOf(placed)}`),
);
/** Images without a word about Citus. */
const { citus: _, ...imagesOfTheLab } = { ...argsIn(stacks.lab).images };
const withoutCitus = { images: imagesOfTheLab };

/** A service's task, as far as these tests look into it. */
interface Task {
  containerSpec: {
    image: string;
    hostname: string;
    labels: unknown;
    mounts: unknown;
    capDrops: unknown;
    capAdds?: unknown;
    readOnly: unknown;
    env?: Record<string, string>;
    sysctl?: Record<string, string>;
    secrets: { secretId: string; secretName: string }[];
    configs: { configId: string; configName: string }[];
    healthcheck: { retries: number };
    stopGracePeriod: string;
  };
  networksAdvanceds: unknown;
  placement: unknown;
  resources: unknown;
}
/** What the SDK keeps to itself: the resources that an output waits for. */
interface WithResources {
  allResources(): Promise<ReadonlySet<pulumi.Resource>>;
}
const urnOf = (urn: pulumi.Output<string>) => new Promise<string>((resolve) => urn.apply(resolve));
const taskOf = ({ inputs }: Recorded) => inputs.taskSpec as Task;
const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** Every resource that comes before it, by any way; a child comes after its parent, whatever is in the Swarm after its provider. */
function allBefore(recording: Recording, name: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (at: string) => {
    const { dependencies, parent, provider } = recording.get(at);
    for (const earlier of [...dependencies, parent, provider]) {
      if (earlier === undefined || found.has(earlier)) continue;
      found.add(earlier);
      visit(earlier);
    }
  };
  visit(name);
  return found;
}

describe.each(Object.entries(stacks))("the %s cluster", (stack, file) => {
  const config = configIn(file);
  const hosts = config.hosts.map(({ name }) => name);
  let recording: Recording;
  beforeAll(async () => {
    recording = await record(argsIn(file));
  });

  test("consists of these components", () => {
    const components = [...recording.resources.values()].filter(({ type }) =>
      type.startsWith("postgres-cluster:"),
    );
    expect(Object.fromEntries(components.map(({ name, type, parent }) => [name, [type, parent]]))).toEqual({
      cluster: ["postgres-cluster:index:PostgresCluster", undefined],
      "cluster-hosts": ["postgres-cluster:index:DockerHosts", "cluster"],
      "cluster-swarm": ["postgres-cluster:index:Swarm", "cluster"],
      "cluster-ca": ["postgres-cluster:index:CertificateAuthority", "cluster"],
      "cluster-etcd": ["postgres-cluster:index:EtcdCluster", "cluster"],
      "cluster-monitor": ["postgres-cluster:index:Monitor", "cluster"],
      "cluster-coordinators": ["postgres-cluster:index:PatroniGroup", "cluster"],
      "cluster-shard-1": ["postgres-cluster:index:PatroniGroup", "cluster"],
      "cluster-shard-2": ["postgres-cluster:index:PatroniGroup", "cluster"],
      "cluster-shard-3": ["postgres-cluster:index:PatroniGroup", "cluster"],
      "cluster-database": ["postgres-cluster:index:Database", "cluster"],
      "cluster-citus": ["postgres-cluster:index:CitusNodes", "cluster"],
      "cluster-schema": ["postgres-cluster:index:Schema", "cluster"],
      "cluster-proxy": ["postgres-cluster:index:ProxyPair", "cluster"],
      "cluster-virtual-ip": ["postgres-cluster:index:VirtualIp", "cluster"],
    });
    for (const { name } of components) expect(recording.outputs.has(name), name).toBe(true);
  });

  test("names each child after its parent, and certificates after the component that they are for", () => {
    for (const { name, parent, type } of recording.resources.values()) {
      if (parent === undefined) continue;
      const issued = parent === "cluster-ca" && type.startsWith("tls:");
      expect(name.startsWith(`${issued ? "cluster" : parent}-`), `${name} in ${parent}`).toBe(true);
    }
  });

  test("gives its addresses, and hides those with a password", async () => {
    const password = `${SECRET}OFclusterdatabasepassword`;
    const { readUrl, writeUrl, password: given, ...open } = recording.outputs.get("cluster") ?? {};
    expect(writeUrl).toBe(`postgresql://app:${password}@10.0.0.100:5432/app?sslmode=require`);
    expect(readUrl).toBe(`postgresql://app:${password}@10.0.0.100:5433/app?sslmode=require`);
    expect(given).toBe(password);
    expect(open).toEqual({
      host: "10.0.0.100",
      writePort: 5432,
      readPort: 5433,
      database: "app",
      sessionDatabase: "app_session",
      user: "app",
      statsUrl: "http://10.0.0.100:8404/",
      caCertificate: "certificate of cluster-ca-certificate",
      topology: {
        "host-1": ["etcd-1", "coord-1", "worker-1-1", "worker-3-2", "haproxy-1"],
        "host-2": ["etcd-2", "coord-2", "worker-1-2", "worker-2-1", "haproxy-2"],
        "host-3": ["etcd-3", "coord-3", "worker-2-2", "worker-3-1"],
      },
    });
    expect(recording.secretOutputs).toEqual(["cluster.password", "cluster.readUrl", "cluster.writeUrl"]);
    const { cluster } = recording;
    expect(await pulumi.isSecret(cluster.writeUrl)).toBe(true);
    expect(await pulumi.isSecret(cluster.readUrl)).toBe(true);
    expect(await pulumi.isSecret(cluster.password)).toBe(true);
    expect(await pulumi.isSecret(cluster.host)).toBe(false);
    expect(await pulumi.isSecret(cluster.statsUrl)).toBe(false);
    expect(await pulumi.isSecret(cluster.caCertificate)).toBe(false);
    expect(await pulumi.isSecret(cluster.topology)).toBe(false);
  });

  test("nobody gets a URL before the schema is there and the address is held", async () => {
    const { writeUrl, readUrl } = recording.cluster;
    for (const url of [writeUrl, readUrl] as pulumi.Output<string>[]) {
      const earlier = await (url as unknown as WithResources).allResources();
      const names = (await Promise.all([...earlier].map(({ urn }) => urnOf(urn)))).map((urn) =>
        urn.split("::").at(-1),
      );
      expect(names).toEqual(
        expect.arrayContaining(["cluster-schema-migrations", "cluster-virtual-ip-host-2"]),
      );
    }
  });

  describe("services", () => {
    const { etcd, coordinator, worker, proxy } = config.resources;
    const database = (group: string, [member = "", host = ""]: string[], size: typeof worker) => ({
      name: member,
      host,
      group,
      image: config.images.database,
      size,
      mounts: [
        {
          type: "volume",
          source: group === "coordinators" ? `${member}-data` : member,
          target: "/var/lib/postgresql/data",
        },
        { type: "tmpfs", target: "/dev/shm", tmpfsOptions: { sizeBytes: size.memory / 4 } },
        { type: "tmpfs", target: "/run/postgresql", tmpfsOptions: { sizeBytes: 2 ** 20 } },
        { type: "tmpfs", target: "/tmp", tmpfsOptions: { sizeBytes: size.memory / 8 } },
      ],
      networks: ["coordinator-net", "worker-net"],
      stop: "1m30s",
      ports: [] as number[],
      env: {
        // What a member of Citus shows the others.
        PGSSLCERT: "/run/secrets/tls.crt",
        PGSSLKEY: "/run/secrets/tls.key",
        DIVERGED_BYTES: String(10 * GiB),
        DIVERGED_DAYS: "7",
      } as Record<string, string> | undefined,
      sysctl: { ...keepalives, "net.ipv4.tcp_syn_retries": "1" } as Record<string, string> | undefined,
    });
    const expected = [
      ...[1, 2, 3].map((n) => ({
        name: `etcd-${n}`,
        host: `host-${n}`,
        group: "etcd",
        image: config.images.etcd,
        size: etcd,
        mounts: [{ type: "volume", source: `etcd-${n}-data`, target: "/var/lib/etcd" }],
        networks: ["coordinator-net", "worker-net"],
        stop: "1m",
        ports: [] as number[],
        env: undefined,
        sysctl: undefined,
      })),
      ...Object.entries(groups).flatMap(([group, members]) =>
        members.map((placed) =>
          database(group, placed.split("@"), group === "coordinators" ? coordinator : worker),
        ),
      ),
      ...[1, 2].map((n) => ({
        name: `haproxy-${n}`,
        host: `host-${n}`,
        group: "haproxy",
        image: config.images.proxy,
        size: proxy,
        mounts: [],
        networks: ["admin-net", "coordinator-net"],
        stop: "30s",
        ports: [5432, 5433, 8404],
        env: undefined,
        sysctl: keepalives,
      })),
    ];
    const serviceOf = (name: string) =>
      recording.ofType(types.service).find(({ inputs }) => inputs.name === name) as Recorded;

    test("are these", () => {
      const names = recording.ofType(types.service).map(({ inputs }) => inputs.name);
      expect(names.toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
    });

    test.each(expected)("$name: one replica, where and with what the plan says", (plan) => {
      const service = serviceOf(plan.name);
      const task = taskOf(service);
      const { containerSpec: container } = task;
      expect(service.inputs.mode).toEqual({ replicated: { replicas: 1 } });
      expect(service.inputs.labels).toEqual([{ label: "postgres-cluster", value: CLUSTER }]);
      expect(task.placement).toEqual({ constraints: [`node.labels.postgres-cluster.host==${plan.host}`] });
      expect(container.hostname).toBe(plan.name);
      expect(container.image).toBe(plan.image);
      expect(container.image).toMatch(/@sha256:[0-9a-f]{64}$/);
      expect(container.labels).toEqual([
        { label: "postgres-cluster", value: CLUSTER },
        { label: "postgres-cluster.group", value: plan.group },
      ]);
      expect(container.mounts).toEqual(plan.mounts);
      expect([container.capDrops, container.capAdds, container.readOnly]).toEqual([["ALL"], undefined, true]);
      expect(container.env).toEqual(plan.env);
      expect(container.sysctl).toEqual(plan.sysctl);
      expect(container.stopGracePeriod).toBe(plan.stop);
      expect(task.resources).toEqual({
        limits: { nanoCpus: plan.size.cpus * 1e9, memoryBytes: plan.size.memory },
        reservation: { memoryBytes: plan.size.memory },
      });
      expect(task.networksAdvanceds).toEqual(plan.networks.map((net) => ({ id: `cluster-swarm-${net}-id` })));
      expect(service.inputs.endpointSpec).toEqual({
        mode: "dnsrr",
        ports: plan.ports.map((port) => ({
          targetPort: port,
          publishedPort: port,
          protocol: "tcp",
          publishMode: "host",
        })),
      });
      // A failing check must never reach the count at which Swarm kills.
      expect(container.healthcheck).toMatchObject({ interval: "3s", retries: 1_000_000_000 });
      expect(service.inputs.updateConfig).toEqual({
        parallelism: 1,
        order: "stop-first",
        failureAction: "pause",
      });
    });

    test("ask for readiness by the image's own means", () => {
      const tests = (name: string) =>
        (taskOf(serviceOf(name)).containerSpec.healthcheck as unknown as { tests: string[] }).tests;
      expect(tests("etcd-1")).toEqual(["CMD", "etcd-alive"]);
      expect(tests("coord-1")).toEqual(["CMD", "member-ready"]);
      expect(tests("worker-1-1")).toEqual(["CMD", "member-ready"]);
      expect(tests("haproxy-1").slice(0, 2)).toEqual(["CMD", "curl"]);
      expect(tests("haproxy-1").at(-1)).toBe("http://127.0.0.1:8404/alive");
    });

    test("see these files, and only the image's user reads a key", () => {
      const configs = (name: string) =>
        taskOf(serviceOf(name)).containerSpec.configs.map((entry) =>
          Object.values({ ...entry, configId: "", configName: "" })
            .join(" ")
            .trim(),
        );
      const certificate = ["292 /run/secrets/ca.crt", "292 /run/secrets/tls.crt"];
      const sorted = (name: string) => configs(name).map((text) => text.replace(/\s+/g, " "));
      expect(sorted("etcd-1")).toEqual([...certificate, "292 /etc/etcd/etcd.yml"]);
      for (const member of ["coord-1", "worker-1-1"]) {
        const own = ["292 /etc/patroni/patroni.yml", "292 /etc/pgbouncer/pgbouncer.ini"];
        expect(sorted(member)).toEqual([...certificate, ...own]);
      }
      expect(sorted("haproxy-1")).toEqual(["292 /run/secrets/ca.crt", "292 /etc/haproxy/haproxy.cfg"]);
      const secrets = (name: string) => taskOf(serviceOf(name)).containerSpec.secrets;
      for (const [name, user] of [
        ["etcd-1", "2379"],
        ["coord-1", "999"],
        ["worker-1-1", "999"],
      ] as const) {
        const monitor = {
          secretId: "cluster-monitor-passfile-id",
          secretName: expect.stringMatching(/^monitor-pgpass-[0-9a-f]{12}$/),
          fileName: "monitor.pgpass",
          fileUid: user,
          fileGid: user,
          fileMode: 0o400,
        };
        expect(secrets(name)).toEqual([
          ...(name.startsWith("etcd") ? [] : [monitor]),
          {
            secretId: expect.stringMatching(new RegExp(`${name}-tls-key-id$`)),
            secretName: expect.stringMatching(new RegExp(`^${name}-tls-key-[0-9a-f]{12}$`)),
            fileName: "tls.key",
            fileUid: user,
            fileGid: user,
            fileMode: 0o400,
          },
        ]);
      }
      expect(secrets("haproxy-1")).toEqual([]);
    });
  });

  test("everything in the Swarm goes by way of any manager, with the Swarm, and after its orphan", () => {
    for (const [kind, type] of Object.entries(types)) {
      expect(recording.ofType(type).length, kind).toBeGreaterThan(0);
      for (const resource of recording.ofType(type)) {
        expect(resource, resource.name).toMatchObject({
          provider: "cluster-swarm-manager",
          deletedWith: "cluster-swarm-host-1",
          beforeCreate: [`cluster-swarm-${kind}-orphan`],
          deleteBeforeReplace: kind === "service" || kind === "network",
          ignoreChanges: kind === "network" ? ["name", "driver", "ipamConfigs", "options", "labels"] : [],
          inputs: { labels: [{ label: "postgres-cluster", value: CLUSTER }] },
        });
      }
    }
  });

  test("networks are the documented ones", () => {
    const networks = recording.ofType(types.network).map(({ inputs }) => inputs);
    const common = {
      driver: "overlay",
      // The smallest of the hosts'.
      options: {
        "com.docker.network.driver.mtu": "1450",
        ...(stack === "production" && { encrypted: "true" }),
      },
    };
    expect(networks).toMatchObject([
      { name: "coordinator-net", ipamConfigs: [{ subnet: "10.0.1.0/26" }], ...common },
      { name: "worker-net", ipamConfigs: [{ subnet: "10.0.1.64/26" }], ...common },
      { name: "admin-net", ipamConfigs: [{ subnet: "10.0.1.128/26" }], ...common },
    ]);
    for (const { options } of networks) expect(options).toEqual(common.options);
  });

  test("secrets and configs are named after their content", () => {
    const named = [
      ...recording
        .ofType(types.secret)
        .map(({ inputs }) => [inputs.name, Buffer.from(String(inputs.data), "base64").toString()] as const),
      ...recording.ofType(types.config).map(({ inputs }) => [inputs.name, String(inputs.dataRaw)] as const),
    ];
    // A key and a certificate for twelve members, a file for each of them and a second one for the nine of PostgreSQL,
    // one of the proxies, the authority's, the monitor's password.
    expect(named).toHaveLength(12 + 12 + 12 + 9 + 1 + 1 + 1);
    for (const [name, content] of named) expect(name).toMatch(new RegExp(`^[a-z0-9-]+-${hash(content)}$`));
  });

  test("certificates name their member, and the addresses that clients use", () => {
    const requests = recording.ofType("tls:index/certRequest:CertRequest").map(({ inputs }) => inputs);
    expect(requests).toHaveLength(12);
    const members = [...Object.values(groups).flat().map(nameOf), "etcd-1", "etcd-2", "etcd-3"];
    for (const member of members) {
      const addresses = member.startsWith("coord") ? ["10.0.0.100", "10.0.0.10", "10.0.0.11"] : [];
      expect(requests).toContainEqual(
        expect.objectContaining({
          subject: { commonName: member },
          dnsNames: [member, "localhost"],
          ipAddresses: ["127.0.0.1", ...addresses],
        }),
      );
    }
  });

  describe("order", () => {
    const preflights = hosts.map((host) => `cluster-hosts-${host}-preflight`);

    test("no host is touched before every host has passed its preflight, and then all have reached each other", () => {
      for (const name of preflights) {
        expect(recording.get(name).dependencies).toEqual(["cluster-hosts-id"]);
      }
      expect(recording.get("cluster-hosts-lan").beforeCreate).toEqual(["cluster-hosts-lan-check"]);
      const touching = [
        ...recording.ofType(scripts).filter(({ name }) => !preflights.includes(name)),
        ...Object.values(types).flatMap((type) => recording.ofType(type)),
      ];
      for (const { name } of touching) {
        const earlier = allBefore(recording, name);
        expect(
          [...preflights, "cluster-hosts-lan"].filter((check) => !earlier.has(check)),
          name,
        ).toEqual([]);
      }
    });

    test("a host joins with its own daemon and volumes there, all after the first", () => {
      for (const host of hosts) {
        expect(recording.get(`cluster-swarm-${host}`).dependencies.toSorted()).toEqual(
          [
            `cluster-hosts-${host}-restart`,
            `cluster-hosts-${host}-volumes`,
            "cluster-hosts-id",
            ...(host === "host-1" ? [] : ["cluster-swarm-host-1"]),
          ].toSorted(),
        );
      }
    });

    test("Docker restarts on one host after another, when every host has what is new and before any member changes", () => {
      const restarts = hosts.map((host) => `cluster-hosts-${host}-restart`);
      for (const [index, name] of restarts.entries()) {
        const installed = hosts.map((host) => `cluster-hosts-${host}-docker`);
        expect([...allBefore(recording, name)]).toEqual(
          expect.arrayContaining([...installed, ...restarts.slice(0, index)]),
        );
      }
      for (const { name } of recording.ofType(types.service))
        expect([...allBefore(recording, name)], name).toEqual(expect.arrayContaining(restarts));
    });

    test("whatever is in the Swarm comes after every host has joined and the managers agree", () => {
      const joined = [...hosts.map((host) => `cluster-swarm-${host}`), "cluster-swarm-quorum"];
      const swarm = Object.values(types).flatMap((type) => recording.ofType(type));
      for (const name of ["cluster-swarm-manager", ...swarm.map((resource) => resource.name)]) {
        expect([...allBefore(recording, name)], name).toEqual(expect.arrayContaining(joined));
      }
      expect(variablesOf(recording.get("cluster-swarm-quorum"))).toEqual({
        MANAGERS: "3",
        SUBNETS: "coordinator-net=10.0.1.0/26 worker-net=10.0.1.64/26 admin-net=10.0.1.128/26",
        ENCRYPTED: String(stack === "production"),
        MTU: "1450",
      });
    });

    test("etcd, then the coordinators from the last to the first, then the nodes of Citus, the database and the schema; never two at once", () => {
      const chain = [
        "cluster-etcd-etcd-1",
        "cluster-etcd-etcd-1-ready",
        "cluster-etcd-etcd-2",
        "cluster-etcd-etcd-2-ready",
        "cluster-etcd-etcd-3",
        "cluster-etcd-etcd-3-ready",
        "cluster-coordinators-settings",
        "cluster-coordinators-lead",
        "cluster-coordinators-coord-3",
        "cluster-coordinators-coord-3-ready",
        "cluster-coordinators-coord-2",
        "cluster-coordinators-coord-2-ready",
        "cluster-coordinators-coord-1",
        "cluster-coordinators-coord-1-ready",
        "cluster-coordinators-ready",
        "cluster-coordinators-roles",
        "cluster-citus-nodes",
        "cluster-database-role",
        "cluster-schema-migrations",
      ];
      for (const [index, name] of chain.entries()) {
        if (index > 0) expect([...allBefore(recording, name)], name).toContain(chain[index - 1]);
      }
      const proxies = ["cluster-proxy-haproxy-1", "cluster-proxy-haproxy-1-ready", "cluster-proxy-haproxy-2"];
      for (const [index, name] of proxies.entries()) {
        if (index > 0) expect(recording.get(name).dependencies).toContain(proxies[index - 1]);
      }
    });

    test("the groups change one after another, the coordinators last", () => {
      const order = [...Object.keys(groups).filter((group) => group !== "coordinators"), "coordinators"];
      for (const [index, group] of order.entries()) {
        const before = order[index - 1];
        if (!before) continue;
        const [first] = groups[before as keyof typeof groups].map(nameOf);
        expect(recording.get(`cluster-${group}-lead`).dependencies).toContain(
          `cluster-${before}-${first}-ready`,
        );
        expect(recording.get(`cluster-${group}-ready`).dependencies).toContain(`cluster-${before}-roles`);
      }
    });

    test("a group's members change one after another, the preferred leader last, and then its pooler is let in", () => {
      for (const [group, members] of Object.entries(groups)) {
        const chain = [
          "cluster-etcd-etcd-3-ready",
          `cluster-${group}-settings`,
          `cluster-${group}-lead`,
          ...members
            .map(nameOf)
            .toReversed()
            .flatMap((member) => [`cluster-${group}-${member}`, `cluster-${group}-${member}-ready`]),
          `cluster-${group}-ready`,
          `cluster-${group}-roles`,
        ];
        for (const [index, name] of chain.entries()) {
          if (index > 0) expect([...allBefore(recording, name)], name).toContain(chain[index - 1]);
        }
      }
    });

    test("Citus' nodes come after every group, the database's owner after the nodes that get it too, then the schema", () => {
      const earlier = (name: string) => [...allBefore(recording, name)];
      expect(earlier("cluster-citus-nodes")).toEqual(
        expect.arrayContaining(Object.keys(groups).map((group) => `cluster-${group}-roles`)),
      );
      expect(earlier("cluster-database-role")).toContain("cluster-citus-nodes");
      expect(earlier("cluster-schema-migrations")).toEqual(
        expect.arrayContaining(["cluster-citus-nodes", "cluster-database-role"]),
      );
    });

    test("the virtual IP comes after both proxies, one host after the other", () => {
      expect([...allBefore(recording, "cluster-virtual-ip-host-1")]).toEqual(
        expect.arrayContaining(["cluster-proxy-haproxy-1-ready", "cluster-proxy-haproxy-2-ready"]),
      );
      expect(recording.get("cluster-virtual-ip-host-2").dependencies).toContain("cluster-virtual-ip-host-1");
    });

    test("the first deployment waits for the proxies at the end, and for members of a quorum together", () => {
      const wait = Object.fromEntries(
        recording
          .ofType(scripts)
          .map((script) => [script.name, variablesOf(script)] as const)
          .filter(([, { ON_CREATE }]) => ON_CREATE)
          .map(([name, { ON_CREATE, MEMBERS }]) => [name, `${ON_CREATE} ${MEMBERS}`]),
      );
      expect(wait).toEqual({
        "cluster-etcd-etcd-1-ready": "pass etcd-1@host-1",
        "cluster-etcd-etcd-2-ready": "pass etcd-2@host-2",
        "cluster-etcd-etcd-3-ready": "pass etcd-3@host-3",
        ...Object.fromEntries(
          Object.entries(groups).flatMap(([group, members]) =>
            members.map((placed) => [`cluster-${group}-${nameOf(placed)}-ready`, `pass ${placed}`]),
          ),
        ),
        "cluster-proxy-haproxy-1-ready": "pass haproxy-1@host-1",
        "cluster-proxy-haproxy-2-ready": "wait haproxy-1@host-1 haproxy-2@host-2",
      });
    });
  });

  describe("secrets", () => {
    test("are secret wherever they go", () => {
      for (const { name, inputs, secretInputs } of recording.resources.values()) {
        for (const [key, value] of Object.entries(inputs)) {
          const text = JSON.stringify(value);
          const data = typeof value === "string" ? Buffer.from(value, "base64").toString() : "";
          if (text.includes(SECRET) || data.includes(SECRET)) {
            expect(secretInputs, `${name}.${key}`).toContain(key);
          }
        }
      }
    });

    test("go into these places only", () => {
      const holders = [...recording.resources.values()]
        .filter(({ secretInputs }) => secretInputs.length > 0)
        .map(({ name, secretInputs }) => `${name}: ${secretInputs.join(" ")}`);
      const members = [...[1, 2, 3].map((n) => `etcd-etcd-${n}`), ...databaseMembers];
      expect(holders.toSorted()).toEqual(
        [
          "cluster-ca-certificate: privateKeyPem",
          ...members.map((member) => `cluster-${member}-request: privateKeyPem`),
          ...members.map((member) => `cluster-${member}-certificate: caPrivateKeyPem`),
          ...members.map((member) => `cluster-${member}-tls-key: data`),
          ...Object.keys(groups).map((group) => `cluster-${group}-roles: stdin`),
          "cluster-monitor-passfile: data",
          "cluster-swarm-host-2: stdin",
          "cluster-swarm-host-3: stdin",
          "cluster-database-role: stdin",
        ].toSorted(),
      );
    });

    test("the join token is hidden from state and log", () => {
      for (const host of hosts) {
        expect(recording.get(`cluster-swarm-${host}`)).toMatchObject({
          secretOutputs: ["stdout"],
          inputs: { logging: "stderr" },
        });
      }
      expect(variablesOf(recording.get("cluster-swarm-host-1")).MEMBERSHIP).toBe("");
      expect(variablesOf(recording.get("cluster-swarm-host-2")).MEMBERSHIP).toContain("SWMTKN-");
    });

    test("no command line or environment holds one, and no script's output returns", () => {
      for (const { name, inputs } of recording.ofType(scripts)) {
        const { stdin, ...visible } = inputs;
        expect(JSON.stringify(visible), name).not.toContain(SECRET);
        expect(Object.keys(visible).sort(), name).toEqual(
          [
            "addPreviousOutputInEnv",
            "create",
            ...("delete" in visible ? ["delete"] : []),
            "interpreter",
            "logging",
            ...("update" in visible ? ["update"] : []),
          ].sort(),
        );
        expect(visible).toMatchObject({ addPreviousOutputInEnv: false, create: "create" });
        expect(stdin, name).toContain("set -euo pipefail");
      }
    });
  });

  test("only what makes something on a host takes it away again", () => {
    const deleting = recording.ofType(scripts).filter(({ inputs }) => inputs.delete === "delete");
    expect(deleting.map(({ name }) => name).toSorted()).toEqual(
      hosts
        .flatMap((host) => [
          `cluster-hosts-${host}-docker`,
          `cluster-hosts-${host}-volumes`,
          `cluster-swarm-${host}`,
        ])
        .concat("cluster-virtual-ip-host-1", "cluster-virtual-ip-host-2")
        .toSorted(),
    );
    for (const { name } of deleting.filter(({ name }) => name.startsWith("cluster-hosts-"))) {
      expect(variablesOf(recording.get(name)).POLICY, name).toBe(
        stack === "production" ? "retain" : "delete",
      );
    }
  });

  test("a preflight compares the host with all that the plan puts on it", () => {
    const { coordinator, worker, etcd, proxy } = config.resources;
    const sum = (of: "memory" | "storage", withProxy: boolean) =>
      String(coordinator[of] + 2 * worker[of] + etcd[of] + (withProxy ? proxy[of] : 0));
    for (const [index, host] of hosts.entries()) {
      expect(variablesOf(recording.get(`cluster-hosts-${host}-preflight`))).toEqual({
        HOST: host,
        HOSTS: hosts.join(" "),
        CLUSTER,
        ADDRESS: `10.0.0.1${index}`,
        PLAN_CPUS: String(worker.cpus),
        SHARED_CPUS: String(coordinator.cpus + 2 * worker.cpus + etcd.cpus + (index < 2 ? proxy.cpus : 0)),
        PLAN_MEMORY: sum("memory", index < 2),
        PLAN_STORAGE: sum("storage", index < 2),
        ENCRYPTED: String(stack === "production"),
        PORTS: index < 2 ? "5432 5433 8404" : "",
      });
    }
  });

  test("keepalived is installed where the proxies are", () => {
    const packages = hosts.map((host) => variablesOf(recording.get(`cluster-hosts-${host}-docker`)).PACKAGES);
    expect(packages).toEqual(["curl nftables keepalived", "curl nftables keepalived", "curl nftables"]);
  });

  test("the proxies' hosts hold the virtual IP, and only they", () => {
    const holders = recording.ofType(scripts).filter(({ parent }) => parent === "cluster-virtual-ip");
    expect(holders.map(({ name }) => name)).toEqual([
      "cluster-virtual-ip-host-1",
      "cluster-virtual-ip-host-2",
    ]);
    for (const [index, holder] of holders.entries()) {
      const { KEEPALIVED_CONF, START, ...plain } = variablesOf(holder);
      expect(plain).toEqual({
        HOST: hosts[index],
        ADDRESS: `10.0.0.1${index}`,
        CLUSTER,
        VIRTUAL: "10.0.0.100/24",
        ALIVE: "http://10.0.0.100:8404/alive",
      });
      expect(KEEPALIVED_CONF).toContain(`unicast_src_ip 10.0.0.1${index}\n`);
      expect(START).toMatch(/^#!\/bin\/bash\n/);
    }
  });

  test("the schema is made on the coordinators' leader, in the application's database", () => {
    const { FILES = "", ...plain } = variablesOf(recording.get("cluster-schema-migrations"));
    expect(plain).toEqual({
      GROUP: "coordinators",
      LEADER: expect.stringMatching(
        /^host=coord-1,coord-2,coord-3 user=postgres options=-csearch_path=pg_catalog /,
      ),
      OWNER: expect.stringMatching(/^host=coord-1,coord-2,coord-3 user=app dbname=/),
      DATABASE: "app",
    });
    expect(Object.keys(JSON.parse(FILES))).toContain("built-in/001_memory.sql");
  });

  test("a group's pooler is let in on the group's own leader", () => {
    for (const [group, members] of Object.entries(groups)) {
      const { GROUP, LEADER, SQL } = variablesOf(recording.get(`cluster-${group}-roles`));
      expect(GROUP).toBe(group);
      expect(LEADER).toMatch(new RegExp(`^host=${members.map(nameOf)} user=postgres `));
      expect(SQL).toContain("pgbouncer.user_lookup");
      expect(SQL).toContain("GRANT pg_monitor TO monitor");
    }
  });

  test("volumes are those of the members", () => {
    const volumes = hosts.map((host) => variablesOf(recording.get(`cluster-hosts-${host}-volumes`)).VOLUMES);
    expect(volumes).toEqual([
      "etcd-1-data coord-1-data worker-1-1 worker-3-2",
      "etcd-2-data coord-2-data worker-1-2 worker-2-1",
      "etcd-3-data coord-3-data worker-2-2 worker-3-1",
    ]);
  });
});

test("the documented sizes reach the containers", async () => {
  const recording = await record(argsIn(stacks.production));
  const limits = (name: string) => (taskOf(recording.get(name)).resources as { limits: unknown }).limits;
  expect(limits("cluster-coordinators-coord-1")).toEqual({ nanoCpus: 2e9, memoryBytes: 8 * GiB });
  expect(limits("cluster-shard-1-worker-1-1")).toEqual({ nanoCpus: 4e9, memoryBytes: 16 * GiB });
  expect(limits("cluster-etcd-etcd-1")).toEqual({ nanoCpus: 0.5e9, memoryBytes: GiB });
  expect(limits("cluster-proxy-haproxy-1")).toEqual({ nanoCpus: 1e9, memoryBytes: 512 * MiB });
});

describe("Citus", () => {
  const numbers: Record<string, number> = { coordinators: 0, "shard-1": 1, "shard-2": 2, "shard-3": 3 };
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  afterAll(() => warn.mockRestore());
  const recorded = async (change: Record<string, unknown> = {}) => {
    warn.mockClear();
    const recording = await record(argsIn(stacks.lab, change));
    return { recording, warnings: warn.mock.calls.map(([text]) => text) };
  };
  const configOf = (recording: Recording, name: string) => String(recording.get(name).inputs.dataRaw);
  const patroniOf = (recording: Recording, group: string, placed: string) =>
    parseYaml(configOf(recording, `cluster-${group}-${nameOf(placed)}-patroni`)) as {
      scope: string;
      citus?: unknown;
      postgresql: { pg_hba: string[]; pg_ident: string[] };
    };

  describe("in the image", () => {
    let recording: Recording;
    let warnings: string[];
    beforeAll(async () => {
      ({ recording, warnings } = await recorded());
    });

    test("is nothing to warn of but what a failover of the workers can lose", () => {
      expect(warnings).toEqual([
        expect.stringMatching(
          /^a commit does not wait for a standby in shard-1, shard-2, shard-3 .*up to 1024 KB of WAL .*every 10 s/,
        ),
      ]);
    });

    test("makes of all groups one scope, told apart by their numbers", () => {
      for (const [group, members] of Object.entries(groups)) {
        for (const placed of members) {
          expect(patroniOf(recording, group, placed)).toMatchObject({
            scope: "postgres-cluster",
            citus: { database: "app", group: numbers[group] },
          });
        }
        const { KEY, SETTINGS = "" } = variablesOf(recording.get(`cluster-${group}-settings`));
        expect(KEY).toBe(`/service/postgres-cluster/${numbers[group]}/config`);
        expect(JSON.parse(SETTINGS).postgresql.parameters).toMatchObject({
          "citus.shard_count": 32,
          "citus.node_conninfo": "sslmode=verify-full sslrootcert=/run/secrets/ca.crt tcp_user_timeout=5000",
          "citus.node_connection_timeout": "5s",
        });
        for (const step of ["lead", "ready"]) {
          expect(variablesOf(recording.get(`cluster-${group}-${step}`))).toMatchObject({
            GROUP: group,
            PATRONI_GROUP: `postgres-cluster --group ${numbers[group]}`,
          });
        }
      }
    });

    test("lets members in as any role, in the application's database: itself by the socket, others by certificate and from the members' networks only", () => {
      for (const [group, members] of Object.entries(groups)) {
        for (const placed of members) {
          const { pg_hba } = patroniOf(recording, group, placed).postgresql;
          expect(pg_hba.filter((line) => line.split(" ").includes("app"))).toEqual([
            "local app all peer map=local",
            "hostssl app all 10.0.1.0/26 cert map=members",
            "hostssl app all 10.0.1.64/26 cert map=members",
          ]);
        }
      }
    });

    test("has its nodes held against the whole plan, on a coordinator", () => {
      const variables = variablesOf(recording.get("cluster-citus-nodes"));
      expect(variables).toEqual({
        GROUP: "coordinators",
        LEADER: expect.stringMatching(/^host=coord-1,coord-2,coord-3 user=postgres /),
        DATABASE: "app",
        NODES: [
          "0 coord-1 coord-2 coord-3",
          "1 worker-1-1 worker-1-2",
          "2 worker-2-1 worker-2-2",
          "3 worker-3-1 worker-3-2",
        ].join("\n"),
        PORT: "5432",
      });
    });

    test("has its shards moved by a role that is no superuser", () => {
      const shards = recording.get("cluster-citus-shards");
      expect(variablesOf(shards)).toMatchObject({
        REBALANCER: expect.stringMatching(/^host=coord-1,coord-2,coord-3 user=rebalancer /),
        REBALANCE: "false",
        NODES: "coordinators shard-1 shard-2 shard-3",
      });
    });

    test("goes by the database's name, role and number of shards", async () => {
      const database = { name: "memory", user: "agent", shardCount: 64, rebalance: true };
      const { recording: other } = await recorded({ database });
      expect(variablesOf(other.get("cluster-citus-nodes")).DATABASE).toBe("memory");
      expect(variablesOf(other.get("cluster-citus-shards"))).toMatchObject({
        DATABASE: "memory",
        REBALANCE: "true",
      });
      // Citus passes on to the other nodes what is done from its own database.
      expect(variablesOf(other.get("cluster-database-role"))).toMatchObject({
        FROM: "memory",
        DATABASE: "memory",
        ROLE: "agent",
      });
      const patroni = patroniOf(other, "shard-2", "worker-2-1");
      expect(patroni.citus).toEqual({ database: "memory", group: 2 });
      expect(patroni.postgresql.pg_hba).toContain("hostssl memory all 10.0.1.64/26 cert map=members");
      const { SETTINGS = "" } = variablesOf(other.get("cluster-shard-2-settings"));
      expect(JSON.parse(SETTINGS).postgresql.parameters["citus.shard_count"]).toBe(64);
    });
  });

  describe("not in the image", () => {
    let recording: Recording;
    let warnings: string[];
    beforeAll(async () => {
      ({ recording, warnings } = await recorded(withoutCitus));
    });

    test("is warned of, once, with where to read on", () => {
      expect(warnings.filter((text) => /Citus/.test(text))).toEqual([
        expect.stringMatching(/has no Citus.*images\/database\/debs\/README\.md$/),
      ]);
    });

    test("leaves its nodes out and nothing else", async () => {
      const { recording: whole } = await recorded();
      const left = [...whole.resources.keys()].filter((name) => !recording.resources.has(name));
      expect(left.toSorted()).toEqual(["cluster-citus", "cluster-citus-nodes", "cluster-citus-shards"]);
      expect([...recording.resources.keys()].filter((name) => !whole.resources.has(name))).toEqual([]);
    });

    test("leaves each group a scope of its own, and nothing of Citus in any", () => {
      for (const [group, members] of Object.entries(groups)) {
        for (const placed of members) {
          const patroni = patroniOf(recording, group, placed);
          expect(patroni.scope).toBe(group);
          expect(patroni).not.toHaveProperty("citus");
          expect(patroni.postgresql.pg_hba).not.toContain("hostssl app all 10.0.1.64/26 cert map=members");
          expect(taskOf(recording.get(`cluster-${group}-${nameOf(placed)}`)).containerSpec.env).toEqual({
            DIVERGED_BYTES: String(10 * GiB),
            DIVERGED_DAYS: "7",
          });
        }
        const { KEY, SETTINGS } = variablesOf(recording.get(`cluster-${group}-settings`));
        expect(KEY).toBe(`/service/${group}/config`);
        expect(SETTINGS).not.toContain("citus");
        for (const step of ["lead", "ready"]) {
          expect(variablesOf(recording.get(`cluster-${group}-${step}`)).PATRONI_GROUP).toBe(group);
        }
      }
    });

    test("leaves the schema after the database, which is made from PostgreSQL's own", () => {
      expect(variablesOf(recording.get("cluster-database-role")).FROM).toBe("postgres");
      expect([...allBefore(recording, "cluster-schema-migrations")]).toContain("cluster-database-role");
    });
  });
});

describe("a changed setting", () => {
  const named = (recording: Recording) =>
    new Map(
      [...recording.ofType(types.secret), ...recording.ofType(types.config)].map(
        ({ name, inputs }) => [name, inputs.name] as const,
      ),
    );
  const specifications = (recording: Recording) =>
    new Map(
      recording
        .ofType(scripts)
        .map((script) => [script.name, variablesOf(script).SPECIFICATION] as const)
        .filter(([, specification]) => specification),
    );
  const changed = (one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>) => {
    expect([...one.keys()].toSorted()).toEqual([...other.keys()].toSorted());
    return [...one.keys()].filter((key) => one.get(key) !== other.get(key)).toSorted();
  };
  const tasks = (recording: Recording) =>
    new Map(recording.ofType(types.service).map((service) => [service.name, JSON.stringify(service.inputs)]));
  let plain: Recording;
  beforeAll(async () => {
    plain = await record(argsIn(stacks.lab));
  });

  test("none: nothing differs", async () => {
    const again = await record(argsIn(stacks.lab));
    for (const [name, resource] of plain.resources) expect(again.get(name)).toEqual(resource);
    expect(again.resources.size).toBe(plain.resources.size);
  });

  test("the statistics page's password: only the proxies roll, and it is in a secret alone", async () => {
    const password = "it's-a-\\-password";
    const set = (text: string) => record(argsIn(stacks.lab, { proxy: { statistics: { password: text } } }));
    const other = await set(password);
    expect(changed(tasks(plain), tasks(other))).toEqual([
      "cluster-proxy-haproxy-1",
      "cluster-proxy-haproxy-2",
    ]);
    const secret = other.get("cluster-proxy-statistics");
    const content = Buffer.from(String(secret.inputs.data), "base64").toString();
    expect(content).toMatch(/^# SECRET\w+\nuserlist statistics\n {2}user admin insecure-password /);
    expect(content).toContain(` 'it'\\''s-a-\\-password'\n`);
    expect(secret.secretInputs).toEqual(["data"]);
    const { containerSpec } = taskOf(other.get("cluster-proxy-haproxy-1"));
    expect(containerSpec).toMatchObject({
      args: ["-f", "/run/secrets/statistics.cfg"],
      secrets: [{ fileName: "statistics.cfg", fileUid: "99", fileGid: "99", fileMode: 0o400 }],
    });
    for (const { name, inputs } of other.resources.values()) {
      if (name !== secret.name) expect(JSON.stringify(inputs), name).not.toContain("a-\\\\-password");
    }
    const third = await set("another-password");
    expect(changed(tasks(other), tasks(third))).toEqual([
      "cluster-proxy-haproxy-1",
      "cluster-proxy-haproxy-2",
    ]);
  });

  test("of the proxies: their config has a new name, and only they roll", async () => {
    const other = await record(argsIn(stacks.lab, { timing: { proxyCheckMs: 2000 } }));
    expect(changed(named(plain), named(other))).toEqual(["cluster-proxy-config"]);
    expect(changed(tasks(plain), tasks(other))).toEqual([
      "cluster-proxy-haproxy-1",
      "cluster-proxy-haproxy-2",
    ]);
    expect(changed(specifications(plain), specifications(other))).toEqual([
      "cluster-proxy-haproxy-1-ready",
      "cluster-proxy-haproxy-2-ready",
    ]);
  });

  test("of PostgreSQL: no container changes, the group's settings do", async () => {
    const database = { parameters: { coordinators: { work_mem: "9MB" } } };
    const other = await record(argsIn(stacks.lab, { database }));
    expect(changed(named(plain), named(other))).toEqual([]);
    expect(changed(tasks(plain), tasks(other))).toEqual([]);
    const stdin = (recording: Recording) =>
      new Map(recording.ofType(scripts).map(({ name, inputs }) => [name, inputs.stdin]));
    expect(changed(stdin(plain), stdin(other))).toEqual([
      "cluster-coordinators-ready",
      "cluster-coordinators-settings",
    ]);
  });

  test("of the workers' PostgreSQL: each shard's settings change, and no container", async () => {
    const database = { parameters: { workers: { work_mem: "9MB" } } };
    const other = await record(argsIn(stacks.lab, { database }));
    expect(changed(named(plain), named(other))).toEqual([]);
    expect(changed(tasks(plain), tasks(other))).toEqual([]);
    const stdin = (recording: Recording) =>
      new Map(recording.ofType(scripts).map(({ name, inputs }) => [name, inputs.stdin]));
    expect(changed(stdin(plain), stdin(other))).toEqual(
      [1, 2, 3].flatMap((n) => [`cluster-shard-${n}-ready`, `cluster-shard-${n}-settings`]),
    );
  });

  test("one shard more: it comes with its pair, and no other container changes", async () => {
    const other = await record(argsIn(stacks.lab, { placement: { workerGroups: 4 } }));
    const came = (kind: (recording: Recording) => ReadonlyMap<string, unknown>) => {
      const before = kind(plain);
      return [...kind(other)].filter(([key, value]) => before.get(key) !== value).map(([key]) => key);
    };
    expect(came(tasks).toSorted()).toEqual(["cluster-shard-4-worker-4-1", "cluster-shard-4-worker-4-2"]);
    expect(came(named).filter((name) => !name.startsWith("cluster-shard-4-"))).toEqual([]);
    expect([...plain.resources.keys()].filter((name) => !other.resources.has(name))).toEqual([]);
    expect(variablesOf(other.get("cluster-citus-nodes")).NODES).toMatch(/\n4 worker-4-1 worker-4-2$/);
  });

  test("of the database image: the group hands over leadership before its members change", async () => {
    const digest = `@sha256:${"f".repeat(64)}`;
    const images = { ...argsIn(stacks.lab).images, database: `registry/database${digest}` };
    const other = await record(argsIn(stacks.lab, { images }));
    expect(changed(tasks(plain), tasks(other))).toEqual(
      databaseMembers.map((member) => `cluster-${member}`).toSorted(),
    );
    expect(changed(specifications(plain), specifications(other))).toEqual(
      [
        ...databaseMembers.map((member) => `cluster-${member}-ready`),
        ...Object.keys(groups).flatMap((group) => [`cluster-${group}-lead`, `cluster-${group}-ready`]),
      ].toSorted(),
    );
    for (const step of ["lead", "ready"]) {
      for (const group of Object.keys(groups)) {
        expect(other.get(`cluster-${group}-${step}`).inputs.update).toBe("update");
      }
    }
  });
});

describe("the first preview", () => {
  test("knows no daemon, so it looks for none, and shows all that will be", async () => {
    const preview = await record(argsIn(stacks.lab), { preview: true });
    const up = await record(argsIn(stacks.lab));
    expect(preview.get("cluster-swarm-manager").inputs.host).toBe(UNKNOWN);
    expect(up.get("cluster-swarm-manager").inputs.host).toMatch(/^ssh:\/\/root@manager-[0-9a-f]{12}$/);
    expect([...preview.resources.keys()].toSorted()).toEqual([...up.resources.keys()].toSorted());
    // What no provider has to make is shown.
    const { labels: _, ...shown } = preview.get("cluster-proxy-config").inputs;
    expect(up.get("cluster-proxy-config").inputs).toMatchObject(shown);
    expect(preview.get("cluster-hosts-host-1-restart").inputs).toEqual(
      up.get("cluster-hosts-host-1-restart").inputs,
    );
    expect(await pulumi.isSecret(preview.cluster.writeUrl)).toBe(true);
  });
});
