import type { PlacementConfig } from "./ClusterConfig.ts";
import type { Lenient } from "./lenient.ts";
import type { Settings } from "./schema.ts";

/** The largest etcd cluster worth having: each further pair of members only makes writes slower. */
export const MOST_ETCD_MEMBERS = 7;

/**
 * Fills in the placement that the settings leave open. Where something is wrong the checks go on with what is left: a list
 * that is wrong, or that nothing can be said of, is empty, and a wrong name in a list is the empty name.
 */
export function resolvePlacement(
  settings: Lenient<Settings["placement"]>,
  hosts: readonly string[],
): PlacementConfig {
  if (!settings) return { etcd: [], coordinators: [], workers: [], proxies: [] };
  const { strategy, workerGroups, etcd, coordinators, workers, proxies } = settings;
  const placeable = strategy && workerGroups && hosts.length > 0;
  return {
    etcd: etcd === undefined ? oddNumberOf(hosts) : names(etcd),
    coordinators: coordinators === undefined ? hosts : names(coordinators),
    workers:
      workers !== undefined
        ? (workers ?? []).map(names)
        : placeable
          ? STRATEGIES[strategy](hosts, workerGroups)
          : [],
    proxies: proxies === undefined ? hosts.slice(0, 2) : names(proxies),
  };
}

function names(list: Lenient<string[]>): string[] {
  return (list ?? []).map((name) => name ?? "");
}

/** An even number of etcd members bears no more losses than one less. */
function oddNumberOf(hosts: readonly string[]): readonly string[] {
  const odd = hosts.length % 2 === 0 ? hosts.length - 1 : hosts.length;
  return hosts.slice(0, Math.min(odd, MOST_ETCD_MEMBERS));
}

const STRATEGIES = { spread, reference } satisfies Record<Settings["placement"]["strategy"], unknown>;

/** Shard N's primary on the Nth host, counting round, its standby on the next: no host carries both. */
function spread(hosts: readonly string[], groups: number): string[][] {
  const at = (index: number) => hosts[index % hosts.length] ?? "";
  return Array.from({ length: groups }, (_, group) => [at(group), at(group + 1)]);
}

/** How many worker groups the reference architecture has. */
export const REFERENCE_GROUPS = 3;

/** As drawn in docs/reference-architecture.md, Deployment architecture. */
function reference([first = "", second = "", third = ""]: readonly string[]): string[][] {
  return [
    [first, second],
    [second, third],
    [third, third],
  ];
}
