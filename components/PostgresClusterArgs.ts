// Generated from config/schema.ts: change that, then run npm run docs.
// biome-ignore-all lint/suspicious/noExplicitAny: Pulumi's schema generator knows no other type for text or a number.

import type * as pulumi from "@pulumi/pulumi";

/**
 * The settings of a cluster, with the same names as a stack's settings under `postgres-cluster:`.
 * docs/configuration.md lists them. Settings that determine which resources there are have to be plain
 * values; the others may be a `pulumi.Input`.
 */
export interface PostgresClusterArgs {
  /**
   * How the machine that runs Pulumi connects to the hosts. It never connects to a host whose key is unknown.
   */
  readonly ssh?: SshSettings | undefined;
  /**
   * The machines, at least three. The default placement follows their order.
   * Default: host-1 at 10.0.0.10, host-2 at 10.0.0.11, host-3 at 10.0.0.12.
   */
  readonly hosts?: HostSettings[] | undefined;
  /** Subnets in CIDR notation. None may overlap another. */
  readonly network?: NetworkSettings | undefined;
  /** The one address that clients use. */
  readonly virtualIp?: VirtualIpSettings | undefined;
  /**
   * Which host runs which member. Lists override `strategy`. A host runs at most one member of each group.
   */
  readonly placement?: PlacementSettings | undefined;
  /** Limits of one container of each kind. PostgreSQL's parameters are computed from them. */
  readonly resources?: ResourcesSettings | undefined;
  /** Image references, pinned by digest. */
  readonly images?: ImagesSettings | undefined;
  /** HAProxy. */
  readonly proxy?: ProxySettings | undefined;
  /** The database that clients see. */
  readonly database?: DatabaseSettings | undefined;
  /** How fast failures are detected and handled. */
  readonly timing?: TimingSettings | undefined;
  /** Monitoring of the cluster. */
  readonly monitoring?: MonitoringSettings | undefined;
  /**
   * Whether `pulumi destroy` keeps the data volumes and the packages that the cluster installed, or removes
   * them.
   * Default: `retain`.
   */
  readonly deletionPolicy?: DeletionPolicy;
  /**
   * Any text, for example the date. When it changes, the next `pulumi up` upgrades Docker's packages, host by
   * host. Otherwise they are held, because an upgrade restarts Docker and every member on its host.
   * Short text of one line; default: `""`.
   */
  readonly dockerUpdate?: string | undefined;
}

/**
 * How the machine that runs Pulumi connects to the hosts. It never connects to a host whose key is unknown.
 */
export interface SshSettings {
  /**
   * Login on every host: root, or a user with passwordless sudo.
   * Login name; default: `root`.
   */
  readonly user?: string | undefined;
  /**
   * Private key file.
   * Path of a file; default: the ssh agent and ssh's own defaults.
   */
  readonly privateKeyFile?: string | undefined;
  /**
   * The private key itself, instead of a file. It is written to the user's `.ssh` folder on the machine that
   * runs Pulumi.
   * Private key in PEM form; default: from `privateKeyFile`.
   */
  readonly privateKey?: pulumi.Input<string> | undefined;
  /**
   * known_hosts file in which the keys of hosts without `hostKey` are looked up.
   * Path of a file.
   */
  readonly knownHostsFile?: string | undefined;
}

export interface HostSettings {
  /**
   * Name in labels and messages.
   * Host name of lower-case letters, digits and hyphens.
   */
  readonly name: string;
  /**
   * Address on the LAN that the hosts share.
   * IPv4 address.
   */
  readonly address: pulumi.Input<string>;
  /**
   * TCP port of sshd.
   * Whole number, 1 to 65535; default: `22`.
   */
  readonly sshPort?: number | undefined;
  /**
   * Public host key as `ssh-ed25519 AAAA…`.
   * Public host key; default: looked up by address in `ssh.knownHostsFile`.
   */
  readonly hostKey?: pulumi.Input<string> | undefined;
  /**
   * Cores of the machine; checked against what its members need.
   * Number of cores, from 0.1; default: checked on the host only.
   */
  readonly cpus?: number | undefined;
  /**
   * Memory of the machine; checked against what its members need.
   * Size, at least 512MB; default: checked on the host only.
   */
  readonly memory?: string | undefined;
  /**
   * Disk space for data; checked against what its members need.
   * Size, at least 1GB; default: checked on the host only.
   */
  readonly storage?: string | undefined;
}

