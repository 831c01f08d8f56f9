import { stringify } from "yaml";
import type { Member } from "../../config/topology.ts";
import { certificatePaths } from "../security/CertificateAuthority.ts";

/** Group label of etcd's containers. */
export const etcdGroup = "etcd";

export const etcdPorts = { client: 2379, peer: 2380 } as const;

/** etcd's configuration file for one member. */
export function etcdYaml(member: Member, members: readonly Member[]): string {
  const peer = (name: string) => `https://${name}:${etcdPorts.peer}`;
  const tls = {
    "cert-file": certificatePaths.certificate,
    "key-file": certificatePaths.key,
    "trusted-ca-file": certificatePaths.ca,
    "client-cert-auth": true,
  };
  return stringify({
    name: member.name,
    "data-dir": "/var/lib/etcd/data",
    "initial-cluster": members.map(({ name }) => `${name}=${peer(name)}`).join(","),
    "initial-cluster-token": "postgres-cluster",
    "initial-cluster-state": "new",
    "initial-advertise-peer-urls": peer(member.name),
    "listen-peer-urls": `https://0.0.0.0:${etcdPorts.peer}`,
    "listen-client-urls": `https://0.0.0.0:${etcdPorts.client}`,
    "advertise-client-urls": `https://${member.name}:${etcdPorts.client}`,
    "client-transport-security": tls,
    "peer-transport-security": tls,
    // A member's address changes with every task, but its certificate has its name. So only the authority is checked.
    "experimental-peer-skip-client-san-verification": true,
    // Milliseconds; etcd's defaults, for hosts on one LAN.
    "heartbeat-interval": 100,
    "election-timeout": 1000,
    // Patroni writes a key every few seconds; their history is of no use.
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "1h",
    "quota-backend-bytes": Math.min(8 * 2 ** 30, Math.floor(member.size.storage / 2)),
    "log-level": "warn",
  });
}
