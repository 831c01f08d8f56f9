import { expect, test } from "vitest";
import { clusterFacts, type Facts } from "../../../cli/facts.ts";
import { reportOf } from "../../../cli/report.ts";
import { table } from "../../../cli/table.ts";
import { parse } from "../config/fixture.ts";
import { cluster, recorded } from "./recorded.ts";

const config = parse();
const lan = { faults: [], mtus: {}, absent: {} };
const now = new Date("2125-01-01T00:00:00Z");
const report = (facts: Facts, at = now) => reportOf(config, facts, at);

/** The problems of a healthy cluster with something changed. */
function problems(change: (facts: ReturnType<typeof recorded>) => void): readonly string[] {
  const facts = recorded();
  change(facts);
  const { healthy, problems } = report(facts);
  expect(healthy).toBe(problems.length === 0);
  return problems;
}

test("a recording is what the script's schema says", () => {
  expect(clusterFacts.parse(cluster)).toEqual(cluster);
});

test("a healthy cluster as a table", () => {
  expect(table(report(recorded()))).toBe(`\
HOST    ADDRESS    SSH  SWARM  MANAGER    VIRTUAL IP
host-1  10.0.0.10  yes  ready  leader     10.0.0.100
host-2  10.0.0.11  yes  ready  reachable  -
host-3  10.0.0.12  yes  ready  reachable  -

GROUP         MEMBER      HOST    ROLE            STATE      TIMELINE  LAG (BYTES)  SHARDS  BYTES
coordinators  coord-1     host-1  leader          running    2         -            -       -
coordinators  coord-2     host-2  quorum standby  streaming  2         0            -       -
coordinators  coord-3     host-3  quorum standby  streaming  2         168          -       -
shard-1       worker-1-1  host-1  replica         streaming  3         4096         -       -
shard-1       worker-1-2  host-2  leader          running    3         -            33      1892352
shard-2       worker-2-1  host-2  leader          running    1         -            33      1802240
shard-2       worker-2-2  host-3  replica         streaming  1         0            -       -
shard-3       worker-3-1  host-3  leader          running    1         -            30      -
shard-3       worker-3-2  host-1  replica         streaming  1         0            -       -
etcd          etcd-1      host-1  -               running
etcd          etcd-2      host-2  -               running
etcd          etcd-3      host-3  -               running
haproxy       haproxy-1   host-1  active          up
haproxy       haproxy-2   host-2  passive         up

CLIENTS  ADDRESS          WHAT THEY SEE
writes   10.0.0.100:5432  ok as leader coord-1
reads    10.0.0.100:5433  ok as standby coord-2

certificates: the authority's expires first, on 2126-11-01, in 669 days

healthy
`);
});

test("clients that get no answer, and writers that come to a standby", () => {
  const facts = recorded();
  const clients = {
    writes: { member: "coord-2", standby: true },
    reads: { error: "psql: error: connection to server failed: timeout expired\nmore" },
  };
  const { healthy, problems, clients: seen } = report({ ...facts, cluster: { ...facts.cluster, clients } });
  expect(healthy).toBe(false);
  expect(problems).toEqual([
    "clients that write at 10.0.0.100:5432 reach coord-2, which is a standby",
    "clients get no reads at 10.0.0.100:5433: connection to server failed: timeout expired",
  ]);
  expect(seen.reads).toMatchObject({ port: 5433, member: null, role: null });
});

test("without Citus there are no columns of shards", () => {
  const facts = recorded();
  const text = table(report({ ...facts, cluster: { ...facts.cluster, sql: { citus: null } } }));
  expect(text).toMatch(/LAG \(BYTES\)\ncoordinators/);
  expect(text).toMatch(/\nhealthy\n$/);
});

test("a host that is lost", () => {
  const facts = recorded();
  facts.hosts["host-3"] = { error: "host-3: it cannot be reached over ssh" };
  const { nodes, tasks } = facts.cluster.swarm;
  for (const node of nodes) if (node.host === "host-3") node.state = "down";
  for (const { task } of tasks.filter(({ task }) => /coord-3|etcd-3|worker-2-2|worker-3-1/.test(task))) {
    tasks[tasks.findIndex((each) => each.task === task)] = {
      task,
      state: "Pending 5 seconds ago",
      error: "",
    };
  }
  const { groups } = facts.cluster;
  for (const group of Object.values(groups)) {
    group.members = group.members.filter(({ name }) => !/coord-3|worker-2-2|worker-3-1/.test(name));
  }
  expect(table(report(facts)).split("\n").at(-2)).toBe(
    "not healthy: host-3: it cannot be reached over ssh; host-3 is down in the Swarm; " +
      "etcd-3 on host-3 does not run: its task is pending; " +
      "coord-3 on host-3 is missing from its group: its task is pending; " +
      "worker-2-2 on host-3 is missing from its group: its task is pending; " +
      "shard-3 has no leader: it accepts no writes; " +
      "worker-3-1 on host-3 is missing from its group: its task is pending",
  );
  expect(table(report(facts))).toMatch(/^host-3 {2}10\.0\.0\.12 {2}no {3}down /m);
  expect(table(report(facts))).toMatch(/^coordinators {2}coord-3 +host-3 {2}- +pending +- +-/m);
});

