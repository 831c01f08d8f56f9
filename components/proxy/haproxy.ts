import type { ClusterConfig } from "../../config/ClusterConfig.ts";
import type { Group } from "../../config/topology.ts";
import { clientPorts } from "../host/preflight.ts";
import { postgresPorts } from "../postgres/patroni.ts";
import { certificatePaths } from "../security/CertificateAuthority.ts";

/** HAProxy's configuration: writes to the leader, reads to the standbys, by Patroni's own word. */
export function haproxyCfg(config: ClusterConfig, coordinators: Group): string {
  const check = config.timing.proxyCheckMs;
  const half = Math.ceil(check / 2);
  const server = (downinter: number) =>
    `default-server resolvers docker init-addr none check check-ssl verify required ca-file ${certificatePaths.ca} port ${postgresPorts.rest} inter ${check}ms fastinter ${half}ms downinter ${downinter}ms fall 2 rise 1 on-marked-down shutdown-sessions`;
  const servers = (extra = "") =>
    coordinators.members
      .map(
        ({ name }) =>
          `  server ${name} ${name}:${postgresPorts.pooler} check-sni ${name} verifyhost ${name}${extra}\n`,
      )
      .join("");
  return `global
  maxconn 4096
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
  bind :${clientPorts.write}
  default_backend leader

frontend reads
  bind :${clientPorts.read}
  # Without a standby the leader reads too.
  use_backend leader if { nbsrv(standbys) eq 0 }
  default_backend standbys

backend leader
  option httpchk OPTIONS /primary
  http-check expect status 200
  ${server(half)}
${servers()}
backend standbys
  balance leastconn
  option httpchk OPTIONS /replica
  http-check expect status 200
  ${server(check)}
${servers()}
frontend stats
  bind :${clientPorts.stats}
  mode http
  timeout client 10s
  monitor-uri /alive
  stats enable
  stats uri /
  stats refresh 5s
  stats hide-version
`;
}
