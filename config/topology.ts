import type { ClusterConfig, Size } from "./ClusterConfig.ts";

/** One container of the cluster. Its name is also its service, its DNS name on the overlays and its certificate's subject. */
export interface Member {
  /** `etcd-1`, `coord-1`, `worker-1-1`, `haproxy-1`. */
  readonly name: string;
  /** Name of the host that it is pinned to. */
  readonly host: string;
  /** Named volume with its data: `etcd-1-data`, `coord-1-data`, `worker-1-1`; proxies have none. */
  readonly volume?: string;
  readonly size: Size;
}

/** A Patroni group: the coordinators, or one worker group. */
export interface Group {
  /** `coordinators`, `shard-1`, …. */
  readonly name: string;
  readonly kind: "coordinator" | "worker";
  /** Citus group: 0 for the coordinators, N for worker group N. */
  readonly citusGroup: number;
  /** Whether a commit waits for one standby. */
  readonly synchronous: boolean;
  /** In order of preference for leadership. */
  readonly members: readonly Member[];
}

export interface Topology {
  readonly etcd: readonly Member[];
  /** The coordinators first, then the worker groups in order. */
  readonly groups: readonly Group[];
  readonly proxies: readonly Member[];
}

/** The part of the configuration that determines the members. */
export type TopologySettings = Pick<ClusterConfig, "placement" | "resources"> & {
  readonly database: Pick<ClusterConfig["database"], "synchronous">;
};

/** Derives every member of the cluster from its configuration; pure. */
export function topologyOf(config: TopologySettings): Topology {
  const { placement, resources, database } = config;
  const members = (hosts: readonly string[], prefix: string, size: Size, volume?: (name: string) => string) =>
    hosts.map((host, index): Member => {
      const name = `${prefix}-${index + 1}`;
      return { name, host, size, ...(volume && { volume: volume(name) }) };
    });
  return {
    etcd: members(placement.etcd, "etcd", resources.etcd, (name) => `${name}-data`),
    groups: [
      {
        name: "coordinators",
        kind: "coordinator",
        citusGroup: 0,
        synchronous: database.synchronous.coordinators,
        members: members(placement.coordinators, "coord", resources.coordinator, (name) => `${name}-data`),
      },
      ...placement.workers.map(
        (hosts, index): Group => ({
          name: `shard-${index + 1}`,
          kind: "worker",
          citusGroup: index + 1,
          synchronous: database.synchronous.workers,
          members: members(hosts, `worker-${index + 1}`, resources.worker, (name) => name),
        }),
      ),
    ],
    proxies: members(placement.proxies, "haproxy", resources.proxy),
  };
}

/** The hosts that run at least one of these members, in the order of `hosts`. */
export function hostsOf<Host extends { readonly name: string }>(
  hosts: readonly Host[],
  members: readonly Member[],
): Host[] {
  return hosts.filter(({ name }) => members.some(({ host }) => host === name));
}

/** Whether a host has a proxy. */
export function hasProxy({ proxies }: Topology, host: string): boolean {
  return proxies.some((proxy) => proxy.host === host);
}

export function allMembers({ etcd, groups, proxies }: Topology): readonly Member[] {
  return [...etcd, ...groups.flatMap((group) => group.members), ...proxies];
}

/** All members on a host. */
export function membersOn(topology: Topology, host: string): readonly Member[] {
  return allMembers(topology).filter((member) => member.host === host);
}

/**
 * What a host must have for its members. Memory and disk add up. Cores are limits that members share, so the largest limit
 * counts: Docker refuses a container whose limit is higher than the number of cores.
 */
export function demandOf(members: readonly Pick<Member, "size">[]): Size {
  const sum = (of: "memory" | "storage") => members.reduce((total, { size }) => total + size[of], 0);
  return {
    cpus: Math.max(0, ...members.map(({ size }) => size.cpus)),
    memory: sum("memory"),
    storage: sum("storage"),
  };
}
