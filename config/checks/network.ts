import type { Fault } from "../faults.ts";
import { overlaps, prefixFor, usableAddresses } from "../ipv4.ts";
import { type Check, SUBNETS, subnetOf } from "./plan.ts";

/** No subnet shares an address with another. */
export const subnetsAreApart: Check = function* (plan) {
  for (const [index, name] of SUBNETS.entries()) {
    const subnet = subnetOf(plan, name);
    for (const other of SUBNETS.slice(0, index)) {
      const before = subnetOf(plan, other);
      if (!subnet || !before || !overlaps(subnet, before)) continue;
      const message = `overlaps network.${other} (${plan.settings.network?.[other]}); give each its own range`;
      yield { path: ["network", name], message };
    }
  }
};

/** Docker takes a /24 each for docker0, docker_gwbridge and Swarm's ingress, and one is spare. */
const DOCKER_PREFIX = 22;

/** Every overlay has an address for each member, for each host's load balancer and for its gateway. */
export const subnetsAreLargeEnough: Check = function* (plan) {
  const { etcd, coordinators, workers, proxies } = plan.placement;
  const count = (list: readonly unknown[] | null) => list?.length ?? 0;
  const shards = (workers ?? []).reduce((sum, shard) => sum + count(shard), 0);
  // PostgreSQL and etcd are on both data networks, the proxies on the coordinators' and the admin network.
  const data = count(etcd) + count(coordinators) + shards;
  const members = { coordinators: data + count(proxies), workers: data, admin: count(proxies) };
  for (const [name, attached] of Object.entries(members) as [keyof typeof members, number][]) {
    const subnet = subnetOf(plan, name);
    const needed = attached + plan.hosts.length + 1;
    if (!subnet || usableAddresses(subnet) >= needed) continue;
    yield tooSmall(
      name,
      `${usableAddresses(subnet)} usable addresses, but ${needed} are needed: ${attached} members, ` +
        `${plan.hosts.length} load balancers (one a host) and the gateway`,
      prefixFor(needed),
    );
  }
  const pool = subnetOf(plan, "dockerPool");
  if (pool && pool.prefix > DOCKER_PREFIX) {
    yield tooSmall(
      "dockerPool",
      "too small for Docker, which takes a /24 for each of its own networks",
      DOCKER_PREFIX,
    );
  }
};

function tooSmall(name: string, problem: string, prefix: number): Fault {
  return { path: ["network", name], message: `${problem}; use at least a /${prefix}` };
}
