import type { Fault } from "../faults.ts";
import { parseAddress } from "../ipv4.ts";
import { type Check, type Plan, subnetOf } from "./plan.ts";

/** One host may be lost, and a majority of etcd must be left. */
export const hostsAreEnough: Check = function* ({ settings }) {
  if (!settings.hosts || settings.hosts.length >= 3) return;
  yield {
    path: ["hosts"],
    message: "fewer than three hosts cannot bear the loss of one; list at least three",
  };
};

/** Names, addresses and keys are each host's own. */
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
      // One address twice has one key twice; that is one fault.
      const known = key === "hostKey" && hosts[first]?.address === host?.address;
      if (first < 0 || first === index || known) continue;
      yield { path: ["hosts", index, key], message: `already that of hosts[${first}]; ${fixes[key]}` };
    }
  }
};

/** Every host's address is one that a machine on the LAN can have. */
export const hostsAreOnTheLan: Check = function* (plan) {
  for (const [index, host] of plan.hosts.entries()) {
    if (host?.address) yield* misplaced(plan, ["hosts", index, "address"], host.address);
  }
};

/** The virtual IP is on the hosts' LAN and nobody else's. */
export const virtualIpIsFree: Check = function* (plan) {
  const address = plan.settings.virtualIp?.address;
  if (!address) return;
  const path = ["virtualIp", "address"];
  yield* misplaced(plan, path, address);
  const owner = plan.hosts.findIndex((host) => host?.address === address);
  if (owner >= 0) {
    const name = plan.hosts[owner]?.name ?? `hosts[${owner}]`;
    yield { path, message: `already the address of ${name}; choose an address that no machine has` };
  }
};

function* misplaced(plan: Plan, path: Fault["path"], text: string): Iterable<Fault> {
  const lan = subnetOf(plan, "hosts");
  const address = parseAddress(text);
  if (!lan || address === undefined) return;
  const where = `network.hosts (${plan.settings.network?.hosts})`;
  if (address < lan.first || address > lan.last) {
    yield { path, message: `outside ${where}; correct it, or set network.hosts to the hosts' LAN` };
  } else if (address === lan.first) {
    yield { path, message: `the address of ${where} itself; choose one within it` };
  } else if (address === lan.last) {
    yield { path, message: `the broadcast address of ${where}; choose another one within it` };
  }
}