/** Subnets in CIDR notation. None may overlap another. */
export interface NetworkSettings {
  /**
   * The LAN of the hosts; it holds their addresses and the virtual IP.
   * IPv4 subnet; default: `10.0.0.0/24`.
   */
  readonly hosts?: string | undefined;
  /**
   * coordinator-net: PostgreSQL, etcd and the proxies.
   * IPv4 subnet; default: `10.0.1.0/26`.
   */
  readonly coordinators?: string | undefined;
  /**
   * worker-net: PostgreSQL and etcd.
   * IPv4 subnet; default: `10.0.1.64/26`.
   */
  readonly workers?: string | undefined;
  /**
   * admin-net: the proxies.
   * IPv4 subnet; default: `10.0.1.128/26`.
   */
  readonly admin?: string | undefined;
  /**
   * Address pool for Docker's own networks: its bridges and Swarm's ingress network.
   * IPv4 subnet; default: `10.201.0.0/16`.
   */
  readonly dockerPool?: string | undefined;
  /**
   * Whether the overlay networks are encrypted with IPsec between the hosts; needs ESP in their kernels.
   * Cannot change while the cluster runs.
   * True or false; default: `true`.
   */
  readonly encrypted?: boolean | undefined;
  /**
   * Addresses from which clients may connect to 5432, 5433 and 8404. The cluster's hosts always may. Ranges
   * that hold a large part of the internet are refused.
   * List of IPv4 and IPv6 ranges; default:
   * `["10.0.0.0/8","172.16.0.0/12","192.168.0.0/16","169.254.0.0/16","fc00::/7","fe80::/10"]`.
   */
  readonly clients?: string[] | undefined;
}

/** The one address that clients use. */
export interface VirtualIpSettings {
  /**
   * Address that moves between the proxies' hosts.
   * IPv4 address; default: `10.0.0.100`.
   */
  readonly address?: pulumi.Input<string> | undefined;
  /**
   * VRRP router id, unique on the LAN.
   * Whole number, 1 to 255; default: `100`.
   */
  readonly routerId?: number | undefined;
}

/** Which host runs which member. Lists override `strategy`. A host runs at most one member of each group. */
export interface PlacementSettings {
  /**
   * Where worker groups are placed if `workers` is not set. `spread`: the primary of group N is on the Nth
   * host (counting round) and its standby on the next host, so any one host may be lost. `reference`: as in
   * docs/reference-architecture.md, with both members of group 3 on host 3; losing that host loses the group.
   * Default: `spread`.
   */
  readonly strategy?: PlacementStrategy;
  /**
   * Number of worker groups, each a primary and a standby.
   * Whole number, 1 to 64; default: `3`.
   */
  readonly workerGroups?: number | undefined;
  /**
   * Hosts of etcd-1, etcd-2, …; three, five or seven.
   * List of host names; default: every host, or all but the last of an even number; at most seven.
   */
  readonly etcd?: string[] | undefined;
  /**
   * Hosts of coord-1, coord-2, …; at least three.
   * List of host names; default: every host.
   */
  readonly coordinators?: string[] | undefined;
  /**
   * For each worker group N the hosts of worker-N-1, worker-N-2, …; at least two, all different.
   * List of lists of host names; default: set by `strategy`.
   */
  readonly workers?: string[][] | undefined;
  /**
   * Hosts of haproxy-1 and haproxy-2.
   * List of host names; default: the first two hosts.
   */
  readonly proxies?: string[] | undefined;
}

export const PlacementStrategy = { spread: "spread", reference: "reference" } as const;
export type PlacementStrategy = (typeof PlacementStrategy)[keyof typeof PlacementStrategy];

