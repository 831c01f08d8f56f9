import { expect, test } from "vitest";
import { type HostView, lanFaults } from "../../../components/host/lanFaults.ts";
import { flowsOf } from "../../../components/host/lanFlows.ts";
import type { HostConfig } from "../../../config/ClusterConfig.ts";
import { parse } from "../config/fixture.ts";

const config = parse();
const flows = flowsOf(config, config.topology);
const [one, , three] = config.hosts as [HostConfig, HostConfig, HostConfig];

test("what goes from host to host: IPsec where overlays are encrypted, VRRP where a proxy is at both ends", () => {
  const between = (from: string, to: string, of = flows) =>
    of.filter((flow) => flow.from.name === from && flow.to.name === to).map(({ name }) => name);
  const swarm = ["tcp/2377", "tcp/7946", "udp/7946", "udp/4789"];
  expect(between("host-1", "host-2")).toEqual([...swarm, "ip/50", "ip/112"]);
  expect(between("host-2", "host-1")).toEqual([...swarm, "ip/50", "ip/112"]);
  expect(between("host-3", "host-1")).toEqual([...swarm, "ip/50"]);
  const open = parse({ network: { encrypted: false } });
  expect(between("host-3", "host-1", flowsOf(open, open.topology))).toEqual(swarm);
});

/** Views of an open LAN, and what a change of them is told as. */
function faults(
  change: (views: Record<string, { seen: Set<string>; filters: HostView["filters"] }>) => void,
) {
  const views = Object.fromEntries(
    config.hosts.map(({ name }) => [name, { seen: new Set<string>(), filters: { in: "", out: "" } }]),
  );
  for (const { from, to, name } of flows) {
    views[from.name]?.seen.add(`left ${to.address} ${name}`);
    views[to.name]?.seen.add(`came ${from.address} ${name}`);
    if (name.startsWith("tcp/")) views[from.name]?.seen.add(`connected ${to.address} ${name}`);
    else views[to.name]?.seen.add(`heard ${from.address} ${name}`);
    views[to.name]?.seen.add(`heard ${from.address} size/1500`);
  }
  change(views);
  return lanFaults(
    config.hosts,
    flows,
    new Map(config.hosts.map((host) => [host, views[host.name] as HostView])),
    1500,
  );
}

test("an open LAN", () => {
  expect(faults(() => {})).toEqual([]);
});

test.each([
  ["ufw", "ufw drops", "run there ufw allow from 10.0.0.10 && ufw allow from 10.0.0.12"],
  [
    "firewalld",
    "firewalld drops",
    "run there firewall-cmd --permanent --zone=trusted --add-source=10.0.0.10 --add-source=10.0.0.12 && firewall-cmd --reload",
  ],
  [
    "chain INPUT of table ip filter, chain wall of table inet mine",
    "its packet filter (chain INPUT of table ip filter, chain wall of table inet mine) drops",
    "run there iptables -I INPUT -s 10.0.0.10,10.0.0.12 -j ACCEPT && nft insert rule inet mine wall ip saddr { 10.0.0.10, 10.0.0.12 } accept, and put the same where the rules are kept",
  ],
  [
    "",
    "something (not its packet filter: perhaps rp_filter) drops",
    "see what drops it on this host, and let it through",
  ],
])("what comes and is not heard: the filter '%s' is named, with its cure", (filter, name, cure) => {
  const found = faults(({ "host-2": receiver }) => {
    if (!receiver) return;
    receiver.filters = { in: filter, out: "" };
    for (const from of [one, three]) receiver.seen.delete(`heard ${from.address} udp/4789`);
  });
  expect(found).toEqual([`host-2: ${name} UDP 4789 from host-1 (10.0.0.10) and host-3 (10.0.0.12): ${cure}`]);
});

test("what does not leave is the sender's filter's doing", () => {
  const found = faults(({ "host-1": sender, "host-2": receiver }) => {
    if (!sender || !receiver) return;
    sender.filters = { in: "", out: "ufw" };
    sender.seen.delete("left 10.0.0.11 udp/7946");
    receiver.seen.delete("came 10.0.0.10 udp/7946");
    receiver.seen.delete("heard 10.0.0.10 udp/7946");
  });
  expect(found).toEqual([
    "host-1: ufw drops UDP 7946 to host-2 (10.0.0.11): run there ufw allow out to 10.0.0.11",
  ]);
});

test("a port of a Docker that does not run is no matter of the LAN", () => {
  const found = faults(({ "host-1": sender, "host-2": receiver }) => {
    sender?.seen.delete("connected 10.0.0.11 tcp/2377");
    receiver?.seen.add("closed 10.0.0.11 tcp/2377");
  });
  expect(found).toEqual([]);
});

test("a host that was not asked cannot answer", () => {
  const found = faults(({ "host-1": first, "host-2": second }) => {
    second?.seen.delete("heard 10.0.0.10 ip/112");
    for (const event of ["heard", "came"]) first?.seen.delete(`${event} 10.0.0.11 ip/112`);
    second?.seen.delete("left 10.0.0.10 ip/112");
  });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/^host-2: .* drops VRRP \(IP protocol 112\) from host-1/);
});
