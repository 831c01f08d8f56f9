import type { PlacementConfig } from "./ClusterConfig.ts";
import type { Lenient } from "./lenient.ts";
import type { Settings } from "./schema.ts";

/** The largest useful etcd cluster: more members only make writes slower. */
export const MOST_ETCD_MEMBERS = 7;

/**
 * Fills in the placement that the settings do not set. If something is wrong, the checks continue with the rest: a list
 * that is wrong or unknown is empty, and a wrong name in a list is the empty name.
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

/** An even number of etcd members survives no more losses than one member less. */
function oddNumberOf(hosts: readonly string[]): readonly string[] {
  const odd = hosts.length % 2 === 0 ? hosts.length - 1 : hosts.length;
  return hosts.slice(0, Math.min(odd, MOST_ETCD_MEMBERS));
}

const STRATEGIES = { spread, reference } satisfies Record<Settings["placement"]["strategy"], unknown>;

/** The primary of worker group N is on the Nth host, counting round, and its standby on the next: no host runs both. */
function spread(hosts: readonly string[], groups: number): string[][] {
  const at = (index: number) => hosts[index % hosts.length] ?? "";
  return Array.from({ length: groups }, (_, group) => [at(group), at(group + 1)]);
}

/** Number of worker groups in the reference architecture. */
export const REFERENCE_GROUPS = 3;

/** As drawn in docs/reference-architecture.md, Deployment architecture. */
function reference([first = "", second = "", third = ""]: readonly string[]): string[][] {
  return [
    [first, second],
    [second, third],
    [third, third],
  ];
}
