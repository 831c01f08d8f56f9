import type { Size } from "../ClusterConfig.ts";
import { demandOf } from "../demand.ts";
import type { Draft } from "../draft.ts";
import type { Fault } from "../faults.ts";
import { formatSize } from "../size.ts";
import { membersOn, topologyOf } from "../topology.ts";
import type { Check, Plan } from "./plan.ts";

const FORMATS = { cpus: (count: number) => `${count}`, memory: formatSize, storage: formatSize };

/** Every host has what the members on it may use; where a size or a list is wrong, the others still count. */
export const hostsCanCarryTheirMembers: Check = function* (plan): Iterable<Fault> {
  const topology = draftTopology(plan);
  for (const [index, host] of plan.hosts.entries()) {
    if (!host?.name) continue;
    const members = membersOn(topology, host.name);
    for (const key of ["cpus", "memory", "storage"] as const) {
      const format = FORMATS[key];
      const needed = demandOf(members)[key];
      const available = host[key];
      if (!available || needed <= available) continue;
      const counted = key === "cpus" ? members.filter(({ size }) => size.cpus > available) : members;
      const shares = counted.map(({ name, size }) => `${name} ${format(size[key])}`).join(", ");
      const message =
        `its members need ${format(needed)} (${shares}); lower resources.*.${key}, ` +
        "move members with placement, or use a larger host";
      yield { path: ["hosts", index, key], message };
    }
  }
};

function draftTopology({ settings, placement }: Plan) {
  const size = (draft: Draft<Size> | undefined): Size => ({
    cpus: draft?.cpus ?? 0,
    memory: draft?.memory ?? 0,
    storage: draft?.storage ?? 0,
  });
  const known = (list: readonly Draft<string>[] | null) => (list ?? []).map((host) => host ?? "");
  return topologyOf({
    placement: {
      etcd: known(placement.etcd),
      coordinators: known(placement.coordinators),
      workers: (placement.workers ?? []).map(known),
      proxies: known(placement.proxies),
    },
    resources: {
      coordinator: size(settings.resources?.coordinator),
      worker: size(settings.resources?.worker),
      etcd: size(settings.resources?.etcd),
      proxy: size(settings.resources?.proxy),
    },
    database: { synchronous: { coordinators: true, workers: false } },
  });
}
