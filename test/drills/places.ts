import { stackConfig } from "../../cli/stack.ts";
import { patronictlGroup } from "../../components/postgres/patroni.ts";
import { allMembers, type Group, type Topology } from "../../config/topology.ts";
import { citus, containerOf, inMember, type Place, status } from "../cluster/cluster.ts";
import { eventually, hosts, onHost } from "../cluster/lab.ts";

/** Where things are right now, and how they are brought together or apart before a fault. */

/** Looked up when needed: without a lab its settings name files that are not there. */
const settings = () => {
  const config = stackConfig("dev");
  return { ...config, images: { ...config.images, citus: citus ? "any" : null } };
};
let known: Topology | undefined;
export function topology(): Topology {
  known ??= settings().topology;
  return known;
}

export const groupOf = (name: string): Group => {
  const group = topology().groups.find((each) => each.name === name);
  if (!group) throw new Error(`there is no group ${name}`);
  return group;
};

/** The first answer of any host. */
const onAnyHost = (script: string) => Promise.any(hosts.map((host) => onHost(host, script)));

/** A group's members as its Patroni says now, in less than a second. */
export async function membersNow(group: string): Promise<{ name: string; role: string; state: string }[]> {
  const answer = await onAnyHost(
    `for id in $(docker ps -qf label=postgres-cluster.group=${group}); do
       timeout 3 docker exec $id curl -fsS --max-time 2 --cacert /run/secrets/ca.crt https://localhost:8008/cluster && exit
     done; exit 1`,
  );
  return (JSON.parse(answer) as { members: { name: string; role: string; state: string }[] }).members;
}

const placeOf = (name: string): Place => {
  const member = allMembers(topology()).find((each) => each.name === name);
  if (!member) throw new Error(`there is no member ${name}`);
  return { name, host: member.host };
};

export async function leaderOf(group: string): Promise<Place> {
  const leader = (await membersNow(group)).find(({ role }) => role === "leader");
  if (!leader) throw new Error(`${group} has no leader`);
  return placeOf(leader.name);
}

export async function groupsLedOn(host: string): Promise<string[]> {
  const names = topology().groups.map(({ name }) => name);
  const leaders = await Promise.all(names.map(leaderOf));
  return names.filter((_, index) => leaders[index]?.host === host);
}

export async function switchOver(group: string, candidate: string): Promise<void> {
  const leader = await leaderOf(group);
  if (leader.name === candidate) return;
  await inMember(
    leader,
    `patronictl -c /etc/patroni/patroni.yml switchover ${patronictlGroup(settings(), groupOf(group))} --leader ${leader.name} --candidate ${candidate} --force`,
  );
  await eventually(60, async () => {
    const now = await leaderOf(group);
    if (now.name !== candidate)
      throw new Error(`${now.name} leads ${group}, and ${candidate} was to take over`);
  });
}

/** The host that has the virtual IP. */
export async function holder(): Promise<string> {
  const { holders } = (await status()).virtualIp;
  const [host] = holders;
  if (host === undefined || holders.length > 1)
    throw new Error(`the virtual IP is on ${holders.join(" and ") || "no host"}`);
  return host;
}

export const etcdctl = (words: string) =>
  `etcdctl --cacert /run/secrets/ca.crt --cert /run/secrets/tls.crt --key /run/secrets/tls.key ${words}`;

/** etcd's members that answer, with their ids in hexadecimal. */
export async function etcdNow(): Promise<(Place & { id: string; leads: boolean })[]> {
  const lines = await onAnyHost(
    `docker exec $(docker ps -qf label=postgres-cluster.group=etcd) ${etcdctl("--endpoints https://127.0.0.1:2379 --command-timeout 3s endpoint status --cluster --write-out simple")} 2>/dev/null || test $? = 1`,
  );
  return lines
    .split("\n")
    .filter((line) => line.startsWith("https://"))
    .map((line) => {
      const [endpoint = "", id = "", , , leads] = line.split(", ");
      return { ...placeOf(new URL(endpoint).hostname), id, leads: leads === "true" };
    });
}

export async function etcdLeader(): Promise<Place> {
  const leader = (await etcdNow()).find(({ leads }) => leads);
  if (!leader) throw new Error("etcd has no leader");
  return { name: leader.name, host: leader.host };
}

export async function etcdFollower(): Promise<Place> {
  const follower = (await etcdNow()).find(({ leads }) => !leads);
  if (!follower) throw new Error("etcd has its leader alone");
  return { name: follower.name, host: follower.host };
}

export async function etcdComplete(): Promise<void> {
  const { length } = await etcdNow();
  if (length < topology().etcd.length) throw new Error(`${length} members of etcd answer`);
}

async function moveEtcdLeader(host: string): Promise<void> {
  const members = await etcdNow();
  const [from, to] = [members.find(({ leads }) => leads), members.find((member) => member.host === host)];
  if (!from || !to) throw new Error(`etcd has no leader, or no member on ${host}`);
  if (from.host === host) return;
  await onHost(
    from.host,
    `docker exec ${containerOf(from)} ${etcdctl(`--endpoints https://${from.name}:2379 move-leader ${to.id}`)}`,
  );
}

const memberOn = (group: string, host: string) => {
  const member = groupOf(group).members.find((each) => each.host === host);
  if (!member) throw new Error(`${group} has no member on ${host}`);
  return member;
};

/** The coordinators' leader, with the virtual IP and etcd's leader on its host. */
export async function together(): Promise<Place> {
  const host = await holder();
  await switchOver("coordinators", memberOn("coordinators", host).name);
  await moveEtcdLeader(host);
  return leaderOf("coordinators");
}

/** The proxy that has the virtual IP, with neither the coordinators' leader nor etcd's on its host. */
export async function apart(): Promise<Place> {
  const host = await holder();
  const elsewhere = hosts.find(
    (each) => each !== host && !topology().proxies.some((proxy) => proxy.host === each),
  );
  await switchOver("coordinators", memberOn("coordinators", elsewhere ?? "").name);
  await moveEtcdLeader(elsewhere ?? "");
  const proxy = topology().proxies.find((each) => each.host === host);
  if (!proxy) throw new Error(`${host} has the virtual IP and no proxy`);
  return { name: proxy.name, host };
}

/** The leader of a shard on a host that neither the virtual IP nor the leaders of the coordinators and of etcd are on. */
export async function shardApart(): Promise<Place & { group: string }> {
  const { host } = await together();
  const shards = topology().groups.filter(({ kind }) => kind === "worker");
  for (const { name } of shards) {
    const leader = await leaderOf(name);
    if (leader.host !== host) return { ...leader, group: name };
  }
  const [shard] = shards;
  const candidate = shard?.members.find((member) => member.host !== host);
  if (!shard || !candidate) throw new Error(`every shard is on ${host} alone`);
  await switchOver(shard.name, candidate.name);
  return { name: candidate.name, host: candidate.host, group: shard.name };
}
