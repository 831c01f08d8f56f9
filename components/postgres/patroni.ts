import { stringify } from "yaml";
import { preloadedLibraries } from "../../config/parameters.ts";
import type { Group, Member } from "../../config/topology.ts";
import { etcdPorts } from "../consensus/etcd.ts";
import { certificatePaths } from "../security/CertificateAuthority.ts";
import type { PostgresSettings } from "./PostgresSettings.ts";
import { clientConnections, type Parameters, parametersFor } from "./parameters.ts";
import { monitorRole } from "./roles.ts";

const KiB = 2 ** 10;

export const postgresPorts = { postgres: 5432, pooler: 6432, rest: 8008 } as const;
/** Where a database member's volume is mounted; PostgreSQL's own folder lies in it. */
export const dataPath = "/var/lib/postgresql/data";
/** Where PostgreSQL and its PgBouncer have their Unix sockets. */
export const socketPath = "/var/run/postgresql";

/** Patroni's namespace in etcd. */
const namespace = "/service/";

/** With Citus all groups are one Patroni scope, told apart by their numbers; without it each is a scope of its own. */
const citusScope = "postgres-cluster";
const scopeOf = (config: PostgresSettings, group: Group) => (config.images.citus ? citusScope : group.name);

/** A group's name in patronictl's arguments. */
export const patronictlGroup = (config: PostgresSettings, group: Group): string =>
  config.images.citus ? `${scopeOf(config, group)} --group ${group.citusGroup}` : scopeOf(config, group);

/** etcd key under which Patroni keeps a group's settings; `citus` tells where it is with Citus, or without. */
export const settingsKey = (group: Group, citus: boolean): string =>
  citus ? `${namespace}${citusScope}/${group.citusGroup}/config` : `${namespace}${group.name}/config`;

const client = {
  sslmode: "verify-full",
  sslrootcert: certificatePaths.ca,
  sslcert: certificatePaths.certificate,
  sslkey: certificatePaths.key,
} as const;

/**
 * libpq connection string from one member to whichever of the group is the leader, by the member's certificate: as the
 * superuser, or as another role of the database.
 *
 * The superuser's search_path is a startup option, which nothing overrides that is set for a database or a role: what the
 * application has made in its schemas is never found in place of PostgreSQL's own functions and operators.
 */
export function leaderConninfo(group: Group, role?: string): string {
  const tls = Object.entries(client).map(([key, value]) => `${key}=${value}`);
  const hosts = group.members.map((member) => member.name).join(",");
  const login = role === undefined ? "user=postgres options=-csearch_path=pg_catalog" : `user=${role}`;
  return `host=${hosts} ${login} dbname=postgres connect_timeout=3 target_session_attrs=read-write ${tls.join(" ")}`;
}

/**
 * Patroni's file for one member: what does not change while it runs. No secret is in it: members prove who they are
 * to etcd, to Patroni's REST and to each other's PostgreSQL by certificate; only clients have passwords.
 */
