import type { PlacementConfig } from "./ClusterConfig.ts";
import type { Draft } from "./draft.ts";
import type { Settings } from "./schema.ts";

type PlacementSettings = Settings["placement"];

/** A placement of which some lists may be unknown, for their settings are wrong. */
export interface DraftPlacement {
  readonly etcd: Draft<string[]>;
  readonly coordinators: Draft<string[]>;
  readonly workers: Draft<string[][]>;
  readonly proxies: Draft<string[]>;
}

/** The largest etcd cluster worth having: each further pair of members only makes writes slower. */
export const MOST_ETCD_MEMBERS = 7;

/** Fills in the placement that the settings leave open. `hosts` is null where names are wrong. */
export function resolvePlacement(settings: PlacementSettings, hosts: readonly string[]): PlacementConfig;
export function resolvePlacement(
  settings: Draft<PlacementSettings>,
  hosts: readonly string[] | null,
): DraftPlacement;
export function resolvePlacement(
  settings: Draft<PlacementSettings>,
  hosts: readonly string[] | null,
): DraftPlacement {
  if (!settings) return UNKNOWN;
  const open = hosts ? defaultPlacement(settings, hosts) : UNKNOWN;
  // Null, a list that is wrong, must not be taken for one that is missing.
  const {
    etcd = open.etcd,
    coordinators = open.coordinators,
    workers = open.workers,
    proxies = open.proxies,
  } = settings;
  return { etcd, coordinators, workers, proxies };
}

const UNKNOWN: DraftPlacement = { etcd: null, coordinators: null, workers: null, proxies: null };

function defaultPlacement(
  { strategy, shards }: NonNullable<Draft<PlacementSettings>>,
  hosts: readonly string[],
): DraftPlacement {
  return {
    etcd: oddNumberOf(hosts),
    coordinators: hosts,
    workers: strategy && shards ? STRATEGIES[strategy](hosts, shards) : null,
    proxies: hosts.slice(0, 2),
  };
}

/** An even number of etcd members bears no more losses than one less. */
function oddNumberOf(hosts: readonly string[]): readonly string[] {
  const odd = hosts.length % 2 === 0 ? hosts.length - 1 : hosts.length;
  return hosts.slice(0, Math.min(odd, MOST_ETCD_MEMBERS));
}

const STRATEGIES = { spread, document: documented } satisfies Record<PlacementSettings["strategy"], unknown>;

/** Shard N's primary on the Nth host, counting round, its standby on the next: no host carries both. */
function spread(hosts: readonly string[], shards: number): string[][] {
  const at = (index: number) => hosts[index % hosts.length] ?? "";
  return Array.from({ length: shards }, (_, shard) => [at(shard), at(shard + 1)]);
}

/** How many shards architecture.txt draws. */
export const DOCUMENTED_SHARDS = 3;

/** As drawn in architecture.txt, Physical Host Deployment. */
function documented([first = "", second = "", third = ""]: readonly string[]): string[][] {
  return [
    [first, second],
    [second, third],
    [third, third],
  ];
}
