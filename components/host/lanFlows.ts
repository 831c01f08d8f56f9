import type { HostConfig } from "../../config/ClusterConfig.ts";
import { hasProxy, type Topology } from "../../config/topology.ts";
import type { HostsConfig } from "./HostsPlan.ts";

/** What the cluster sends from one host to another. */
export interface Flow {
  readonly from: HostConfig;
  readonly to: HostConfig;
  /** `tcp/PORT`, `udp/PORT` or `ip/PROTOCOL`. */
  readonly name: string;
}

/** Swarm's managers, and its gossip. */
export const tcpPorts = [2377, 7946] as const;

/** What has to get through: Swarm's traffic, IPsec's where overlays are encrypted, and VRRP between the proxies' hosts. */
export function flowsOf(plan: Pick<HostsConfig, "hosts" | "network">, topology: Topology): readonly Flow[] {
  return plan.hosts.flatMap((from) =>
    plan.hosts
      .filter((to) => to !== from)
      .flatMap((to) =>
        [
          ...tcpPorts.map((port) => `tcp/${port}`),
          "udp/7946",
          "udp/4789",
          ...(plan.network.encrypted ? ["ip/50"] : []),
          ...(hasProxy(topology, from.name) && hasProxy(topology, to.name) ? ["ip/112"] : []),
        ].map((name) => ({ from, to, name })),
      ),
  );
}

/**
 * A stateful packet filter lets answers in. For a protocol without ports it cannot tell an answer from a new packet, so of two
 * hosts the later one in the list only answers.
 */
export const isAnswer = (hosts: readonly HostConfig[], { from, to, name }: Flow): boolean =>
  name.startsWith("ip/") && hosts.indexOf(from) > hosts.indexOf(to);