export function patroniYaml(args: {
  config: PostgresSettings;
  group: Group;
  member: Member;
  etcd: readonly Member[];
}): string {
  const { config, group, member, etcd } = args;
  const members = [config.network.coordinators, config.network.workers];
  // With Citus every role's queries go from node to node, and so must every role that is not named before.
  const own = config.images.citus ? "all" : config.database.user;
  return stringify({
    scope: scopeOf(config, group),
    namespace,
    name: member.name,
    restapi: {
      listen: `0.0.0.0:${postgresPorts.rest}`,
      connect_address: `${member.name}:${postgresPorts.rest}`,
      cafile: certificatePaths.ca,
      certfile: certificatePaths.certificate,
      keyfile: certificatePaths.key,
      // HAProxy's checks read without a certificate; whatever changes something needs one.
      verify_client: "optional",
    },
    ctl: {
      cacert: certificatePaths.ca,
      certfile: certificatePaths.certificate,
      keyfile: certificatePaths.key,
    },
    etcd3: {
      protocol: "https",
      hosts: etcd.map(({ name }) => `${name}:${etcdPorts.client}`),
      cacert: certificatePaths.ca,
      cert: certificatePaths.certificate,
      key: certificatePaths.key,
    },
    // The settings themselves come from etcd, where they are before the first member starts.
    bootstrap: {
      initdb: [{ encoding: "UTF8" }, { locale: "C.UTF-8" }, { "auth-local": "peer" }, "data-checksums"],
    },
    ...(config.images.citus && { citus: { database: config.database.name, group: group.citusGroup } }),
    postgresql: {
      listen: `0.0.0.0:${postgresPorts.postgres}`,
      connect_address: `${member.name}:${postgresPorts.postgres}`,
      data_dir: `${dataPath}/pgdata`,
      // Never written, for no login has a password; but Patroni wants to be able to, and the root is read-only.
      pgpass: "/tmp/pgpass",
      use_unix_socket: true,
      use_unix_socket_repl: true,
      authentication: {
        superuser: { username: "postgres", ...client },
        replication: { username: "replicator", ...client },
        rewind: { username: "rewind", ...client },
      },
      pg_hba: [
        "local all postgres peer",
        "local replication postgres peer",
        "local replication replicator peer map=local",
        // PgBouncer comes by the socket: as itself, to look users up, and as those who have logged in to it.
        "local postgres pgbouncer peer map=local",
        "local all replicator,rewind,pgbouncer reject",
        // Citus comes to its own server by the socket, as the role whose session asks for it, and has no password.
        ...(config.images.citus ? [`local ${config.database.name} all peer map=local`] : []),
        "local all all scram-sha-256",
        ...members.flatMap((net) => [
          `hostssl replication replicator ${net} cert map=members`,
          `hostssl all rewind ${net} cert map=members`,
          `hostssl all postgres,${monitorRole} ${net} cert map=members`,
        ]),
        "hostssl all postgres,replicator,rewind,pgbouncer all reject",
        ...members.map((net) => `hostssl ${config.database.name} ${own} ${net} cert map=members`),
        "hostssl all all all scram-sha-256",
      ],
      // Which roles the container's own user may be, and a member's certificate opens, is said line by line above.
      pg_ident: ["local postgres all", "members /^(coord|worker)-[0-9-]+$ all"],
      // A client that comes through PgBouncer, by the socket, can ask for the name of the member that it has reached.
      parameters: { unix_socket_directories: socketPath, "postgres_cluster.member": member.name },
      callbacks: { on_role_change: "pooler-reconnect" },
      create_replica_methods: ["resumable"],
      resumable: { command: "create-replica" },
      bin_name: { pg_rewind: "rewind-keeping" },
      // For `patronictl reinit --from-leader`, which always uses it: a checkpoint at leisure takes minutes.
      basebackup: [{ checkpoint: "fast" }],
    },
    tags: {},
  });
}

/** PostgreSQL's parameters in a group: computed ones, and the user's own over them. */
export function parametersOf(config: PostgresSettings, kind: Group["kind"]): Parameters {
  const { coordinators, workers } = config.database.parameters;
  const computed = parametersFor(config.resources[kind]);
  const own = kind === "coordinator" ? coordinators : workers;
  // Libraries are added to the cluster's; Patroni puts Citus before all of them.
  const libraries = [computed, own].flatMap((from) =>
    preloadedLibraries(from.shared_preload_libraries ?? ""),
  );
  return { ...computed, ...own, shared_preload_libraries: [...new Set(libraries)].join(", ") };
}

/** Patroni's, the poolers' look-ups, Citus' maintenance, a person at psql. */
const OWN_CONNECTIONS = 10;

/**
 * How many connections a node of Citus opens to one worker. For one query as many as the worker has cores, since more
 * would wait for each other; for all of its queries together what a worker has, less what it needs itself. By default it
 * would be the node's own `max_connections`, and some searches at once would find a smaller worker full.
 */