/** Limits of one container of each kind. PostgreSQL's parameters are computed from them. */
export interface ResourcesSettings {
  readonly coordinator?: ResourcesCoordinatorSettings | undefined;
  readonly worker?: ResourcesWorkerSettings | undefined;
  readonly etcd?: ResourcesEtcdSettings | undefined;
  readonly proxy?: ResourcesProxySettings | undefined;
}

export interface ResourcesCoordinatorSettings {
  /**
   * Cores that a coordinator with its PgBouncer may use.
   * Number of cores, from 0.1; default: `2`.
   */
  readonly cpus?: number | undefined;
  /**
   * Memory that a coordinator with its PgBouncer may use.
   * Size, at least 512MB; default: `8GB`.
   */
  readonly memory?: string | undefined;
  /**
   * Disk space that a coordinator with its PgBouncer needs.
   * Size, at least 512MB; default: `100GB`.
   */
  readonly storage?: string | undefined;
}

export interface ResourcesWorkerSettings {
  /**
   * Cores that a worker with its PgBouncer may use.
   * Number of cores, from 0.1; default: `4`.
   */
  readonly cpus?: number | undefined;
  /**
   * Memory that a worker with its PgBouncer may use.
   * Size, at least 512MB; default: `16GB`.
   */
  readonly memory?: string | undefined;
  /**
   * Disk space that a worker with its PgBouncer needs.
   * Size, at least 512MB; default: `500GB`.
   */
  readonly storage?: string | undefined;
}

export interface ResourcesEtcdSettings {
  /**
   * Cores that an etcd member may use.
   * Number of cores, from 0.1; default: `0.5`.
   */
  readonly cpus?: number | undefined;
  /**
   * Memory that an etcd member may use.
   * Size, at least 64MB; default: `1GB`.
   */
  readonly memory?: string | undefined;
  /**
   * Disk space that an etcd member needs.
   * Size, at least 512MB; default: `10GB`.
   */
  readonly storage?: string | undefined;
}

export interface ResourcesProxySettings {
  /**
   * Cores that HAProxy may use.
   * Number of cores, from 0.1; default: `1`.
   */
  readonly cpus?: number | undefined;
  /**
   * Memory that HAProxy may use.
   * Size, at least 64MB; default: `512MB`.
   */
  readonly memory?: string | undefined;
  /**
   * Disk space that HAProxy needs.
   * Size, at least 512MB; default: `1GB`.
   */
  readonly storage?: string | undefined;
}

/** Image references, pinned by digest. */
export interface ImagesSettings {
  /**
   * File that `make images` writes: the image references that are used unless they are set here. The path is
   * relative to the program's folder.
   * Path of a file; default: `build/images.json`.
   */
  readonly manifest?: string | undefined;
  /**
   * etcd.
   * Image pinned by digest; default: from the manifest.
   */
  readonly etcd?: pulumi.Input<string> | undefined;
  /**
   * PostgreSQL with Patroni and PgBouncer.
   * Image pinned by digest; default: from the manifest.
   */
  readonly database?: pulumi.Input<string> | undefined;
  /**
   * HAProxy.
   * Image pinned by digest; default: from the manifest.
   */
  readonly proxy?: pulumi.Input<string> | undefined;
  /**
   * Version of Citus in `images.database`; only together with it.
   * Version in quotes; default: from the manifest; none if `images.database` is set.
   */
  readonly citus?: string | undefined;
  /**
   * Version of RuVector in `images.database`; only together with it.
   * Version in quotes; default: from the manifest; none if `images.database` is set.
   */
  readonly ruvector?: string | undefined;
  /**
   * Registries that speak plain HTTP, for example a lab's.
   * List of registries as host:port; default: `[]`.
   */
  readonly insecureRegistries?: string[] | undefined;
  /**
   * Logins of registries that need one. The hosts pull images with them.
   * Default: none.
   */
  readonly registries?: ImagesRegistrySettings[] | undefined;
}

export interface ImagesRegistrySettings {
  /**
   * The registry, as in the image references.
   * Registry.
   */
  readonly address: string;
  /**
   * User name.
   * User name of one line.
   */
  readonly user: string;
  /**
   * Password or access token.
   * Password or token of one line.
   */
  readonly password: pulumi.Input<string>;
}

