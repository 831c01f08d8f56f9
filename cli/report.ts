import { clientPorts } from "../components/host/preflight.ts";
import type { ClusterConfig } from "../config/ClusterConfig.ts";
import type { Group, Member, Topology } from "../config/topology.ts";
import { type CertificateReport, certificateProblems, certificatesOf } from "./certificates.ts";
import type { ClusterFacts, Facts, Login } from "./facts.ts";

/** The plan beside what is: what `status --json` prints. */
export interface Report {
  /** Null: nobody could tell. */
  readonly healthy: boolean | null;
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
  readonly virtualIp: { readonly address: string; readonly holders: readonly string[] };
  /** What clients see that log in through the virtual IP. */
  readonly clients: { readonly writes: ClientReport; readonly reads: ClientReport };
  readonly hosts: readonly HostReport[];
  readonly etcd: readonly ContainerReport[];
  readonly groups: readonly GroupReport[];
  readonly proxies: readonly (ContainerReport & { readonly up: boolean | null })[];
  /** Null without Citus, or when nobody could tell. */
  readonly citus: { readonly version: string } | null;
  /** The first to end at the beginning; empty when nobody could tell. */
  readonly certificates: readonly CertificateReport[];
}

export interface HostReport {
  readonly name: string;
  readonly address: string;
  readonly reachable: boolean;
  /** Swarm's own words, such as `ready` or `down`; null when nobody could tell. */
  readonly node: string | null;
  readonly availability: string | null;
  /** `leader`, `reachable`, `unreachable`, or null for no manager. */
  readonly manager: string | null;
  readonly holdsVip: boolean;
}

export interface ClientReport {
  readonly port: number;
  /** The member that answers a client; null when none does, or nobody could try. */
  readonly member: string | null;
  /** What PostgreSQL says of the member there: whether it takes writes. */
  readonly role: "leader" | "standby" | null;
  /** What the client gets instead of an answer. */
  readonly error: string | null;
}

export interface ContainerReport {
  readonly name: string;
  readonly host: string;
  /** State of its Swarm task, such as `running`, or `absent`; null when nobody could tell. */
  readonly state: string | null;
}

export interface MemberReport extends ContainerReport {
  /** Patroni's own words: `leader`, `replica`, `sync_standby`, `quorum_standby`; null for a member that it misses. */
  readonly role: string | null;
  readonly timeline: number | null;
  /** Bytes behind the leader; null for the leader itself and where it is unknown. */
  readonly lag: number | null;
  readonly pendingRestart: boolean;
  /** What the coordinator has placed here; null for all but the workers' leaders. */
  readonly shards: number | null;
  readonly bytes: number | null;
  /** What it keeps of writes that its group lost when another member took over; null for nothing. */
  readonly diverged: DivergedReport | null;
}

export interface DivergedReport {
  /** The folder with the copies, on the member's host. */
  readonly folder: string;
  readonly copies: number;
  /** Bytes of all copies; null when nobody could tell. */
  readonly bytes: number | null;
  /** When the first was made, and when it goes by itself; ISO 8601, in UTC. */
  readonly since: string;
  readonly until: string;
}

export interface GroupReport {
  readonly name: string;
  readonly paused: boolean;
  /** In the state of a member Patroni's word counts, then that of its task. */
  readonly members: readonly MemberReport[];
}