function workerConnections(config: PostgresSettings): Parameters {
  const free = clientConnections(parametersOf(config, "worker")) - OWN_CONNECTIONS;
  return {
    "citus.max_adaptive_executor_pool_size": Math.min(16, Math.ceil(config.resources.worker.cpus)),
    "citus.max_shared_pool_size": Math.max(1, free),
  };
}

/**
 * What a member keeps of its writes that a new leader lacks. It is the same where commits wait for a standby and nothing
 * is kept, so that no member restarts when `database.synchronous` changes.
 */
export function divergedEnvironment(config: PostgresSettings): Record<string, string> {
  const { size, days } = config.database.diverged;
  return { DIVERGED_BYTES: String(size), DIVERGED_DAYS: String(days) };
}

/** What a failover of an asynchronous group can lose, as a warning; undefined where there is none. */
export function lossWarning(config: PostgresSettings, groups: readonly Group[]): string | undefined {
  const names = groups.filter(({ synchronous }) => !synchronous).map(({ name }) => name);
  if (names.length === 0) return undefined;
  const { maximumLagOnFailover, loopWait } = config.timing;
  const kinds = config.database.synchronous.workers ? "coordinators" : "workers";
  return (
    `a commit does not wait for a standby in ${names.join(", ")} (database.synchronous.${kinds} is false): if the primary's host is ` +
    `lost, a failover can lose committed transactions, up to ${maximumLagOnFailover / KiB} KB of WAL ` +
    `(timing.maximumLagOnFailover) and whatever was written since the primary last told etcd its position, ` +
    `every ${loopWait} s (timing.loopWait); set database.synchronous.${kinds} to true to lose nothing`
  );
}

/** A group's settings as Patroni keeps them in etcd; a change reaches the running members without replacing them. */
export function groupSettings(config: PostgresSettings, group: Group): string {
  const { timing } = config;
  const parameters: Parameters = {
    // A search with a filter goes on until it has as many rows as were asked for.
    "hnsw.iterative_scan": "strict_order",
    ...(config.images.citus && {
      "citus.shard_count": config.database.shardCount,
      // A node that is gone is given up as soon as a standby is (parametersFor), not after half a minute.
      "citus.node_conninfo": `sslmode=verify-full sslrootcert=${certificatePaths.ca} tcp_user_timeout=5000`,
      "citus.node_connection_timeout": "5s",
      ...workerConnections(config),
      "citus.enable_statistics_collection": false,
      // Since 17.12 PostgreSQL asks for it before Citus can split shards, or distribute a table, without blocking writes. Only
      // the cluster's own roles may replicate.
      output_plugin_libraries: "pgoutput, test_decoding, citus",
    }),
    ...parametersOf(config, group.kind),
    ssl: true,
    ssl_ca_file: certificatePaths.ca,
    ssl_cert_file: certificatePaths.certificate,
    ssl_key_file: certificatePaths.key,
    ssl_min_protocol_version: "TLSv1.2",
  };
  return JSON.stringify({
    ttl: timing.ttl,
    loop_wait: timing.loopWait,
    retry_timeout: timing.retryTimeout,
    // Where a standby may lack what a client was told is written, the data on the primary's disk come first.
    primary_start_timeout: timing.primaryStartTimeout[group.synchronous ? "synchronous" : "asynchronous"],
    primary_stop_timeout: timing.primaryStopTimeout,
    maximum_lag_on_failover: timing.maximumLagOnFailover,
    // While etcd as a whole is away, a primary that reaches all its standbys stays primary.
    failsafe_mode: true,
    // Patroni removes slots that it did not make. Who sets wal_level has logical ones of their own.
    ...(parameters.wal_level && { ignore_slots: [{ type: "logical" }] }),
    // Any one standby may acknowledge; without one a commit waits rather than be lost with its host.
    // Off has to be said: Patroni turns it on for Citus' groups by itself.
    ...(group.synchronous
      ? { synchronous_mode: "quorum", synchronous_mode_strict: true, synchronous_node_count: 1 }
      : { synchronous_mode: false }),
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      // An asynchronous group's is kept aside before (rewind-keeping in images/database).
      remove_data_directory_on_rewind_failure: true,
      parameters,
    },
  });
}
