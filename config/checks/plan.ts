import type { Draft } from "../draft.ts";
import type { Fault } from "../faults.ts";
import { parseSubnet, type Subnet } from "../ipv4.ts";
import { type DraftPlacement, resolvePlacement } from "../placement.ts";
import type { Settings } from "../schema.ts";

/** What the checks across several settings look at: settings whose wrong values are null, placement filled in. */
export interface Plan {
  readonly settings: NonNullable<Draft<Settings>>;
  readonly hosts: readonly Draft<Settings["hosts"][number]>[];
  /** Null where names are wrong or twice, for then no placement can be told. */
  readonly hostNames: readonly string[] | null;
  readonly placement: DraftPlacement;
}

/** Yields a fault for each thing that is wrong; looks at valid values only. */
export type Check = (plan: Plan) => Iterable<Fault>;

export function planOf(
  settings: NonNullable<Draft<Settings>>,
  hostKeys: readonly (string | undefined)[],
): Plan {
  const hosts = (settings.hosts ?? []).map((host, index) => host && { ...host, hostKey: hostKeys[index] });
  const names = hosts.flatMap((host) => host?.name ?? []);
  const sound = hosts.length > 0 && new Set(names).size === hosts.length;
  const hostNames = sound ? names : null;
  const placement = resolvePlacement(settings.placement, hostNames);
  return { settings, hosts, hostNames, placement };
}

/** A subnet of the network settings; null where it is wrong. */
export function subnetOf({ settings }: Plan, name: SubnetName): Subnet | null {
  const text = settings.network?.[name];
  return (text && parseSubnet(text)) || null;
}

export const SUBNETS = ["hosts", "coordinators", "workers", "admin", "dockerPool"] as const;
export type SubnetName = (typeof SUBNETS)[number];

/** The name of a group's member, for messages. */
export function memberName(group: "etcd" | "coordinators" | "proxies" | number, index: number): string {
  const prefix =
    typeof group === "number"
      ? `worker-${group + 1}`
      : { etcd: "etcd", coordinators: "coord", proxies: "haproxy" }[group];
  return `${prefix}-${index + 1}`;
}
