import type { Size } from "./ClusterConfig.ts";
import type { Member } from "./topology.ts";

/**
 * What a host must have for its members. Memory and disk are each member's own. Cores are limits that members share, so the
 * largest limit counts: Docker refuses a container that may use more cores than there are.
 */
export function demandOf(members: readonly Pick<Member, "size">[]): Size {
  const sum = (of: "memory" | "storage") => members.reduce((total, { size }) => total + size[of], 0);
  return {
    cpus: Math.max(0, ...members.map(({ size }) => size.cpus)),
    memory: sum("memory"),
    storage: sum("storage"),
  };
}
