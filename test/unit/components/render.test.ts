import { expect, test } from "vitest";
import { parse } from "yaml";
import { etcdYaml } from "../../../components/consensus/etcd.ts";
import { daemonJson, halves, sysctls } from "../../../components/host/daemon.ts";
import { firewall } from "../../../components/host/firewall.ts";
import { parametersFor } from "../../../components/postgres/parameters.ts";
import {
  groupSettings,
  leaderConninfo,
  patronictlGroup,
  patroniYaml,
  settingsKey,
} from "../../../components/postgres/patroni.ts";
import { haproxyCfg, statisticsUser } from "../../../components/proxy/haproxy.ts";
import type { Group } from "../../../config/topology.ts";
import { configIn } from "./recording.ts";

/**
 * What the programs read, exactly; the files in rendered/ are what the real programs' own checkers get in test/shell/test.
 * A wanted change: npx vitest run --project unit --update
 */
const config = configIn("Pulumi.production.example.yaml");
const withoutCitus = { ...config, images: { ...config.images, citus: null } };
const lab = configIn("Pulumi.dev.yaml");
const topology = config.topology;
const [coordinators, shard] = topology.groups as [Group, Group];
const [etcd] = topology.etcd;
const [coordinator] = coordinators.members;
if (!etcd || !coordinator) throw new Error("the plan is empty");

const proxy = { size: config.resources.proxy, timing: config.timing, login: false };

test("haproxy.cfg", async () => {
  await expect(haproxyCfg(proxy, coordinators)).toMatchFileSnapshot("rendered/haproxy.cfg");
});

test("haproxy.cfg with a password for the statistics page, which is in a file of its own", async () => {
  const password = `'"$(#\\$PATH'`;
  const text = haproxyCfg({ ...proxy, login: true }, coordinators);
  await expect(text).toMatchFileSnapshot("rendered/haproxy-login.cfg");
  await expect(statisticsUser(password)).toMatchFileSnapshot("rendered/statistics.cfg");
});

test("haproxy.cfg checks as often as the settings say, twice as often after a failure and for a new leader", () => {
  const text = haproxyCfg({ ...proxy, timing: { ...config.timing, proxyCheckMs: 333 } }, coordinators);
  expect(text.match(/ inter \d+ms fastinter \d+ms downinter \d+ms fall 2 rise 1 /g)).toEqual([
    " inter 333ms fastinter 167ms downinter 167ms fall 2 rise 1 ",
    " inter 333ms fastinter 167ms downinter 333ms fall 2 rise 1 ",
  ]);
});

test("patroni.yml of a coordinator", async () => {
  const text = patroniYaml({ config, group: coordinators, member: coordinator, etcd: topology.etcd });
  await expect(text).toMatchFileSnapshot("rendered/patroni.yml");
});

test("patroni.yml names no secret and no password", () => {
  const text = patroniYaml({
    config,
    group: shard,
    member: shard.members[0] ?? coordinator,
    etcd: topology.etcd,
  });
  expect(text).not.toMatch(/password|secret:/);
  expect(parse(text)).toMatchObject({
    scope: "postgres-cluster",
    name: "worker-1-1",
    citus: { database: "app", group: 1 },
  });
});

test("patroni.yml without Citus: a scope for each group, and of the clients' roles only the application's among the members", () => {
  const rendered = (of: typeof config) =>
    parse(patroniYaml({ config: of, group: coordinators, member: coordinator, etcd: topology.etcd }));
  const { citus, ...withIt } = rendered(config);
  expect(citus).toEqual({ database: "app", group: 0 });
  expect(rendered(withoutCitus)).toEqual({
    ...withIt,
    scope: "coordinators",
    postgresql: {
      ...withIt.postgresql,
      pg_hba: withIt.postgresql.pg_hba
        .filter((line: string) => line !== "local app all peer map=local")
        .map((line: string) => line.replace("hostssl app all", "hostssl app app")),
    },
  });
});

