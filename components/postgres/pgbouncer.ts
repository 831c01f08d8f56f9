import type { Group, Member } from "../../config/topology.ts";
import { certificatePaths } from "../security/CertificateAuthority.ts";
import type { PostgresSettings } from "./PostgresSettings.ts";
import { clientConnections } from "./parameters.ts";
import { parametersOf, postgresPorts, socketPath } from "./patroni.ts";

/** Where images/database looks for PgBouncer's configuration. */
export const poolerConfigPath = "/etc/pgbouncer/pgbouncer.ini";

const MiB = 2 ** 20;

/** The name under which PgBouncer has the application's database a second time, in session mode. */
export const sessionDatabase = (config: PostgresSettings): string => `${config.database.name}_session`;

/** How many clients a pool takes, and how many of PostgreSQL's connections it shares out among them. */
interface PoolSizes {
  readonly clients: number;
  readonly servers: number;
}

/**
 * The sizes of a member's two pools. Neither can use up what the other needs: a quarter of the connections and of the
 * clients are the session pool's.
 */
export function poolSizes(
  config: PostgresSettings,
  group: Group,
  member: Member,
): { transaction: PoolSizes & { pool: number; reserve: number }; session: PoolSizes } {
  const connections = clientConnections(parametersOf(config, group.kind));
  // The rest is for those who come without the pooler: the other nodes of Citus, Patroni, the pooler's own look-ups.
  const all = Math.max(2, Math.floor(connections * 0.7));
  const session = Math.max(1, Math.floor(all / 4));
  const servers = all - session;
  const pool = Math.ceil(servers * 0.75);
  // A client costs some 30 KB with its TLS, hence at most a hundredth of the memory.
  const clients = Math.floor(Math.min(10_000, Math.max(500, member.size.memory / (4 * MiB))));
  const sessionClients = Math.floor(clients / 4);
  return {
    transaction: { clients: clients - sessionClients, servers, pool, reserve: servers - pool },
    session: { clients: sessionClients, servers: session },
  };
}

/**
 * Takes from a connection of PostgreSQL whatever a client has left on it, before another client gets it. It is
 * DISCARD ALL without the loss of the statements that PgBouncer itself has prepared there; a connection on which a client
 * prepared, by SQL or in session mode by its driver, is closed. PgBouncer ignores errors of this query, so it is one
 * transaction: where it fails, the connection is not idle, and PgBouncer does not use it again. RESET ALL comes first and
 * ends a client's timeouts. The function behind the view pg_prepared_statements is planned in less time than the view.
 */
const resetQuery = [
  "BEGIN",
  "RESET ALL",
  "RESET SESSION AUTHORIZATION",
  "CLOSE ALL",
  "UNLISTEN *",
  "DISCARD TEMP",
  "DISCARD SEQUENCES",
  "SELECT pg_catalog.pg_advisory_unlock_all()",
  "SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid()) FROM pg_catalog.pg_prepared_statement() WHERE from_sql OR NOT pg_catalog.starts_with(name, 'PGBOUNCER_')",
  "COMMIT",
].join("; ");

/**
 * PgBouncer's configuration for one member: TLS towards clients, and a Unix socket towards the member's own PostgreSQL,
 * which is in the same container: TLS there would protect nothing. It holds no password: PgBouncer may look up a client's
 * SCRAM verifier (pooler.sql) as the container's user, and what a client proves with is passed through to PostgreSQL.
 */
export function pgbouncerIni(args: { config: PostgresSettings; group: Group; member: Member }): string {
  const { config, group, member } = args;
  const { transaction, session } = poolSizes(config, group, member);
  const { name } = config.database;
  const server = `host=${socketPath} port=${postgresPorts.postgres}`;
  // Only what PostgreSQL reports to its clients can be followed; search_path it reports where Citus is loaded.
  const followed = ["IntervalStyle", ...(config.images.citus ? ["search_path"] : [])];
  return `[databases]
${name} = ${server} max_db_client_connections=${transaction.clients}
; The same database for what needs a session: a connection stays with its client until that leaves.
${sessionDatabase(config)} = ${server} dbname=${name} pool_mode=session pool_size=${session.servers} reserve_pool_size=0 max_db_connections=${session.servers} max_db_client_connections=${session.clients}
* = ${server}

; A request to cancel a query may arrive at another member than the query did; it is passed on to the right one.
[peers]
${group.members.map(({ name }, index) => `${index + 1} = host=${name} port=${postgresPorts.pooler}`).join("\n")}

[pgbouncer]
peer_id = ${group.members.indexOf(member) + 1}
listen_addr = 0.0.0.0
listen_port = ${postgresPorts.pooler}
listen_backlog = 1024
; The administration console is here only, for the container's own user, as pgbouncer.
unix_socket_dir = ${socketPath}
unix_socket_mode = 0700

client_tls_sslmode = require
client_tls_cert_file = ${certificatePaths.certificate}
client_tls_key_file = ${certificatePaths.key}

auth_type = scram-sha-256
auth_user = pgbouncer
auth_dbname = postgres
auth_query = SELECT uname, phash FROM pgbouncer.user_lookup($1)

pool_mode = transaction
max_prepared_statements = 200
; What a client sets of these it finds again on every connection that it gets.
track_extra_parameters = ${followed.join(", ")}
; Everything else is gone when a connection changes hands: after each transaction, or session in session mode.
server_reset_query = ${resetQuery}
server_reset_query_always = 1
max_client_conn = ${transaction.clients + session.clients}
max_db_connections = ${transaction.servers}
default_pool_size = ${transaction.pool}
reserve_pool_size = ${transaction.reserve}
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
