import type { Topology } from "./topology.ts";

/**
 * The configuration of the whole cluster: validated, complete and frozen. `parseSettings` creates it from settings. Sizes
 * are bytes, times are seconds.
 */
export interface ClusterConfig {
  readonly ssh: SshConfig;
  readonly hosts: readonly HostConfig[];
  readonly network: NetworkConfig;
  readonly virtualIp: VirtualIpConfig;
  readonly placement: PlacementConfig;
  /** Every member of the cluster, from the placement and the resources. */
  readonly topology: Topology;
  readonly resources: ResourcesConfig;
  readonly images: ImagesConfig;
  readonly proxy: ProxyConfig;
  readonly database: DatabaseConfig;
  readonly timing: TimingConfig;
  readonly monitoring: MonitoringConfig;
  /** What `pulumi destroy` does with data volumes and installed packages. */
  readonly deletionPolicy: "retain" | "delete";
  /** Any text. When it changes, the next run upgrades Docker's packages, host by host. Default empty. */
  readonly dockerUpdate: string;
}

/** How the machine that runs Pulumi connects to the hosts: with the system's `ssh` and verified host keys. */
export interface SshConfig {
  /** Login on every host: root, or a user with passwordless sudo. Default `root`. */
  readonly user: string;
  /** Private key file. Default: the ssh agent and ssh's own defaults. */
  readonly privateKeyFile?: string | undefined;
  /** The private key itself instead of a file, in PEM form; secret. */
  readonly privateKey?: string | undefined;
}

export interface HostConfig {
  /** Name in labels and messages, for example `host-1`. */
  readonly name: string;
  /** IPv4 address on the LAN that the hosts share. */
  readonly address: string;
  /** TCP port of sshd. Default 22. */
  readonly sshPort: number;
  /** Public host key as `ssh-ed25519 AAAA…`; required, because there is no connection to an unverified host. */
  readonly hostKey: string;
  /** Size of the machine, checked against what its members need; parts that are not set are checked on the host only. */
  readonly capacity: { readonly cpus?: number; readonly memory?: number; readonly storage?: number };
}

/** Subnets in CIDR notation; defaults from docs/reference-architecture.md, Network topology. */
export interface NetworkConfig {
  /** The LAN of the hosts. Default 10.0.0.0/24. */
  readonly hosts: string;
  /** coordinator-net. Default 10.0.1.0/26. */
  readonly coordinators: string;
  /** worker-net. Default 10.0.1.64/26. */
  readonly workers: string;
  /** admin-net. Default 10.0.1.128/26. */
  readonly admin: string;
  /** Address pool for Docker's own networks: its bridges and Swarm's ingress network. Default 10.201.0.0/16. */
  readonly dockerPool: string;
  /** Whether the overlay networks are encrypted with IPsec; needs ESP in the hosts' kernels. Default true. */
  readonly encrypted: boolean;
  /** Ranges, IPv4 or IPv6, from which clients may connect. Default: the private and link-local ones. */
  readonly clients: readonly string[];
}

export interface VirtualIpConfig {
  /** Address that moves between the proxies' hosts. Default 10.0.0.100. */
  readonly address: string;
  /** VRRP router id, 1 to 255, unique on the LAN. Default 100. */
  readonly routerId: number;
}

/** Host names, one for each member, in order. By default all members are spread over the hosts. */
export interface PlacementConfig {
  /** etcd-1, etcd-2, …: an odd number, at most seven. Default: every host, or all but the last of an even number. */
  readonly etcd: readonly string[];
  /** coord-1, coord-2, …. Default: every host. */
  readonly coordinators: readonly string[];
  /** For each worker group the hosts of its members: worker-N-1, worker-N-2. */
  readonly workers: readonly (readonly string[])[];
  /** haproxy-1, haproxy-2. Default: the first two hosts. */
  readonly proxies: readonly string[];
}

/** CPU shares (cores, fractions allowed), memory and storage in bytes of one container. */
export interface Size {
  readonly cpus: number;
  readonly memory: number;
  readonly storage: number;
}

/** Defaults from docs/reference-architecture.md, Container resource allocation. */
export interface ResourcesConfig {
  readonly coordinator: Size;
  readonly worker: Size;
  readonly etcd: Size;
  readonly proxy: Size;
}