/** HAProxy. */
export interface ProxySettings {
  readonly statistics?: ProxyStatisticsSettings | undefined;
}

export interface ProxyStatisticsSettings {
  /**
   * Password of the statistics page; its user is `admin`. Set it encrypted: `pulumi config set --secret
   * --path postgres-cluster:proxy.statistics.password`.
   * Password of 12 to 128 characters of ASCII without spaces; default: the page asks for no password.
   */
  readonly password?: pulumi.Input<string> | undefined;
}

/** The database that clients see. */
export interface DatabaseSettings {
  /**
   * Name of the application's database, at most 55 characters. NAME_session is the same database with a
   * session pool, see docs/pooling.md.
   * Plain SQL name of lower-case letters, digits and underscores; default: `app`.
   */
  readonly name?: string | undefined;
  /**
   * The application's role. It may create tables, schemas and trusted extensions in the database.
   * Plain SQL name of lower-case letters, digits and underscores; default: `app`.
   */
  readonly user?: string | undefined;
  /**
   * Extension that stores and searches vectors. `ruvector` needs an image that has it; its index, as
   * published, is not safe on standbys, see docs/schema.md.
   * Default: `pgvector`.
   */
  readonly vectorEngine?: DatabaseVectorEngine;
  /**
   * Dimensions of the embeddings in `memory_entries`, `patterns` and `graph_nodes`; at most 1536 with
   * ruvector. Cannot change once the tables exist.
   * Whole number, 1 to 2000; default: `384`.
   */
  readonly vectorDimensions?: number | undefined;
  /**
   * Whether the database gets the program's own tables, in the schema `builtin`, see docs/schema.md. With
   * `none`, tables that are there already stay.
   * Default: `builtin`.
   */
  readonly schema?: DatabaseSchema;
  /**
   * Folder with SQL files such as `001_users.sql`. Each is applied once, in order, after the built-in
   * migrations; see docs/schema.md.
   * Path of a folder; default: none.
   */
  readonly migrations?: string | undefined;
  /**
   * Number of shards of a distributed table; at least one for each worker group.
   * Whole number, 1 to 64000; default: `32`.
   */
  readonly shardCount?: number | undefined;
  /**
   * Whether shards are rebalanced when worker groups change, so that every group holds its share. This can
   * take long.
   * True or false; default: `false`.
   */
  readonly rebalance?: boolean | undefined;
  readonly synchronous?: DatabaseSynchronousSettings | undefined;
  /**
   * Copies of writes that a failover lost. A former primary of an asynchronous group may have writes that the
   * new primary lacks. They are undone when it comes back, and copied to the folder `diverged` of its volume
   * before that.
   */
  readonly diverged?: DatabaseDivergedSettings | undefined;
  readonly parameters?: DatabaseParametersSettings | undefined;
}

export const DatabaseVectorEngine = { pgvector: "pgvector", ruvector: "ruvector" } as const;
export type DatabaseVectorEngine = (typeof DatabaseVectorEngine)[keyof typeof DatabaseVectorEngine];

export const DatabaseSchema = { builtin: "builtin", none: "none" } as const;
export type DatabaseSchema = (typeof DatabaseSchema)[keyof typeof DatabaseSchema];

export interface DatabaseSynchronousSettings {
  /**
   * A commit on the coordinators waits for one standby.
   * True or false; default: `true`.
   */
  readonly coordinators?: boolean | undefined;
  /**
   * A commit on a worker waits for its standby.
   * True or false; default: `false`.
   */
  readonly workers?: boolean | undefined;
}

/**
 * Copies of writes that a failover lost. A former primary of an asynchronous group may have writes that the
 * new primary lacks. They are undone when it comes back, and copied to the folder `diverged` of its volume
 * before that.
 */