const faults: [string, (facts: ReturnType<typeof recorded>) => void, string[]][] = [
  ["nothing", () => {}, []],
  [
    "nobody holds the virtual IP",
    ({ hosts }) => Object.assign(hosts["host-1"] ?? {}, { holdsVip: false }),
    ["no reachable host holds the virtual IP 10.0.0.100"],
  ],
  [
    "two hold the virtual IP",
    ({ hosts }) => Object.assign(hosts["host-2"] ?? {}, { holdsVip: true }),
    ["host-1 and host-2 both hold the virtual IP 10.0.0.100"],
  ],
  [
    "Docker is down on a host",
    ({ hosts }) => Object.assign(hosts["host-2"] ?? {}, { manages: false }),
    ["host-2: no Swarm manager runs there"],
  ],
  [
    "a host whose firewall rules were flushed",
    ({ hosts }) => Object.assign(hosts["host-2"] ?? {}, { firewall: false }),
    ["host-2: its firewall rules are not loaded; run systemctl restart postgres-cluster-firewall there"],
  ],
  [
    "a drained host",
    ({ cluster }) => Object.assign(cluster.swarm.nodes[2] ?? {}, { availability: "drain" }),
    ["host-3 takes no tasks: it is set to drain"],
  ],
  [
    "a host outside the Swarm",
    ({ cluster }) => cluster.swarm.nodes.pop(),
    ["host-3 is not a node of the Swarm"],
  ],
  [
    "a proxy that does not answer",
    ({ cluster }) => Object.assign(cluster.proxies[0] ?? {}, { up: false }),
    ["haproxy-2 on host-2 does not answer"],
  ],
  [
    "an etcd member that is absent",
    ({ cluster }) => cluster.swarm.tasks.splice(3, 1),
    ["etcd-1 on host-1 does not run: its task is absent"],
  ],
  [
    "no leader",
    ({ cluster }) =>
      Object.assign(cluster.groups["shard-2"].members[0] ?? {}, { role: "replica", state: "streaming" }),
    ["shard-2 has no leader: it accepts no writes"],
  ],
  [
    "a standby that does not stream",
    ({ cluster }) =>
      Object.assign(cluster.groups["shard-2"].members[1] ?? {}, { state: "in archive recovery" }),
    ["worker-2-2 on host-3 is in archive recovery, not streaming from the leader"],
  ],
  [
    "a standby too far behind",
    ({ cluster }) => Object.assign(cluster.groups["shard-2"].members[1] ?? {}, { lag: 1048577 }),
    [
      "worker-2-2 on host-3 has a replication lag of 1048577 bytes, too much to take over (timing.maximumLagOnFailover)",
    ],
  ],
  [
    "paused failover",
    ({ cluster }) => Object.assign(cluster.groups["shard-1"], { paused: true }),
    ["shard-1: automatic failover is paused; patronictl resume ends it"],
  ],
  [
    "no synchronous standby",
    ({ cluster }) => {
      for (const each of cluster.groups.coordinators.members.slice(1)) each.role = "replica";
    },
    ["coordinators: no standby acknowledges commits, so writes wait"],
  ],
  [
    "a stale address in Citus",
    ({ cluster }) => Object.assign(cluster.sql.citus.nodes[1] ?? {}, { name: "worker-1-1" }),
    ["Citus sends the queries of shard-1 to worker-1-1, but its leader is worker-1-2"],
  ],
  [
    "a shard that Citus does not know",
    ({ cluster }) => cluster.sql.citus.nodes.pop(),
    ["Citus does not know shard-3: run pulumi up"],
  ],
  [
    "a leader without SQL",
    ({ cluster }) => Object.assign(cluster, { sql: { error: "psql: error:\n  connection refused" } }),
    ["the coordinators' leader does not answer SQL: psql: error: connection refused"],
  ],
  [
    "a group that nobody speaks for",
    ({ cluster }) => Object.assign(cluster.groups, { "shard-1": null }),
    ["shard-1: no member answers, or etcd does not answer them"],
  ],
  [
    "a Swarm without quorum",
    ({ cluster }) => Object.assign(cluster, { swarm: null }),
    ["the Swarm has no quorum: more than half of its managers must run"],
  ],
];