/** Compares the plan with the facts as they are at a time; pure. */
export function reportOf(config: ClusterConfig, facts: Facts, now: Date = new Date()): Report {
  const { topology } = config;
  const { cluster } = facts;
  const problems: string[] = [];
  const container = ({ name, host }: Member): ContainerReport => ({
    name,
    host,
    state: stateOf(cluster, name),
  });

  const hosts = config.hosts.map(({ name, address }): HostReport => {
    const answer = facts.hosts[name] ?? { error: `${name}: nobody asked` };
    const reachable = !("error" in answer);
    if (!reachable) problems.push(answer.error);
    else if (!answer.manages) problems.push(`${name}: no Swarm manager runs there`);
    else if (!answer.firewall)
      problems.push(
        `${name}: its firewall rules are not loaded; run systemctl restart postgres-cluster-firewall there`,
      );
    const known = cluster?.swarm?.nodes.filter(({ host }) => host === name) ?? [];
    // A host that was set up anew leaves its former node behind.
    const node = known.find(({ state }) => state === "ready") ?? known[0];
    if (cluster?.swarm && !node) problems.push(`${name} is no node of the Swarm`);
    if (node && node.state !== "ready") problems.push(`${name} is ${node.state} in the Swarm`);
    if (node && node.availability !== "active")
      problems.push(`${name} takes no tasks: it is set to ${node.availability}`);
    return {
      name,
      address,
      reachable,
      node: node?.state ?? null,
      availability: node?.availability ?? null,
      manager: node?.manager ? (node.manager.Leader ? "leader" : node.manager.Reachability) : null,
      holdsVip: reachable && answer.holdsVip,
    };
  });

  if (cluster && !cluster.swarm)
    problems.push("the Swarm has no quorum: more than half of its managers must run");
  if (cluster && !cluster.groups)
    problems.push("no database container of a reachable host tells about its group");
  problems.push(...facts.lan.faults, ...mtuProblems(facts));
  for (const { name, reachable } of hosts) {
    const reason = facts.lan.absent[name];
    // What keeps a host from answering at all is told already.
    if (reachable && reason) problems.push(`${reason}; the LAN was checked without it`);
  }
  problems.push(...vipProblems(config, hosts));

  const etcd = topology.etcd.map(container);
  problems.push(...etcd.flatMap(taskProblem));
  const groups = topology.groups.map((group) => groupReport(config, group, facts));
  for (const [index, group] of topology.groups.entries()) {
    problems.push(...groupProblems(config, group, groups[index] as GroupReport, cluster));
  }
  problems.push(...sqlProblems(topology, groups, cluster));
  const proxies = topology.proxies.map((member) => ({
    ...container(member),
    up: cluster?.proxies.find(({ name }) => name === member.name)?.up ?? null,
  }));
  for (const proxy of proxies) {
    if (proxy.up === false)
      problems.push(`${proxy.name} on ${proxy.host} does not answer${taskWords(proxy.state)}`);
  }

  const certificates = certificatesOf(cluster, now);
  problems.push(...certificateProblems(certificates));
  const clients = {
    writes: clientReport(clientPorts.write, cluster?.clients.writes ?? null),
    reads: clientReport(clientPorts.read, cluster?.clients.reads ?? null),
  };
  problems.push(...clientProblems(config, clients));

  const citus = citusOf(cluster);
  const told = hosts.some(({ reachable }) => reachable);
  if (told && !cluster) problems.push("no reachable host runs the cluster's Docker Swarm");
  return {
    healthy: told ? problems.length === 0 : null,
    problems,
    virtualIp: {
      address: config.virtualIp.address,
      holders: hosts.filter(({ holdsVip }) => holdsVip).map(({ name }) => name),
    },
    clients,
    hosts,
    etcd,
    groups,
    proxies,
    citus: citus && { version: citus.version },
    certificates,
  };
}

function clientReport(port: number, login: Login): ClientReport {
  const nothing = { port, member: null, role: null, error: null };
  if (!login) return nothing;
  // psql's own prefix goes, and what it says after its first line.
  if ("error" in login) {
    const [error = ""] = login.error.replace(/^psql: error: /, "").split("\n");
    return { ...nothing, error };
  }
  return { port, member: login.member, role: login.standby ? "standby" : "leader", error: null };
}

function* clientProblems(config: ClusterConfig, clients: Report["clients"]): Generator<string> {
  for (const [what, { port, member, role, error }] of Object.entries(clients)) {
    const where = `${config.virtualIp.address}:${port}`;
    if (error !== null) yield `clients get no ${what} at ${where}: ${error}`;
    else if (what === "writes" && role === "standby")
      yield `clients that write at ${where} come to ${member}, which is a standby`;
  }
}

const taskWords = (state: string | null) => (state && state !== "running" ? `: its task is ${state}` : "");

/** `Running 3 minutes ago` of `coord-1.1` is `running`. */
function stateOf(cluster: ClusterFacts | null, service: string): string | null {
  if (!cluster?.swarm) return null;
  const task = cluster.swarm.tasks.find((each) => each.task.replace(/\.\d+$/, "") === service);
  return task?.state.split(" ")[0]?.toLowerCase() ?? "absent";
}

function taskProblem({ name, host, state }: ContainerReport): string[] {
  return state === null || state === "running"
    ? []
    : [`${name} on ${host} does not run: its task is ${state}`];
}

function citusOf(cluster: ClusterFacts | null) {
  return cluster?.sql && "citus" in cluster.sql ? cluster.sql.citus : null;
}

function divergedReport(config: ClusterConfig, { hosts }: Facts, member: Member): DivergedReport | null {
  const answer = hosts[member.host];
  if (!answer || "error" in answer) return null;
  const kept = answer.diverged.find(({ volume }) => volume === member.volume);
  if (!kept) return null;
  const { folder, copies, bytes, since } = kept;
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  return {
    folder,
    copies,
    bytes,
    since: at(since),
    until: at(since + config.database.diverged.days * 86_400),
  };
}

