import type { Topology } from "./topology.ts";

/**
 * The whole cluster as validated, fully defaulted, frozen data: what `parseSettings` makes of settings. Sizes are bytes,
 * times are seconds.
 */
export interface ClusterConfig {
  readonly ssh: SshConfig;
  readonly hosts: readonly HostConfig[];
  readonly network: NetworkConfig;
  readonly virtualIp: VirtualIpConfig;
  readonly placement: PlacementConfig;
  /** Every member of the cluster, as the placement and the resources have them. */
  readonly topology: Topology;
  readonly resources: ResourcesConfig;
  readonly images: ImagesConfig;
  readonly proxy: ProxyConfig;
  readonly database: DatabaseConfig;
  readonly timing: TimingConfig;
  readonly monitoring: MonitoringConfig;
  /** What `pulumi destroy` does with data volumes and installed packages. */
  readonly deletionPolicy: "retain" | "delete";
  /** Any text; another one than before has the next run upgrade Docker's packages, host by host. Default empty. */
  readonly dockerUpdate: string;
}

/** How the operator's machine reaches the hosts: the system's `ssh`, with verified host keys. */
export interface SshConfig {
  /** Login on every host: root, or a user with passwordless sudo. Default `root`. */
  readonly user: string;
  /** Private key file; unset leaves the choice to the ssh agent and ssh's own defaults. */
  readonly privateKeyFile?: string | undefined;
  /** The key itself instead, in PEM form; secret. */
  readonly privateKey?: string | undefined;
}

export interface HostConfig {
  /** Name in labels and messages, for example `host-1`. */
  readonly name: string;
  /** IPv4 address on the LAN that the hosts share. */
  readonly address: string;
  /** TCP port of sshd. Default 22. */
  readonly sshPort: number;
  /** Public host key as `ssh-ed25519 AAAA…`; required, for an unverified host is never connected to. */
  readonly hostKey: string;
  /** What the machine has, checked against what the plan puts on it; unset parts are only checked on the host itself. */
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
  /** Pool for what Docker itself needs: its bridges and Swarm's ingress. Default 10.201.0.0/16. */
  readonly dockerPool: string;
  /** IPsec between the hosts for everything on the overlays; needs ESP in their kernels. Default true. */
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

/** Host names; one member on each entry, in order. Defaults spread everything over the hosts. */
export interface PlacementConfig {
  /** etcd-1, etcd-2, …: an odd number, at most seven. Default: every host, or all but the last of an even number. */
  readonly etcd: readonly string[];
  /** coord-1, coord-2, …. Default: every host. */
  readonly coordinators: readonly string[];
  /** For each shard its members' hosts: worker-N-1, worker-N-2. */
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
  /** As the images' references begin. */
  readonly address: string;
  readonly user: string;
  readonly password: string;
}

export interface ProxyConfig {
  /** The statistics page asks for this password; secret. Default: for none. */
  readonly statistics: { readonly password?: string | undefined };
}

export interface DatabaseConfig {
  /** The application's database and its owner's role. Default `app` for both. */
  readonly name: string;
  readonly user: string;
  /** Access method of vector indexes: pgvector, or ruvector where the image has it. */
  readonly vectorEngine: "pgvector" | "ruvector";
  /** Dimensions of the embeddings in the program's tables. Default 384. */
  readonly vectorDimensions: number;
  /** Whether the database gets the program's own tables, in the schema `builtin`. Default `builtin`. */
  readonly schema: "builtin" | "none";
  /** Folder with the user's own migrations. Default: none. */
  readonly migrations?: string | undefined;
  /** How many shards a distributed table has. Default 32 (docs/reference-architecture.md, Data distribution strategy). */
  readonly shardCount: number;
  /** Whether shards move when worker groups change, until each carries its part. Default false. */
  readonly rebalance: boolean;
  /** Whether a commit waits for one standby, by kind of group. Default: coordinators wait, workers do not. */
  readonly synchronous: { readonly coordinators: boolean; readonly workers: boolean };
  /**
   * What a member of an asynchronous group keeps of its writes that a new leader lacks: bytes at most (default 10 GiB), and
   * for how many days (default 7).
   */
  readonly diverged: { readonly size: number; readonly days: number };
  /** PostgreSQL parameters on top of the computed ones, by kind of group. */
  readonly parameters: {
    readonly coordinators: Readonly<Record<string, string | number | boolean>>;
    readonly workers: Readonly<Record<string, string | number | boolean>>;
  };
}

/** Seconds unless named otherwise. */
export interface TimingConfig {
  /** Patroni's leader lease. Default 20, the smallest that Patroni accepts. */
  readonly ttl: number;
  /** Patroni's loop. Default 10 (docs/reference-architecture.md, Failover sequence). */
  readonly loopWait: number;
  /** Patroni's patience with etcd and PostgreSQL. Default 5; loopWait + 2 * retryTimeout must not exceed ttl. */
  readonly retryTimeout: number;
  /**
   * How long a crashed primary may take to restart before a standby takes over, by whether a commit waits for a standby.
   * Default 0 where it does: at once; 60 where it does not.
   */
  readonly primaryStartTimeout: { readonly synchronous: number; readonly asynchronous: number };
  /** How long a stopping primary may take, below ttl; Patroni heeds it in synchronous groups only. Default 15. */
  readonly primaryStopTimeout: number;
  /**
   * Bytes of WAL that a standby may lack, of what the leader last told etcd, and still be promoted; an asynchronous
   * failover loses at most this and what was written since then, up to `loopWait` earlier. Default 1 MiB.
   */
  readonly maximumLagOnFailover: number;
  /** Bytes of WAL that a standby may lack and still serve reads. Default 100 MiB. */
  readonly maximumLagOnRead: number;
  /** HAProxy's health check interval in milliseconds. Default 1000. */
  readonly proxyCheckMs: number;
}

export interface MonitoringConfig {
  /** Prometheus, exporters and Grafana. Default false. */
  readonly enabled: boolean;
}
