import type { ClusterConfig } from "../../config/ClusterConfig.ts";
import type { Group, Member } from "../../config/topology.ts";
import { certificatePaths } from "../security/CertificateAuthority.ts";
import { clientConnections } from "./parameters.ts";
import { parametersOf, postgresPorts } from "./patroni.ts";

/** Where images/database looks for PgBouncer's configuration. */
export const poolerConfigPath = "/etc/pgbouncer/pgbouncer.ini";

const MiB = 2 ** 20;

/** How many clients a member's PgBouncer takes, and how many of PostgreSQL's connections it shares out among them. */
export function poolSizes(
  config: ClusterConfig,
  group: Group,
  member: Member,
): { clients: number; servers: number; pool: number; reserve: number } {
  const connections = clientConnections(parametersOf(config, group.kind));
  // The rest is for those who come without the pooler: the other nodes of Citus, Patroni, the pooler's own look-ups.
  const servers = Math.max(1, Math.floor(connections * 0.7));
  const pool = Math.ceil(servers * 0.75);
  // A client costs some 30 KB with its TLS, hence at most a hundredth of the memory.
  const clients = Math.floor(Math.min(10_000, Math.max(500, member.size.memory / (4 * MiB))));
  return { clients, servers, pool, reserve: servers - pool };
}

/**
 * PgBouncer's configuration for one member: in front of the member's own PostgreSQL, TLS on both sides. It holds no
 * password: PgBouncer proves by the member's certificate that it may look up a client's SCRAM verifier (pooler.sql), and
 * what a client proves with is passed through to PostgreSQL.
 */
export function pgbouncerIni(args: { config: ClusterConfig; group: Group; member: Member }): string {
  const { config, group, member } = args;
  const { clients, servers, pool, reserve } = poolSizes(config, group, member);
  return `[databases]
* = host=127.0.0.1 port=${postgresPorts.postgres}

; A request to cancel a query may arrive at another member than the query did; it is passed on to the right one.
[peers]
${group.members.map(({ name }, index) => `${index + 1} = host=${name} port=${postgresPorts.pooler}`).join("\n")}

[pgbouncer]
peer_id = ${group.members.indexOf(member) + 1}
listen_addr = 0.0.0.0
listen_port = ${postgresPorts.pooler}
listen_backlog = 1024
; The administration console is here only, for the container's own user, as pgbouncer.
unix_socket_dir = /var/run/postgresql
unix_socket_mode = 0700

client_tls_sslmode = require
client_tls_cert_file = ${certificatePaths.certificate}
client_tls_key_file = ${certificatePaths.key}
server_tls_sslmode = verify-full
server_tls_ca_file = ${certificatePaths.ca}
server_tls_cert_file = ${certificatePaths.certificate}
server_tls_key_file = ${certificatePaths.key}

auth_type = scram-sha-256
auth_user = pgbouncer
auth_dbname = postgres
auth_query = SELECT uname, phash FROM pgbouncer.user_lookup($1)

pool_mode = transaction
max_prepared_statements = 200
max_client_conn = ${clients}
max_db_connections = ${servers}
default_pool_size = ${pool}
reserve_pool_size = ${reserve}
reserve_pool_timeout = 1
; With all connections busy a request waits this long in the queue.
query_wait_timeout = 60
; A PostgreSQL that comes back is noticed within a second.
server_login_retry = 1
server_connect_timeout = 5
; JDBC sends it always; PostgreSQL's own default is as good.
ignore_startup_parameters = extra_float_digits

tcp_keepidle = 60
tcp_keepintvl = 20
tcp_keepcnt = 3
; Milliseconds.
tcp_user_timeout = 5000

log_connections = 0
log_disconnections = 0
log_stats = 0
`;
}
