import type { ClusterConfig, HostConfig } from "../../config/ClusterConfig.ts";

/** Splits a pool into two halves of equal size: Docker's bridges take the first, Swarm's own networks the second. */
export function halves(pool: string): { bridges: string; swarm: string } {
  const [address = "", length = ""] = pool.split("/");
  const bits = Number(length) + 1;
  const start = address.split(".").reduce((number, octet) => number * 256 + Number(octet), 0);
  const upper = start + 2 ** (32 - bits);
  const dotted = (number: number) =>
    [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
  return { bridges: `${dotted(start)}/${bits}`, swarm: `${dotted(upper)}/${bits}` };
}

/** The Docker daemon's configuration. */
export function daemonJson(config: ClusterConfig): string {
  return JSON.stringify(
    {
      // Without a limit a chatty container fills the disk that the data lies on.
      "log-driver": "json-file",
      "log-opts": { "max-size": "10m", "max-file": "3" },
      // Swarm refuses to run with it.
      "live-restore": false,
      // Off the hosts' LAN and off the documented overlays.
      "default-address-pools": [{ base: halves(config.network.dockerPool).bridges, size: 24 }],
      // The firewall lets only this host's containers and itself ask.
      "metrics-addr": "0.0.0.0:9323",
      experimental: true,
      ...(config.images.insecureRegistries.length > 0 && {
        "insecure-registries": config.images.insecureRegistries,
      }),
    },
    null,
    2,
  );
}

/** Kernel settings: failure of a peer is noticed in about a minute, memory is for PostgreSQL, the virtual IP can be bound. */
export const sysctls = [
  "net.ipv4.tcp_keepalive_time = 60",
  "net.ipv4.tcp_keepalive_intvl = 20",
  "net.ipv4.tcp_keepalive_probes = 3",
  "net.ipv4.ip_nonlocal_bind = 1",
  "net.core.somaxconn = 4096",
  "vm.swappiness = 1",
].join("\n");

/** nftables rules: Swarm's ports, IPsec and VRRP for the cluster's hosts only, the daemon's metrics for the host's own containers only. */
export function firewall(hosts: readonly HostConfig[]): string {
  return `# Made anew at every load, in one transaction.
table inet postgres_cluster
delete table inet postgres_cluster
table inet postgres_cluster {
  set hosts {
    type ipv4_addr
    elements = { ${hosts.map((host) => host.address).join(", ")} }
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname { "lo", "docker0", "docker_gwbridge" } accept
    tcp dport 9323 drop
    ip saddr @hosts accept
    tcp dport { 2377, 7946 } drop
    udp dport { 4789, 7946 } drop
    # 112 is VRRP, by which the virtual IP moves: its name is not known to every host.
    meta l4proto { esp, 112 } drop
  }
}`;
}
