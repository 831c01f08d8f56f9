import { clientPorts } from "../components/host/preflight.ts";
import type { ClusterConfig } from "../config/ClusterConfig.ts";
import type { Group, Member, Topology } from "../config/topology.ts";
import { type CertificateReport, certificateProblems, certificatesOf } from "./certificates.ts";
import type { ClusterFacts, Facts, Login } from "./facts.ts";

/** The topology compared with the running cluster: what `status --json` prints. */
export interface Report {
  /** Null: unknown. */
  readonly healthy: boolean | null;
  /** What is wrong, one sentence for each problem. */
  readonly problems: readonly string[];
  readonly virtualIp: { readonly address: string; readonly holders: readonly string[] };
  /** What clients see when they log in through the virtual IP. */
  readonly clients: { readonly writes: ClientReport; readonly reads: ClientReport };
  readonly hosts: readonly HostReport[];
  readonly etcd: readonly ContainerReport[];
  readonly groups: readonly GroupReport[];
  readonly proxies: readonly (ContainerReport & { readonly up: boolean | null })[];
  /** Null without Citus, or if unknown. */
  readonly citus: { readonly version: string } | null;
  /** The one that expires first comes first; empty if unknown. */
  readonly certificates: readonly CertificateReport[];
}

export interface HostReport {
  readonly name: string;
  readonly address: string;
  readonly reachable: boolean;
  /** State in Swarm's terms, such as `ready` or `down`; null if unknown. */
  readonly node: string | null;
  readonly availability: string | null;
  /** `leader`, `reachable` or `unreachable`; null if the host is not a manager. */
  readonly manager: string | null;
  readonly holdsVip: boolean;
}

export interface ClientReport {
  readonly port: number;
  /** The member that answers a client; null if none does, or if no host could try. */
  readonly member: string | null;
  /** The member's role, as its PostgreSQL reports it. */
  readonly role: "leader" | "standby" | null;
  /** The error that the client gets instead of an answer. */
  readonly error: string | null;
}

export interface ContainerReport {
  readonly name: string;
  readonly host: string;
  /** State of its Swarm task, such as `running`, or `absent`; null if unknown. */
  readonly state: string | null;
}

export interface MemberReport extends ContainerReport {
  /** Role in Patroni's terms: `leader`, `replica`, `sync_standby`, `quorum_standby`; null if Patroni does not list the member. */
  readonly role: string | null;
  readonly timeline: number | null;
  /** Replication lag in bytes; null for the leader, and if unknown. */
  readonly lag: number | null;
  readonly pendingRestart: boolean;
  /** Shards on this node; null for all members except the workers' primaries. */
  readonly shards: number | null;
  readonly bytes: number | null;
  /** The copies that it keeps of writes that a failover lost; null if there are none. */
  readonly diverged: DivergedReport | null;
}

export interface DivergedReport {
  /** The folder with the copies, on the member's host. */
  readonly folder: string;
  readonly copies: number;
  /** Bytes of all copies; null if unknown. */
  readonly bytes: number | null;
  /** When the first copy was made, and when it is removed; ISO 8601, in UTC. */
  readonly since: string;
  readonly until: string;
}

export interface GroupReport {
  readonly name: string;
  readonly paused: boolean;
  /** The state of a member is the one that Patroni reports, or else that of its task. */
  readonly members: readonly MemberReport[];
}

/** Compares the topology with the facts at a time; pure. */
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
    // A host that was reinstalled leaves its former node behind.
    const node = known.find(({ state }) => state === "ready") ?? known[0];
    if (cluster?.swarm && !node) problems.push(`${name} is not a node of the Swarm`);
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
    problems.push("no database container on a reachable host reports the state of its group");
  problems.push(...facts.lan.faults, ...mtuProblems(facts));
  for (const { name, reachable } of hosts) {
    const reason = facts.lan.absent[name];
    // A host that does not answer at all is reported already.
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
  const answered = hosts.some(({ reachable }) => reachable);
  if (answered && !cluster) problems.push("no reachable host runs the cluster's Docker Swarm");
  return {
    healthy: answered ? problems.length === 0 : null,
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
  // Without psql's own prefix, and only the first line.
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
      yield `clients that write at ${where} reach ${member}, which is a standby`;
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
  if (!leader) yield `${group.name} has no leader: it accepts no writes`;
  for (const member of group.members) {
    const where = `${member.name} on ${member.host}`;
    if (member.role === null) {
      yield `${where} is missing from its group${taskWords(member.state)}`;
    } else if (member.state !== (isLeader(member) ? "running" : "streaming")) {
      yield `${where} is ${member.state}, not ${isLeader(member) ? "running" : "streaming from the leader"}`;
    } else if (member.lag !== null && member.lag > config.timing.maximumLagOnFailover) {
      yield `${where} has a replication lag of ${member.lag} bytes, too much to take over (timing.maximumLagOnFailover)`;
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

/** Whether the leader answers SQL, and whether Citus knows the present leaders. */
function* sqlProblems(
  topology: Topology,
  groups: readonly GroupReport[],
  cluster: ClusterFacts | null,
): Generator<string> {
  if (cluster?.sql && "error" in cluster.sql) {
    yield `the coordinators' leader does not answer SQL: ${cluster.sql.error.replace(/\s+/g, " ")}`;
  }
  const citus = citusOf(cluster);
  if (!citus) return;
  for (const [index, { name, citusGroup }] of topology.groups.entries()) {
    const leader = groups[index]?.members.find(isLeader)?.name;
    const node = citus.nodes.find(({ group }) => group === citusGroup)?.name;
    if (leader && !node) yield `Citus does not know ${name}: run pulumi up`;
    else if (leader && node !== leader)
      yield `Citus sends the queries of ${name} to ${node}, but its leader is ${leader}`;
  }
}

/** Docker cannot change the MTU of an overlay network. */
function* mtuProblems({ cluster, lan }: Facts): Generator<string> {
  const made = cluster?.swarm?.mtu;
  if (!made) return;
  for (const [host, mtu] of Object.entries(lan.mtus)) {
    if (mtu < made)
      yield `${host}: its interface in the LAN has an MTU of ${mtu} and the overlay networks were created for ${made}, so packets are fragmented or lost; set it back to ${made}`;
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
