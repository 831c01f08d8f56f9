import type { PlacementConfig } from "../ClusterConfig.ts";
import type { WrongSetting } from "../errors.ts";
import type { Lenient } from "../lenient.ts";
import { resolvePlacement } from "../placement.ts";
import type { Settings } from "../schema.ts";
import { type Topology, topologyOf } from "../topology.ts";

/** The cluster that the settings describe, as far as they are valid; the checks across several settings look at it. */
export interface Candidate {
  /** Wrong values are null. */
  readonly settings: NonNullable<Lenient<Settings>>;
  /** With their host keys, including those that were looked up. */
  readonly hosts: readonly Lenient<Settings["hosts"][number]>[];
  /** Empty if a name is wrong or is there twice, because then the placement is unknown. */
  readonly hostNames: readonly string[];
  readonly placement: PlacementConfig;
  /** A size that is wrong is zero. */
  readonly topology: Topology;
}

/** Yields an error for each thing that is wrong; looks at valid values only. */
export type Check = (candidate: Candidate) => Iterable<WrongSetting>;

export function candidateOf(
  settings: NonNullable<Lenient<Settings>>,
  hostKeys: readonly (string | undefined)[],
): Candidate {
  const hosts = (settings.hosts ?? []).map((host, index) => host && { ...host, hostKey: hostKeys[index] });
  const names = hosts.flatMap((host) => host?.name ?? []);
  const hostNames = new Set(names).size === hosts.length ? names : [];
  const placement = resolvePlacement(settings.placement, hostNames);
  const { coordinator, worker, etcd, proxy } = settings.resources ?? {};
  const size = (of: typeof worker) => ({
    cpus: of?.cpus ?? 0,
    memory: of?.memory ?? 0,
    storage: of?.storage ?? 0,
  });
  const { coordinators, workers } = settings.database?.synchronous ?? {};
  const topology = topologyOf({
    placement,
    resources: { coordinator: size(coordinator), worker: size(worker), etcd: size(etcd), proxy: size(proxy) },
    database: { synchronous: { coordinators: coordinators ?? true, workers: workers ?? false } },
  });
  return { settings, hosts, hostNames, placement, topology };
}
