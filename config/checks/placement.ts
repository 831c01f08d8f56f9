import { nearest } from "../errors.ts";
import type { Lenient } from "../lenient.ts";
import { MOST_ETCD_MEMBERS, REFERENCE_GROUPS } from "../placement.ts";
import { demandOf, type Member, membersOn } from "../topology.ts";
import { formatSize } from "../units.ts";
import type { Candidate, Check } from "./candidate.ts";

type GroupName = "etcd" | "coordinators" | "proxies" | number;

interface ListedGroup {
  /** A number is the index of a worker group, from 0. */
  readonly group: GroupName;
  readonly path: readonly PropertyKey[];
  readonly hosts: readonly Lenient<string>[];
  readonly members: readonly Member[];
}

/** The groups whose hosts the user lists; the default placement of the others is always valid. */
function listedGroups({ settings: { placement }, topology }: Candidate): readonly ListedGroup[] {
  if (!placement) return [];
  const { etcd, proxies, groups } = topology;
  const [coordinators, ...workers] = groups.map(({ members }) => members);
  const members = { etcd, coordinators: coordinators ?? [], proxies };
  return [
    ...(["etcd", "coordinators", "proxies"] as const).flatMap((group): ListedGroup[] => {
      const hosts = placement[group];
      return hosts ? [{ group, path: ["placement", group], hosts, members: members[group] }] : [];
    }),
    ...(placement.workers ?? []).flatMap((hosts, index): ListedGroup[] => {
      const path = ["placement", "workers", index];
      return hosts ? [{ group: index, path, hosts, members: workers[index] ?? [] }] : [];
    }),
  ];
}

/** Every listed host exists. */
export const placedHostsExist: Check = function* (candidate) {
  const names = candidate.hostNames;
  if (names.length === 0) return;
  for (const { path, hosts } of listedGroups(candidate)) {
    for (const [index, host] of hosts.entries()) {
      if (host === null || names.includes(host)) continue;
      const meant = nearest(host, names);
      const fix = meant ? `did you mean ${meant}?` : `choose one of ${names.join(", ")}`;
      yield { path: [...path, index], message: `no host has this name; ${fix}` };
    }
  }
};

/** No host runs two members of one group: losing it would lose both. */
export const groupsAreSpread: Check = function* (candidate) {
  for (const { group, path, hosts, members } of listedGroups(candidate)) {
    for (const [index, host] of hosts.entries()) {
      const first = hosts.indexOf(host);
      if (host === null || first === index) continue;
      const message = `already runs ${members[first]?.name}, so losing it would ${loss(group)}; choose another host`;
      yield { path: [...path, index], message };
    }
  }
};

function loss(group: GroupName): string {
  if (typeof group === "number") return `lose two members of worker group ${group + 1}`;
  return {
    etcd: "lose two votes of etcd",
    coordinators: "lose two coordinators",
    proxies: "lose both proxies",
  }[group];
}

/** Every group has enough members to survive the loss of one. */
export const groupsAreLargeEnough: Check = function* (candidate) {
  for (const { group, path, hosts } of listedGroups(candidate)) {
    const message =
      typeof group === "number" ? workerGroupError(hosts.length) : GROUP_ERRORS[group](hosts.length);
    if (message) yield { path, message };
  }
  if (candidate.settings.placement?.workers?.length === 0) {
    const message = "no worker groups, so no place for data; list at least one pair of hosts, or remove it";
    yield { path: ["placement", "workers"], message };
  }
};

const GROUP_ERRORS = {
  etcd(count: number) {
    if (count > MOST_ETCD_MEMBERS)
      return `more than ${MOST_ETCD_MEMBERS} members only make writes slower; list at most ${MOST_ETCD_MEMBERS} hosts`;
    if (count < 3)
      return "fewer than three members cannot survive the loss of one; list at least three hosts";
    return count % 2 === 0
      ? `an even number of members survives no more losses than ${count - 1}; list one host more or less`
      : undefined;
  },
  coordinators: (count: number) =>
    count < 3
      ? "of fewer than three, losing one leaves no standby to acknowledge commits; list at least three hosts"
      : undefined,
  proxies: (count: number) =>
    count === 2 ? undefined : "the virtual IP moves between exactly two proxies; list two hosts",
};

function workerGroupError(count: number): string | undefined {
  if (count === 0) return "a worker group without a primary; list two hosts, or remove the group";
  return count === 1 ? "a worker group without a standby; list a second host" : undefined;
}

/** The number of worker groups fits the strategy, and there are enough shards for them. */
export const workerGroupsAgree: Check = function* ({ settings, placement }) {
  const { strategy, workerGroups, workers } = settings.placement ?? {};
  if (
    workers === undefined &&
    strategy === "reference" &&
    workerGroups &&
    workerGroups !== REFERENCE_GROUPS
  ) {
    const message = `the reference architecture has ${REFERENCE_GROUPS} worker groups; set ${REFERENCE_GROUPS}, or strategy spread`;
    yield { path: ["placement", "workerGroups"], message };
  }
  const count = placement.workers.length;
  const parts = settings.database?.shardCount;
  if (parts && parts < count) {
    const message = `fewer than the ${count} worker groups, so some would hold no data; set at least ${count}`;
    yield { path: ["database", "shardCount"], message };
  }
};

const FORMATS = { cpus: (count: number) => `${count}`, memory: formatSize, storage: formatSize };

/** Every host has what its members may use. A size or a list that is wrong is left out; the others still count. */
export const hostsCanCarryTheirMembers: Check = function* ({ hosts, topology }) {
  for (const [index, host] of hosts.entries()) {
    if (!host?.name) continue;
    const members = membersOn(topology, host.name);
    for (const key of ["cpus", "memory", "storage"] as const) {
      const format = FORMATS[key];
      const needed = demandOf(members)[key];
      const available = host[key];
      if (!available || needed <= available) continue;
      const counted = key === "cpus" ? members.filter(({ size }) => size.cpus > available) : members;
      const shares = counted.map(({ name, size }) => `${name} ${format(size[key])}`).join(", ");
      const message =
        `its members need ${format(needed)} (${shares}); lower resources.*.${key}, ` +
        "move members with placement, or use a larger host";
      yield { path: ["hosts", index, key], message };
    }
  }
};