/** Image references pinned by digest: `repository:tag@sha256:…`. */
export interface ImagesConfig {
  readonly etcd: string;
  readonly database: string;
  readonly proxy: string;
  /** Registries that speak plain HTTP, for example a lab's; they go into the Docker daemons' configuration. */
  readonly insecureRegistries: readonly string[];
  /** Logins of registries; the passwords are secret. */
  readonly registries: readonly RegistryConfig[];
  /** Version of Citus in the database image, or null when it has none. */
  readonly citus: string | null;
  /** Version of RuVector in the database image, or null when it has none. */
  readonly ruvector: string | null;
}

export interface RegistryConfig {
  /** The registry, as in the image references. */
  readonly address: string;
  readonly user: string;
  readonly password: string;
}

export interface ProxyConfig {
  /** Password of the statistics page; secret. Default: the page asks for no password. */
  readonly statistics: { readonly password?: string | undefined };
}

export interface DatabaseConfig {
  /** The application's database and its owner's role. Default `app` for both. */
  readonly name: string;
  readonly user: string;
  /** Extension that stores and searches vectors: pgvector, or ruvector if the image has it. */
  readonly vectorEngine: "pgvector" | "ruvector";
  /** Dimensions of the embeddings in the built-in tables. Default 384. */
  readonly vectorDimensions: number;
  /** Whether the database gets the program's own tables, in the schema `builtin`. Default `builtin`. */
  readonly schema: "builtin" | "none";
  /** Folder with the user's own migrations. Default: none. */
  readonly migrations?: string | undefined;
  /** Number of shards of a distributed table. Default 32 (docs/reference-architecture.md, Data distribution strategy). */
  readonly shardCount: number;
  /** Whether shards are rebalanced when worker groups change, so that every group holds its share. Default false. */
  readonly rebalance: boolean;
  /** Whether a commit waits for one standby, by kind of group. Default: coordinators wait, workers do not. */
  readonly synchronous: { readonly coordinators: boolean; readonly workers: boolean };
  /**
   * Copies of writes that a failover of an asynchronous group lost: the most bytes that one member keeps (default 10 GiB),
   * and for how many days (default 7).
   */
  readonly diverged: { readonly size: number; readonly days: number };
  /** PostgreSQL parameters in addition to the computed ones, by kind of group. */
  readonly parameters: {
    readonly coordinators: Readonly<Record<string, string | number | boolean>>;
    readonly workers: Readonly<Record<string, string | number | boolean>>;
  };
}

/** Times in seconds, if not stated otherwise. */
export interface TimingConfig {
  /** Patroni's leader lease. Default 20, the smallest that Patroni accepts. */
  readonly ttl: number;
  /** Interval of Patroni's loop. Default 10 (docs/reference-architecture.md, Failover sequence). */
  readonly loopWait: number;
  /** How long Patroni retries operations on etcd and PostgreSQL. Default 5. loopWait + 2 * retryTimeout must not exceed ttl. */
  readonly retryTimeout: number;
  /**
   * How long a crashed primary may take to restart before a standby takes over. Default 0, at once, in groups where a commit
   * waits for a standby, and 60 in groups where it does not.
   */
  readonly primaryStartTimeout: { readonly synchronous: number; readonly asynchronous: number };
  /** How long a primary may take to stop; less than ttl. Patroni applies it in synchronous groups only. Default 15. */
  readonly primaryStopTimeout: number;
  /**
   * Replication lag, in bytes of WAL, up to which a standby may be promoted, measured against the position that the leader
   * last reported to etcd. An asynchronous failover loses at most this and what was written after that report, which is up
   * to `loopWait` old. Default 1 MiB.
   */
  readonly maximumLagOnFailover: number;
  /** Replication lag, in bytes of WAL, up to which a standby serves reads. Default 100 MiB. */
  readonly maximumLagOnRead: number;
  /** HAProxy's health check interval in milliseconds. Default 1000. */
  readonly proxyCheckMs: number;
}

export interface MonitoringConfig {
  /** Prometheus, exporters and Grafana. Default false. */
  readonly enabled: boolean;
}