test.each(faults)("%s", (_, change, expected) => {
  expect(problems(change)).toEqual(expected);
});

test("a pending restart is said, but is no fault", () => {
  const facts = recorded();
  Object.assign(facts.cluster.groups["shard-2"].members[1] ?? {}, { pendingRestart: true });
  const text = table(report(facts));
  expect(text).toMatch(/worker-2-2 .* streaming, restart pending /);
  expect(text).toMatch(/\nhealthy\n$/);
});

test("what a failover lost and a member keeps is said, but is no fault", () => {
  const facts = recorded();
  const folder = (volume: string) => `/var/lib/docker/volumes/${volume}/_data/diverged`;
  const kept = (volume: string, copies: number, bytes: number | null) => ({
    volume,
    folder: folder(volume),
    copies,
    bytes,
    since: Date.UTC(2026, 10, 20) / 1000,
  });
  facts.hosts["host-1"] = {
    ...facts.hosts["host-1"],
    // The last is left from a member that was placed here once.
    diverged: [kept("worker-1-1", 2, 1.5 * 2 ** 30), kept("coord-1-data", 1, null), kept("worker-1-2", 1, 1)],
  } as Facts["hosts"][string];
  const told = report(facts);
  expect(told.healthy).toBe(true);
  expect(table(told)).toContain(
    `\ncoord-1 on host-1 keeps writes that a failover lost: 1 copy of unknown size, since 2026-11-20, the first until 2026-11-27, in ${folder("coord-1-data")}\n` +
      `worker-1-1 on host-1 keeps writes that a failover lost: 2 copies of 1.5GB, since 2026-11-20, the first until 2026-11-27, in ${folder("worker-1-1")}\n` +
      "to look into the copies: docs/operations.md, Writes that a failover lost\n\nhealthy\n",
  );
  expect(told.groups[1]?.members.map(({ diverged }) => diverged?.copies)).toEqual([2, undefined]);
});

test("a former node of a host that was set up anew does not count", () => {
  const facts = recorded();
  facts.cluster.swarm.nodes.unshift({
    host: "host-1",
    state: "down",
    availability: "active",
    manager: { Reachability: "unreachable" },
  });
  expect(report(facts).healthy).toBe(true);
});

test("bare hosts are not healthy, and say so once", () => {
  const bare = { holdsVip: false, manages: false, runsDatabase: false, firewall: true, diverged: [] };
  const facts = { hosts: { "host-1": bare, "host-2": bare, "host-3": bare }, cluster: null, lan };
  expect(report(facts).healthy).toBe(false);
  expect(report(facts).problems.at(-1)).toBe("no reachable host runs the cluster's Docker Swarm");
});

test("when no host answers nobody can tell", () => {
  const error = (name: string) => ({ error: `${name}: no answer` });
  const hosts = Object.fromEntries(config.hosts.map(({ name }) => [name, error(name)]));
  expect(report({ hosts, cluster: null, lan })).toMatchObject({
    healthy: null,
    problems: ["host-1: no answer", "host-2: no answer", "host-3: no answer"],
  });
  expect(table(report({ hosts, cluster: null, lan }))).toMatch(/\ncannot tell: host-1: no answer; host-2/);
});

test("what does not get through between the hosts, and an interface that carries less than the overlays were made for", () => {
  const changed = problems(({ lan }) => {
    lan.faults.push("host-1: ufw drops TCP 2377");
    lan.mtus["host-3"] = 1499;
  });
  expect(changed).toEqual([
    "host-1: ufw drops TCP 2377",
    "host-3: its interface in the LAN has an MTU of 1499 and the overlay networks were created for 1500, so packets are fragmented or lost; set it back to 1500",
  ]);
});

test("a host that answers and takes no part in the check of the LAN", () => {
  const changed = problems(({ lan, hosts }) => {
    lan.absent["host-2"] = "host-2: no raw socket";
    lan.absent["host-3"] = "host-3: no answer";
    hosts["host-3"] = { error: "host-3: no answer" };
  });
  expect(changed).toEqual(["host-3: no answer", "host-2: no raw socket; the LAN was checked without it"]);
});

test("certificates that end soon", () => {
  const { certificates, problems } = report(recorded(), new Date("2126-10-15T00:00:00Z"));
  expect(certificates).toEqual([
    { name: "ca", end: "2126-11-01T16:34:41.000Z", daysLeft: 17 },
    { name: "coord-1", end: "2126-11-01T16:34:41.000Z", daysLeft: 17 },
  ]);
  expect(problems).toEqual([
    "the certificate authority expires on 2126-11-01, and every member's certificate with it; see docs/security.md",
    "the certificate of coord-1 expires on 2126-11-01; run pulumi up, which renews it",
  ]);
});