function groupReport(config: ClusterConfig, group: Group, facts: Facts): GroupReport {
  const { cluster } = facts;
  const view = cluster?.groups?.[group.name];
  return {
    name: group.name,
    paused: view?.paused ?? false,
    members: group.members.map((member): MemberReport => {
      const seen = view?.members.find(({ name }) => name === member.name);
      const worker = citusOf(cluster)?.workers.find(({ name }) => name === member.name);
      return {
        name: member.name,
        host: member.host,
        role: seen?.role ?? null,
        state: seen?.state ?? stateOf(cluster, member.name),
        timeline: seen?.timeline ?? null,
        lag: typeof seen?.lag === "number" ? seen.lag : null,
        pendingRestart: seen?.pendingRestart ?? false,
        shards: worker?.shards ?? null,
        bytes: worker?.bytes ?? null,
        diverged: divergedReport(config, facts, member),
      };
    }),
  };
}

const isLeader = ({ role }: MemberReport) => role === "leader";

function* groupProblems(
  config: ClusterConfig,
  plan: Group,
  group: GroupReport,
  cluster: ClusterFacts | null,
): Generator<string> {
  if (!cluster?.groups) return;
  if (!cluster.groups[group.name]) {
    yield `${group.name}: no member answers${group.members.every(({ state }) => state === "running") ? ", or etcd does not answer them" : ""}`;
    return;
  }
  if (group.paused) yield `${group.name}: automatic failover is paused; patronictl resume ends it`;
  const leader = group.members.find(isLeader);
  if (!leader) yield `${group.name} has no leader: it takes no writes`;
  for (const member of group.members) {
    const where = `${member.name} on ${member.host}`;
    if (member.role === null) {
      yield `${where} is missing from its group${taskWords(member.state)}`;
    } else if (member.state !== (isLeader(member) ? "running" : "streaming")) {
      yield `${where} is ${member.state}, not ${isLeader(member) ? "running" : "streaming from the leader"}`;
    } else if (member.lag !== null && member.lag > config.timing.maximumLagOnFailover) {
      yield `${where} lags ${member.lag} bytes behind, too far to take over (timing.maximumLagOnFailover)`;
    }
  }
  if (
    leader &&
    plan.synchronous &&
    !group.members.some(({ role }) => /^(sync|quorum)_standby$/.test(role ?? ""))
  ) {
    yield `${group.name}: no standby acknowledges commits, so writes wait`;
  }
}

/** What the leader's SQL says, and Citus' own idea of who leads which group. */
function* sqlProblems(
  topology: Topology,
  groups: readonly GroupReport[],
  cluster: ClusterFacts | null,
): Generator<string> {
  if (cluster?.sql && "error" in cluster.sql) {
    yield `the coordinators' leader takes no SQL: ${cluster.sql.error.replace(/\s+/g, " ")}`;
  }
  const citus = citusOf(cluster);
  if (!citus) return;
  for (const [index, { name, citusGroup }] of topology.groups.entries()) {
    const leader = groups[index]?.members.find(isLeader)?.name;
    const node = citus.nodes.find(({ group }) => group === citusGroup)?.name;
    if (leader && !node) yield `Citus does not know ${name}: run pulumi up`;
    else if (leader && node !== leader)
      yield `Citus sends the queries of ${name} to ${node}, but ${leader} leads it`;
  }
}

/** Docker cannot give an overlay another MTU than it was made with. */
function* mtuProblems({ cluster, lan }: Facts): Generator<string> {
  const made = cluster?.swarm?.mtu;
  if (!made) return;
  for (const [host, mtu] of Object.entries(lan.mtus)) {
    if (mtu < made)
      yield `${host}: its interface in the LAN has an MTU of ${mtu} and the overlay networks were made for ${made}, so that packets are divided or lost; set it back to ${made}`;
  }
}

function* vipProblems(config: ClusterConfig, hosts: readonly HostReport[]): Generator<string> {
  const holders = hosts.filter(({ holdsVip }) => holdsVip).map(({ name }) => name);
  if (holders.length > 1)
    yield `${holders.join(" and ")} both hold the virtual IP ${config.virtualIp.address}`;
  if (holders.length === 0 && hosts.some(({ reachable }) => reachable)) {
    yield `no reachable host holds the virtual IP ${config.virtualIp.address}`;
  }
}
