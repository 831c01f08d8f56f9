import type { WrongSetting } from "../errors.ts";
import {
  broadcastAddress,
  contains,
  networkAddress,
  overlaps,
  prefixFor,
  prefixOf,
  usableAddresses,
} from "../units.ts";
import type { Candidate, Check } from "./candidate.ts";

/** When one host is lost, a majority of etcd must be left. */
export const hostsAreEnough: Check = function* ({ settings }) {
  if (!settings.hosts || settings.hosts.length >= 3) return;
  yield {
    path: ["hosts"],
    message: "fewer than three hosts cannot survive the loss of one; list at least three",
  };
};

/** Every host has its own name, address and key. */
export const hostsAreDistinct: Check = function* ({ hosts }) {
  const fixes = {
    name: "give every host its own name",
    address: "give every host its own address",
    hostKey:
      "the two are one machine or clones; make new keys on one of them with: rm /etc/ssh/ssh_host_* && ssh-keygen -A",
  };
  for (const key of ["name", "address", "hostKey"] as const) {
    for (const [index, host] of hosts.entries()) {
      const first = hosts.findIndex((other) => host?.[key] && other?.[key] === host[key]);
      // Two hosts with one address also have one key; that is one error.
      const known = key === "hostKey" && hosts[first]?.address === host?.address;
      if (first < 0 || first === index || known) continue;
      yield { path: ["hosts", index, key], message: `already that of hosts[${first}]; ${fixes[key]}` };
    }
  }
};

/** Every host's address is one that a machine on the LAN can have. */
export const hostsAreOnTheLan: Check = function* (candidate) {
  for (const [index, host] of candidate.hosts.entries()) {
    if (host?.address) yield* misplaced(candidate, ["hosts", index, "address"], host.address);
  }
};

/** The virtual IP is on the hosts' LAN and is not a host's address. */
export const virtualIpIsFree: Check = function* (candidate) {
  const address = candidate.settings.virtualIp?.address;
  if (!address) return;
  const path = ["virtualIp", "address"];
  yield* misplaced(candidate, path, address);
  const owner = candidate.hosts.findIndex((host) => host?.address === address);
  if (owner >= 0) {
    const name = candidate.hosts[owner]?.name ?? `hosts[${owner}]`;
    yield { path, message: `already the address of ${name}; choose an address that no machine has` };
  }
};

function* misplaced(
  { settings }: Candidate,
  path: WrongSetting["path"],
  address: string,
): Iterable<WrongSetting> {
  const lan = settings.network?.hosts;
  if (!lan) return;
  const where = `network.hosts (${lan})`;
  if (!contains(lan, address)) {
    yield { path, message: `outside ${where}; correct it, or set network.hosts to the hosts' LAN` };
  } else if (address === networkAddress(lan)) {
    yield { path, message: `the address of ${where} itself; choose one within it` };
  } else if (address === broadcastAddress(lan)) {
    yield { path, message: `the broadcast address of ${where}; choose another one within it` };
  }
}

const SUBNETS = ["hosts", "coordinators", "workers", "admin", "dockerPool"] as const;

/** No subnet shares an address with another. */
export const subnetsAreApart: Check = function* ({ settings: { network } }) {
  for (const [index, name] of SUBNETS.entries()) {
    for (const other of SUBNETS.slice(0, index)) {
      const [subnet, before] = [network?.[name], network?.[other]];
      if (!subnet || !before || !overlaps(subnet, before)) continue;
      const message = `overlaps network.${other} (${before}); give each its own range`;
      yield { path: ["network", name], message };
    }
  }
};

/** Docker takes a /24 each for docker0, docker_gwbridge and Swarm's ingress; one more is spare. */
const DOCKER_PREFIX = 22;

/** Every overlay has an address for each member, for each host's load balancer and for its gateway. */
export const subnetsAreLargeEnough: Check = function* ({ settings: { network }, hosts, topology }) {
  const { etcd, groups, proxies } = topology;
  // PostgreSQL and etcd are on both data networks, the proxies on the coordinators' and the admin network.
  const data = etcd.length + groups.reduce((sum, { members }) => sum + members.length, 0);
  const attached = { coordinators: data + proxies.length, workers: data, admin: proxies.length };
  for (const name of ["coordinators", "workers", "admin"] as const) {
    const subnet = network?.[name];
    const needed = attached[name] + hosts.length + 1;
    if (!subnet || usableAddresses(subnet) >= needed) continue;
    yield tooSmall(
      name,
      `${usableAddresses(subnet)} usable addresses, but ${needed} are needed: ${attached[name]} members, ` +
        `${hosts.length} load balancers (one a host) and the gateway`,
      prefixFor(needed),
    );
  }
  const pool = network?.dockerPool;
  if (pool && prefixOf(pool) > DOCKER_PREFIX) {
    yield tooSmall(
      "dockerPool",
      "too small for Docker, which takes a /24 for each of its own networks",
      DOCKER_PREFIX,
    );
  }
};

function tooSmall(name: string, problem: string, prefix: number): WrongSetting {
  return { path: ["network", name], message: `${problem}; use at least a /${prefix}` };
}
