import type { ClusterConfig, HostConfig } from "../../config/ClusterConfig.ts";
import { membersOn, type Topology } from "../../config/topology.ts";

/** Ports that HAProxy publishes: writes, reads, statistics (architecture.txt, External Access). */
export const clientPorts = { write: 5432, read: 5433, stats: 8404 } as const;

/** What `preflight.sh` compares the host with. */
export function preflightVariables(
  config: ClusterConfig,
  topology: Topology,
  host: HostConfig,
): Record<string, string> {
  const members = membersOn(topology, host.name);
  const sum = (of: "memory" | "storage") => members.reduce((total, member) => total + member.size[of], 0);
  const hasProxy = topology.proxies.some((proxy) => proxy.host === host.name);
  return {
    HOST: host.name,
    ADDRESS: host.address,
    PLAN_CPUS: String(Math.max(0, ...members.map((member) => member.size.cpus))),
    PLAN_MEMORY: String(sum("memory")),
    PLAN_STORAGE: String(sum("storage")),
    ENCRYPTED: String(config.network.encrypted),
    PORTS: hasProxy ? Object.values(clientPorts).join(" ") : "",
  };
}
