import type { HostsConfig } from "./HostsPlan.ts";
import { clientPorts } from "./preflight.ts";

const list = (values: Iterable<string | number>) => `{ ${[...values].join(", ")} }`;

/** A set of nftables; nft refuses an empty list of elements. */
function set(name: string, type: string, flags: string, elements: readonly string[]): string {
  const lines = [`type ${type}`, ...(flags ? [`flags ${flags}`, "auto-merge"] : [])];
  if (elements.length > 0) lines.push(`elements = ${list(elements)}`);
  return `  set ${name} {\n${lines.map((line) => `    ${line}\n`).join("")}  }\n`;
}

/**
 * nftables rules of every host: only `network.clients` reach the clients' ports, only the cluster's hosts reach Swarm's ports,
 * IPsec and VRRP, and containers reach none of the hosts' own ports.
 */
export function firewall(plan: Omit<HostsConfig, "ssh">): string {
  const addresses = plan.hosts.map((host) => host.address);
  const clients = plan.network.clients;
  const isIpv6 = (range: string) => range.includes(":");
  const sshPorts = new Set(plan.hosts.map((host) => host.sshPort));
  return `# Made anew at every load, in one transaction.
table inet postgres_cluster
delete table inet postgres_cluster
table inet postgres_cluster {
${set("hosts", "ipv4_addr", "", addresses)}${set(
  "clients",
  "ipv4_addr",
  "interval",
  clients.filter((range) => !isIpv6(range)),
)}${set("clients6", "ipv6_addr", "interval", clients.filter(isIpv6))}  chain prerouting {
    # Docker's DNAT comes later and hides which port a packet was for.
    type filter hook prerouting priority mangle; policy accept;
    iifname "lo" accept
    iifname { "docker0", "docker_gwbridge" } goto containers
    fib daddr type local tcp dport ${list(Object.values(clientPorts))} goto clients
  }
  chain clients {
    ip saddr @hosts accept
    ip saddr @clients accept
    ip6 saddr @clients6 accept
    drop
  }
  chain containers {
    # What they send to other hosts arrives there with this host's address, which those trust.
    fib daddr type local goto guarded
    ip daddr ${list([...addresses, plan.virtualIp.address])} goto guarded
  }
  chain guarded {
    tcp dport ${list([...sshPorts, 2377, 7946])} drop
    udp dport { 4789, 7946 } drop
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname "lo" accept
    ip saddr @hosts accept
    tcp dport { 2377, 7946 } drop
    udp dport { 4789, 7946 } drop
    # 112 is VRRP, by which the virtual IP moves: its name is not known to every host.
    meta l4proto { esp, 112 } drop
  }
}`;
}