test("patroni.yml: a certificate opens no role's door but one that comes after the reserved roles are turned away", () => {
  const lines: string[] = parse(
    patroniYaml({ config, group: coordinators, member: coordinator, etcd: topology.etcd }),
  ).postgresql.pg_hba;
  const rejected = lines.indexOf("hostssl all postgres,replicator,rewind,pgbouncer all reject");
  const open = lines.filter((line, index) => index < rejected && / all [\d.]+/.test(line));
  expect(rejected).toBeGreaterThan(0);
  expect(open).toEqual([]);
  expect(lines.slice(rejected + 1)).toEqual([
    "hostssl app all 10.0.1.0/26 cert map=members",
    "hostssl app all 10.0.1.64/26 cert map=members",
    "hostssl all all all scram-sha-256",
  ]);
});

test("etcd.yml of a member", async () => {
  await expect(etcdYaml(etcd, topology.etcd)).toMatchFileSnapshot("rendered/etcd.yml");
});

test("etcd's quota is half its storage, but never over 8 GiB", () => {
  const quota = (storage: number) =>
    parse(etcdYaml({ ...etcd, size: { ...etcd.size, storage } }, topology.etcd))["quota-backend-bytes"];
  expect(quota(2 ** 30)).toBe(2 ** 29);
  expect(quota(100 * 2 ** 30)).toBe(8 * 2 ** 30);
});

test("the firewall", async () => {
  await expect(`${firewall(config)}\n`).toMatchFileSnapshot("rendered/firewall.nft");
});

test("daemon.json", () => {
  const common = {
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m", "max-file": "3" },
    "live-restore": false,
    "default-address-pools": [{ base: "10.201.0.0/17", size: 24 }],
    "no-new-privileges": true,
    "default-ulimits": { nproc: { Name: "nproc", Soft: 16384, Hard: 16384 } },
  };
  expect(JSON.parse(daemonJson(config.network))).toEqual(common);
  expect(JSON.parse(daemonJson(lab.network, lab.images.insecureRegistries))).toEqual({
    ...common,
    "insecure-registries": ["10.0.0.1:5000"],
  });
});

test("kernel settings", () => {
  expect(sysctls.split("\n")).toEqual([
    "net.ipv4.tcp_keepalive_time = 60",
    "net.ipv4.tcp_keepalive_intvl = 20",
    "net.ipv4.tcp_keepalive_probes = 3",
    "net.ipv4.ip_nonlocal_bind = 1",
    "net.core.somaxconn = 4096",
    "vm.swappiness = 1",
  ]);
});

test.each([
  ["10.201.0.0/16", "10.201.0.0/17", "10.201.128.0/17"],
  ["172.16.0.0/12", "172.16.0.0/13", "172.24.0.0/13"],
  ["192.168.254.0/23", "192.168.254.0/24", "192.168.255.0/24"],
  ["128.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"],
  ["10.0.0.0/30", "10.0.0.0/31", "10.0.0.2/31"],
])("halves of %s", (pool, bridges, swarm) => {
  expect(halves(pool)).toEqual({ bridges, swarm });
});

test("where Patroni has a group: one scope with Citus, one for each group without", () => {
  expect(settingsKey(coordinators, true)).toBe("/service/postgres-cluster/0/config");
  expect(settingsKey(shard, true)).toBe("/service/postgres-cluster/1/config");
  expect(patronictlGroup(config, shard)).toBe("postgres-cluster --group 1");
  expect(settingsKey(coordinators, false)).toBe("/service/coordinators/config");
  expect(settingsKey(shard, false)).toBe("/service/shard-1/config");
  expect(patronictlGroup(withoutCitus, shard)).toBe("shard-1");
});

