import { demandOf, hasProxy, membersOn, type Topology } from "../../config/topology.ts";
import type { HostsPlan } from "./HostsPlan.ts";

/** Ports that HAProxy publishes: writes, reads, statistics (docs/reference-architecture.md, External access). */
export const clientPorts = { write: 5432, read: 5433, stats: 8404 } as const;

/** What `preflight.sh` compares the host with, besides its address and the cluster's id. */
export function preflightVariables(
  plan: Pick<HostsPlan, "hosts" | "network">,
  topology: Topology,
  host: string,
): Record<string, string> {
  const members = membersOn(topology, host);
  const demand = demandOf(members);
  return {
    HOST: host,
    HOSTS: plan.hosts.map(({ name }) => name).join(" "),
    PLAN_CPUS: String(demand.cpus),
    SHARED_CPUS: String(members.reduce((total, member) => total + member.size.cpus, 0)),
    PLAN_MEMORY: String(demand.memory),
    PLAN_STORAGE: String(demand.storage),
    ENCRYPTED: String(plan.network.encrypted),
    PORTS: hasProxy(topology, host) ? Object.values(clientPorts).join(" ") : "",
  };
}