export interface DatabaseDivergedSettings {
  /**
   * Disk space that the copies of one member may use. Of a larger data directory only the WAL is kept.
   * Size, at least 1GB; default: `10GB`.
   */
  readonly size?: string | undefined;
  /**
   * How long copies are kept.
   * Whole number, 1 to 3650, in days; default: `7`.
   */
  readonly days?: number | undefined;
}

export interface DatabaseParametersSettings {
  /**
   * PostgreSQL parameters of coordinators, in addition to the computed ones. `shared_preload_libraries` is
   * added to the cluster's own list. These are refused, with the reason: parameters that PostgreSQL 17 does
   * not have or that Patroni or the cluster has to set, and values that lose or corrupt data, such as `fsync`
   * off.
   * PostgreSQL parameters; default: `{}`.
   */
  readonly coordinators?: Record<string, any> | undefined;
  /**
   * PostgreSQL parameters of workers, in addition to the computed ones. `shared_preload_libraries` is added
   * to the cluster's own list. These are refused, with the reason: parameters that PostgreSQL 17 does not
   * have or that Patroni or the cluster has to set, and values that lose or corrupt data, such as `fsync`
   * off.
   * PostgreSQL parameters; default: `{}`.
   */
  readonly workers?: Record<string, any> | undefined;
}

/** How fast failures are detected and handled. */
export interface TimingSettings {
  /**
   * Patroni's leader lease, renewed in each loop. When the leader's host is lost, a standby can take over
   * only after the lease has run out: 13.9 to 20.1 s in the lab with the defaults.
   * Whole number, 20 to 3600, in seconds; default: `20`.
   */
  readonly ttl?: number | undefined;
  /**
   * Interval of Patroni's loop.
   * Whole number, 1 to 1800, in seconds; default: `10`.
   */
  readonly loopWait?: number | undefined;
  /**
   * How long Patroni retries operations on etcd and PostgreSQL. `loopWait` + 2 * `retryTimeout` must not
   * exceed `ttl`.
   * Whole number, 3 to 1800, in seconds; default: `5`.
   */
  readonly retryTimeout?: number | undefined;
  readonly primaryStartTimeout?: TimingPrimaryStartTimeoutSettings | undefined;
  /**
   * How long a primary may take to stop; less than `ttl`. Patroni applies it in synchronous groups only.
   * Whole number, 1 to 3599, in seconds; default: `15`.
   */
  readonly primaryStopTimeout?: number | undefined;
  /**
   * Replication lag, in WAL, up to which a standby may be promoted, measured against the position that the
   * leader last reported to etcd. An asynchronous failover loses at most this and what was written after that
   * report, which is up to `loopWait` old.
   * Size, at least 16KB; default: `1MB`.
   */
  readonly maximumLagOnFailover?: string | undefined;
  /**
   * Replication lag, in WAL, up to which a standby serves reads. It serves them again when it has caught up.
   * Without such a standby the leader serves reads.
   * Size, at least 16KB; default: `100MB`.
   */
  readonly maximumLagOnRead?: string | undefined;
  /**
   * HAProxy's health check interval.
   * Whole number, 100 to 60000, in milliseconds; default: `1000`.
   */
  readonly proxyCheckMs?: number | undefined;
}

export interface TimingPrimaryStartTimeoutSettings {
  /**
   * How long a crashed primary may take to restart before a standby takes over, in groups where a commit
   * waits for a standby; 0 is at once.
   * Whole number, 0 to 3600, in seconds; default: `0`.
   */
  readonly synchronous?: number | undefined;
  /**
   * The same in groups where a commit does not wait. Only the crashed primary has every commit, so with 0 a
   * crash loses what the standby has not received.
   * Whole number, 0 to 3600, in seconds; default: `60`.
   */
  readonly asynchronous?: number | undefined;
}

/** Monitoring of the cluster. */
export interface MonitoringSettings {
  /**
   * Prometheus, exporters and Grafana; not part of this version.
   * True or false; default: `false`.
   */
  readonly enabled?: boolean | undefined;
}

export const DeletionPolicy = { retain: "retain", delete: "delete" } as const;
export type DeletionPolicy = (typeof DeletionPolicy)[keyof typeof DeletionPolicy];