test("a group's settings: synchronous coordinators", () => {
  expect(JSON.parse(groupSettings(config, coordinators))).toEqual({
    ttl: 20,
    loop_wait: 10,
    retry_timeout: 5,
    primary_start_timeout: 0,
    primary_stop_timeout: 15,
    maximum_lag_on_failover: 1048576,
    failsafe_mode: true,
    synchronous_mode: "quorum",
    synchronous_mode_strict: true,
    synchronous_node_count: 1,
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      remove_data_directory_on_rewind_failure: true,
      parameters: {
        ...parametersFor(coordinator.size),
        ssl: true,
        ssl_ca_file: "/run/secrets/ca.crt",
        ssl_cert_file: "/run/secrets/tls.crt",
        ssl_key_file: "/run/secrets/tls.key",
        ssl_min_protocol_version: "TLSv1.2",
        "hnsw.iterative_scan": "strict_order",
        "citus.shard_count": 32,
        "citus.node_conninfo": "sslmode=verify-full sslrootcert=/run/secrets/ca.crt tcp_user_timeout=5000",
        "citus.node_connection_timeout": "5s",
        // A worker of the reference architecture has 4 cores and 500 connections.
        "citus.max_adaptive_executor_pool_size": 4,
        "citus.max_shared_pool_size": 485,
        "citus.enable_statistics_collection": false,
        output_plugin_libraries: "pgoutput, test_decoding, citus",
      },
    },
  });
});

test("a group's settings: without Citus no parameter of its", () => {
  const parameters = (of: typeof config) => JSON.parse(groupSettings(of, shard)).postgresql.parameters;
  const others = Object.entries(parameters(config)).filter(
    ([name, value]) => !`${name} ${value}`.includes("citus"),
  );
  expect(parameters(withoutCitus)).toEqual(Object.fromEntries(others));
});

test("a group's settings: workers wait for their standby where they are told to", () => {
  const waiting = { ...shard, synchronous: true };
  expect(JSON.parse(groupSettings(config, waiting))).toMatchObject({
    synchronous_mode: "quorum",
    synchronous_mode_strict: true,
    synchronous_node_count: 1,
  });
});

test("a group's settings: asynchronous workers, a user's parameters win", () => {
  const workers = { work_mem: "1GB", jit: false };
  const own = { ...config, database: { ...config.database, parameters: { coordinators: {}, workers } } };
  const settings = JSON.parse(groupSettings(own, shard));
  // Said, for Patroni makes Citus' groups synchronous by itself.
  const synchronous = Object.entries(settings).filter(([key]) => key.startsWith("synchronous"));
  expect(Object.fromEntries(synchronous)).toEqual({ synchronous_mode: false });
  expect(settings.postgresql.parameters).toMatchObject(workers);
  expect(JSON.parse(groupSettings(own, coordinators)).postgresql.parameters).not.toHaveProperty("jit");
});

test("a group's settings: libraries are added to the cluster's; with wal_level = logical slots of others stay", () => {
  const workers = { shared_preload_libraries: "auto_explain,pg_stat_statements", wal_level: "logical" };
  const own = { ...config, database: { ...config.database, parameters: { coordinators: {}, workers } } };
  const settings = JSON.parse(groupSettings(own, shard));
  expect(settings.postgresql.parameters).toMatchObject({
    shared_preload_libraries: "pg_stat_statements, auto_explain",
    wal_level: "logical",
  });
  expect(settings.ignore_slots).toEqual([{ type: "logical" }]);
  expect(JSON.parse(groupSettings(own, coordinators))).not.toHaveProperty("ignore_slots");
});

test("the way to a group's leader: as the superuser with PostgreSQL's own names only, or as another role", () => {
  expect(leaderConninfo(coordinators, "app")).toContain(" user=app dbname=postgres ");
  expect(leaderConninfo(coordinators, "app")).not.toContain("options");
  expect(leaderConninfo(coordinators)).toBe(
    "host=coord-1,coord-2,coord-3 user=postgres options=-csearch_path=pg_catalog dbname=postgres connect_timeout=3 " +
      "target_session_attrs=read-write " +
      "sslmode=verify-full sslrootcert=/run/secrets/ca.crt sslcert=/run/secrets/tls.crt sslkey=/run/secrets/tls.key",
  );
});
