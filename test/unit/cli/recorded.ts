import type { ClusterFacts, Facts } from "../../../cli/facts.ts";

const node = (host: string, leader = false) => ({
  host,
  state: "ready",
  availability: "active",
  manager: { ...(leader && { Leader: true }), Reachability: "reachable" },
});

const member = (name: string, role: string, timeline = 1, lag: number | null = 0) => ({
  name,
  role,
  state: role === "leader" ? "running" : "streaming",
  timeline,
  lag: role === "leader" ? null : lag,
  pendingRestart: false,
});

const group = (...members: ReturnType<typeof member>[]) => ({ paused: false, members });

/** A self-signed certificate that ends on 2126-11-01. */
const certificate = [
  "-----BEGIN CERTIFICATE-----",
  "MIIBejCCASGgAwIBAgIUVtmFvfPC9tJ2ryexgtFcL3ltRTcwCgYIKoZIzj0EAwIw",
  "EjEQMA4GA1UEAwwHY29vcmQtMTAgFw0yNjExMjUxNjM0NDFaGA8yMTI2MTEwMTE2",
  "MzQ0MVowEjEQMA4GA1UEAwwHY29vcmQtMTBZMBMGByqGSM49AgEGCCqGSM49AwEH",
  "A0IABOMYef74yHw0rDLXTEWq7Wme4uCnUYgIf8hqjZ1b6wFfn+1OPtjDhXDWlMXT",
  "YKazPJvarcu17/+CQhzv0kRar5SjUzBRMB0GA1UdDgQWBBTmgfb/Md4/opIUggTo",
  "cb7zYwK8QjAfBgNVHSMEGDAWgBTmgfb/Md4/opIUggTocb7zYwK8QjAPBgNVHRMB",
  "Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIACEwd6mB382UtoXY7AdFt9t+pW6",
  "EJzv2m7B478+k8VkAiBqixheUFLCtdsIcySS232tjUsa8hFkthgYM12YrrgqJQ==",
  "-----END CERTIFICATE-----",
].join("\n");

const services = [
  "coord-1 coord-2 coord-3 etcd-1 etcd-2 etcd-3 haproxy-1 haproxy-2",
  "worker-1-1 worker-1-2 worker-2-1 worker-2-2 worker-3-1 worker-3-2",
].flatMap((line) => line.split(" "));

/** What `status.sh cluster` prints of a healthy cluster with Citus. */
export const cluster = {
  swarm: {
    nodes: [node("host-2"), node("host-1", true), node("host-3")],
    tasks: services.map((name) => ({ task: `${name}.1`, state: "Running 3 minutes ago", error: "" })),
    certificates: ["ca-0123456789ab", "coord-1-tls-crt-ba9876543210"].map((config) => ({
      config,
      data: Buffer.from(certificate).toString("base64"),
    })),
    mtu: 1500,
  },
  proxies: [
    { name: "haproxy-2", up: true },
    { name: "haproxy-1", up: true },
  ],
  clients: {
    writes: { member: "coord-1", standby: false },
    reads: { member: "coord-2", standby: true },
  },
  groups: {
    coordinators: group(
      member("coord-1", "leader", 2),
      member("coord-2", "quorum_standby", 2),
      member("coord-3", "quorum_standby", 2, 168),
    ),
    "shard-1": group(member("worker-1-1", "replica", 3, 4096), member("worker-1-2", "leader", 3)),
    "shard-2": group(member("worker-2-1", "leader"), member("worker-2-2", "replica")),
    "shard-3": group(member("worker-3-1", "leader"), member("worker-3-2", "replica")),
  },
  sql: {
    citus: {
      version: "14.0-1",
      nodes: [
        { group: 0, name: "coord-1" },
        { group: 1, name: "worker-1-2" },
        { group: 2, name: "worker-2-1" },
        { group: 3, name: "worker-3-1" },
      ],
      workers: [
        { name: "worker-1-2", shards: 33, bytes: 1892352 },
        { name: "worker-2-1", shards: 33, bytes: 1802240 },
        { name: "worker-3-1", shards: 30, bytes: null },
      ],
    },
  },
} satisfies ClusterFacts;

/** What the hosts of a healthy cluster say, to be changed by a test. */
export function recorded(): {
  hosts: Record<string, Facts["hosts"][string]>;
  cluster: typeof cluster;
  lan: { faults: string[]; mtus: Record<string, number>; absent: Record<string, string> };
} {
  const host = (holdsVip: boolean) => ({
    holdsVip,
    manages: true,
    runsDatabase: true,
    firewall: true,
    diverged: [],
  });
  return structuredClone({
    hosts: { "host-1": host(true), "host-2": host(false), "host-3": host(false) },
    cluster,
    lan: { faults: [], mtus: { "host-1": 1500, "host-2": 1500, "host-3": 9000 }, absent: {} },
  });
}
