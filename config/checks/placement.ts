import type { Draft } from "../draft.ts";
import type { Fault } from "../faults.ts";
import { nearest } from "../nearest.ts";
import { DOCUMENTED_SHARDS, MOST_ETCD_MEMBERS } from "../placement.ts";
import { type Check, memberName, type Plan } from "./plan.ts";

type Group = Parameters<typeof memberName>[0];

interface ListedGroup {
  readonly group: Group;
  readonly path: readonly PropertyKey[];
  readonly hosts: readonly Draft<string>[];
}

/** The groups whose hosts the user lists; the others are right by construction. */
function listedGroups({ settings }: Plan): readonly ListedGroup[] {
  const placement = settings.placement;
  if (!placement) return [];
  const groups = (["etcd", "coordinators", "proxies"] as const).flatMap((group): ListedGroup[] => {
    const hosts = placement[group];
    return hosts ? [{ group, path: ["placement", group], hosts }] : [];
  });
  const shards = (placement.workers ?? []).flatMap((hosts, shard): ListedGroup[] =>
    hosts ? [{ group: shard, path: ["placement", "workers", shard], hosts }] : [],
  );
  return [...groups, ...shards];
}

/** Every listed host exists. */
export const placedHostsExist: Check = function* (plan) {
  const names = plan.hostNames;
  if (!names) return;
  for (const { path, hosts } of listedGroups(plan)) {
    for (const [index, host] of hosts.entries()) {
      if (host === null || names.includes(host)) continue;
      const meant = nearest(host, names);
      const fix = meant ? `did you mean ${meant}?` : `choose one of ${names.join(", ")}`;
      yield { path: [...path, index], message: `no host has this name; ${fix}` };
    }
  }
};

/** No host carries two members of one group: its loss would take both. */
export const groupsAreSpread: Check = function* (plan) {
  for (const { group, path, hosts } of listedGroups(plan)) {
    for (const [index, host] of hosts.entries()) {
      const first = hosts.indexOf(host);
      if (host === null || first === index) continue;
      const message = `already carries ${memberName(group, first)}, so losing it would ${loss(group)}; choose another host`;
      yield { path: [...path, index], message };
    }
  }
};

function loss(group: Group): string {
  if (typeof group === "number") return `lose two members of shard ${group + 1}`;
  return {
    etcd: "take two votes of etcd",
    coordinators: "lose two coordinators",
    proxies: "lose both proxies",
  }[group];
}

/** Every group has as many members as it takes to bear the loss of one. */
export const groupsAreLargeEnough: Check = function* (plan) {
  for (const { group, path, hosts } of listedGroups(plan)) {
    const message = typeof group === "number" ? shardFault(hosts.length) : GROUP_FAULTS[group](hosts.length);
    if (message) yield { path, message };
  }
  if (plan.settings.placement?.workers?.length === 0) {
    const message = "no shards, so no place for data; list at least one pair of hosts, or remove it";
    yield { path: ["placement", "workers"], message };
  }
};

const GROUP_FAULTS = {
  etcd(count: number) {
    if (count > MOST_ETCD_MEMBERS)
      return `more than ${MOST_ETCD_MEMBERS} members only make writes slower; list at most ${MOST_ETCD_MEMBERS} hosts`;
    if (count < 3) return "fewer than three members cannot bear the loss of one; list at least three hosts";
    return count % 2 === 0
      ? `an even number of members bears no more losses than ${count - 1}; list one host more or less`
      : undefined;
  },
  coordinators: (count: number) =>
    count < 3
      ? "of fewer than three, losing one leaves no standby to acknowledge commits; list at least three hosts"
      : undefined,
  proxies: (count: number) =>
    count === 2 ? undefined : "the virtual IP moves between exactly two proxies; list two hosts",
};

function shardFault(count: number): string | undefined {
  if (count === 0) return "a shard without a primary; list two hosts, or remove the shard";
  return count === 1 ? "a shard without a standby; list a second host" : undefined;
}

/** The number of shards, the strategy and the listed workers agree. */
export const shardsAgree: Check = function* ({ settings, placement }): Iterable<Fault> {
  const { strategy, shards, workers } = settings.placement ?? {};
  if (workers === undefined && strategy === "document" && shards && shards !== DOCUMENTED_SHARDS) {
    const message = `the document places ${DOCUMENTED_SHARDS} shards; set ${DOCUMENTED_SHARDS}, or strategy spread`;
    yield { path: ["placement", "shards"], message };
  }
  const count = placement.workers?.length ?? 0;
  const parts = settings.database?.shardCount;
  if (parts && parts < count) {
    const message = `fewer than the ${count} worker groups, so some would hold no data; set at least ${count}`;
    yield { path: ["database", "shardCount"], message };
  }
};
