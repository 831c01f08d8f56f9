import type { Size, TimingConfig } from "../../config/ClusterConfig.ts";
import type { Group } from "../../config/topology.ts";
import { clientPorts } from "../host/preflight.ts";
import { postgresPorts } from "../postgres/patroni.ts";
import { certificatePaths } from "../security/CertificateAuthority.ts";

const KiB = 2 ** 10;

/** Path of the file with the statistics page's user in the container. */
export const statisticsFile = "statistics.cfg";

/** The user of the statistics page, in a file of its own: HAProxy's other configuration is not secret. */
export function statisticsUser(password: string): string {
  // Not as a hash: HAProxy would compute it for every request, which is cheap for a client and expensive for the proxy.
  return `userlist statistics\n  user admin insecure-password '${password.replaceAll("'", `'\\''`)}'\n`;
}

/** Connections of the statistics page. One address gets only a part of them, so that it cannot block keepalived's check. */
const statsConnections = { all: 128, each: 16 };

/**
 * The limit of connections for each port. A connection needs two buffers of 16 KB, some state, and the kernel's own buffers:
 * 64 KB, of half of the memory. Each port has its own share, so that idle clients of one cannot use up the other's.
 */
export function proxyConnections(memory: number): number {
  return Math.max(100, Math.floor(memory / 2 / (64 * KiB) / 2));
}

/**
 * The health check of a member: its Patroni reports its role, then its PgBouncer has to answer a client's first packet,
 * SSLRequest. The kernel completes connections to a PgBouncer that hangs, but does not answer for it.
 */
const checkOf = (path: string) => `option tcp-check
  tcp-check connect default
  tcp-check send "OPTIONS ${path} HTTP/1.0\\r\\n\\r\\n"
  tcp-check expect rstring "^HTTP/1\\.[01] 200 "
  tcp-check connect port ${postgresPorts.pooler}
  tcp-check send-binary 0000000804d2162f
  tcp-check expect binary 53`;

/** Input of HAProxy's configuration. */
export interface ProxySettings {
  size: Pick<Size, "cpus" | "memory">;
  timing: Pick<TimingConfig, "proxyCheckMs" | "maximumLagOnRead">;
  /** Whether the statistics page asks for a password. */
  login: boolean;
}

/** HAProxy's configuration: writes to the leader, reads to the standbys, according to Patroni. */
export function haproxyCfg(settings: ProxySettings, coordinators: Group): string {
  const { cpus, memory } = settings.size;
  const connections = proxyConnections(memory);
  const check = settings.timing.proxyCheckMs;
  const half = Math.ceil(check / 2);
  const server = (downinter: number) =>
    `default-server resolvers docker init-addr none check check-ssl verify required ca-file ${certificatePaths.ca} port ${postgresPorts.rest} inter ${check}ms fastinter ${half}ms downinter ${downinter}ms fall 2 rise 1 on-marked-down shutdown-sessions`;
  const login = settings.login
    ? "  http-request auth realm postgres-cluster unless { http_auth(statistics) }\n"
    : "";
  const servers = (extra = "") =>
    coordinators.members
      .map(
        ({ name }) =>
          `  server ${name} ${name}:${postgresPorts.pooler} check-sni ${name} verifyhost ${name}${extra}\n`,
      )
      .join("");
  return `global
  # By default there is a thread for each core of the host, and the container's limit stops them all at once.
  nbthread ${Math.max(1, Math.ceil(cpus))}
  maxconn ${2 * connections + statsConnections.all}
  log stdout format raw local0 notice

defaults
  mode tcp
  log global
  option dontlognull
  option clitcpka
  option srvtcpka
  timeout connect 3s
  timeout check 2s
  # Sessions of a database may be silent for long; the keepalives above notice a peer that is gone.
  timeout client 24h
  timeout server 24h

# Names of members appear and change with their tasks. Swarm takes a name away two seconds before it stops the member.
resolvers docker
  nameserver docker 127.0.0.11:53
  resolve_retries 3
  timeout resolve 500ms
  timeout retry 500ms
  hold valid 1s
  hold nx 2s
  hold timeout 30s
  hold refused 30s
  hold other 30s

frontend writes
  maxconn ${connections}
  bind :${clientPorts.write}
  default_backend leader

frontend reads
  maxconn ${connections}
  bind :${clientPorts.read}
  # Without a standby that is near enough to the leader the leader reads too.
  use_backend leader if { nbsrv(standbys) eq 0 }
  default_backend standbys

backend leader
  ${checkOf("/primary")}
  ${server(half)}
${servers()}
backend standbys
  balance leastconn
  ${checkOf(`/replica?lag=${settings.timing.maximumLagOnRead}`)}
  ${server(check)}
${servers()}
frontend stats
  maxconn ${statsConnections.all}
  bind :${clientPorts.stats}
  mode http
  timeout http-request 2s
  timeout client 10s
  stick-table type ip size 10k expire 1m store conn_cur
  tcp-request connection track-sc0 src
  tcp-request connection reject if { sc0_conn_cur gt ${statsConnections.each} }
  monitor-uri /alive
${login}  stats enable
  stats uri /
  stats refresh 5s
  stats hide-version
`;
}
