import { z } from "zod";
import {
  boolean,
  choice,
  cidr,
  clientRange,
  cpus,
  file,
  hostKey,
  hostName,
  identifier,
  image,
  integer,
  ipv4,
  loginName,
  note,
  password,
  privateKey,
  registry,
  registryName,
  size,
  token,
  userName,
  version,
} from "./fields.ts";
import { parameterProblem } from "./parameters.ts";

/**
 * What a user writes in a stack's settings. Every key has its meaning, unit and default here and nowhere else;
 * docs/configuration.md is generated from it. `source` says where a default comes from.
 */

const TOPOLOGY = "docs/reference-architecture.md, Network topology";
const DEPLOYMENT = "docs/reference-architecture.md, Deployment architecture";
const ALLOCATION = "docs/reference-architecture.md, Container resource allocation";
const PATRONI = "Patroni 4.1";

/** Ports that the cluster itself opens on every host's address. */
const CLUSTER_PORTS = [2377, 5432, 5433, 7946, 8404];

const ssh = z
  .strictObject({
    user: loginName()
      .default("root")
      .meta({ description: "Login on every host: root, or a user with passwordless sudo." }),
    privateKeyFile: file()
      .optional()
      .meta({ description: "Private key file.", defaultText: "the ssh agent and ssh's own defaults" }),
    privateKey: privateKey().optional().meta({
      description:
        "The private key itself, instead of a file. It is written to the user's `.ssh` folder on the machine that runs Pulumi.",
      defaultText: "from `privateKeyFile`",
      input: true,
      secret: true,
    }),
    knownHostsFile: file().optional().meta({
      description: "known_hosts file in which the keys of hosts without `hostKey` are looked up.",
    }),
  })
  .prefault({})
  .meta({
    description:
      "How the machine that runs Pulumi connects to the hosts. It never connects to a host whose key is unknown.",
  });

const host = z.strictObject({
  name: hostName().meta({ description: "Name in labels and messages." }),
  address: ipv4().meta({ description: "Address on the LAN that the hosts share.", input: true }),
  sshPort: integer(1, 65535)
    .refine((port) => !CLUSTER_PORTS.includes(port), {
      error: `a port that the cluster itself uses; let sshd listen on a port other than ${CLUSTER_PORTS.join(", ")}`,
    })
    .prefault(22)
    .meta({ description: "TCP port of sshd." }),
  hostKey: hostKey().optional().meta({
    description: "Public host key as `ssh-ed25519 AAAA…`.",
    defaultText: "looked up by address in `ssh.knownHostsFile`",
    input: true,
  }),
  cpus: cpus().optional().meta({
    description: "Cores of the machine; checked against what its members need.",
    defaultText: "checked on the host only",
  }),
  memory: size("512MB").optional().meta({
    description: "Memory of the machine; checked against what its members need.",
    defaultText: "checked on the host only",
  }),
  storage: size("1GB").optional().meta({
    description: "Disk space for data; checked against what its members need.",
    defaultText: "checked on the host only",
  }),
});

const hosts = z
  .array(host)
  .prefault([
    { name: "host-1", address: "10.0.0.10" },
    { name: "host-2", address: "10.0.0.11" },
    { name: "host-3", address: "10.0.0.12" },
  ])
  .meta({
    kind: "list of hosts",
    description: "The machines, at least three. The default placement follows their order.",
    defaultText: "host-1 at 10.0.0.10, host-2 at 10.0.0.11, host-3 at 10.0.0.12",
    source: DEPLOYMENT,
  });

const network = z
  .strictObject({
    hosts: cidr().default("10.0.0.0/24").meta({
      description: "The LAN of the hosts; it holds their addresses and the virtual IP.",
      source: DEPLOYMENT,
    }),
    coordinators: cidr()
      .default("10.0.1.0/26")
      .meta({ description: "coordinator-net: PostgreSQL, etcd and the proxies.", source: TOPOLOGY }),
    workers: cidr()
      .default("10.0.1.64/26")
      .meta({ description: "worker-net: PostgreSQL and etcd.", source: TOPOLOGY }),
    admin: cidr().default("10.0.1.128/26").meta({ description: "admin-net: the proxies.", source: TOPOLOGY }),
    dockerPool: cidr().default("10.201.0.0/16").meta({
      description: "Address pool for Docker's own networks: its bridges and Swarm's ingress network.",
      source: "chosen because Docker's own pool overlaps the default LAN",
    }),
    encrypted: boolean()
      .default(true)
      .meta({
        description:
          "Whether the overlay networks are encrypted with IPsec between the hosts; needs ESP in their kernels. Cannot change while " +
          "the cluster runs.",
      }),
    clients: z
      .array(clientRange())
      .default(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"])
      .meta({
        kind: "list of IPv4 and IPv6 ranges",
        description:
          "Addresses from which clients may connect to 5432, 5433 and 8404. The cluster's hosts always may. Ranges that hold a " +
          "large part of the internet are refused.",
        source: "private and link-local addresses, RFC 1918, 3927, 4193 and 4291",
      }),
  })
  .prefault({})
  .meta({ description: "Subnets in CIDR notation. None may overlap another." });

const virtualIp = z
  .strictObject({
    address: ipv4().default("10.0.0.100").meta({
      description: "Address that moves between the proxies' hosts.",
      source: DEPLOYMENT,
      input: true,
    }),
    routerId: integer(1, 255).prefault(100).meta({ description: "VRRP router id, unique on the LAN." }),
  })
  .prefault({})
  .meta({ description: "The one address that clients use." });

const placementOf = (what: string) =>
  z.array(hostName()).meta({ kind: "list of host names", description: what });

const placement = z
  .strictObject({
    strategy: choice(["spread", "reference"])
      .default("spread")
      .meta({
        description:
          "Where worker groups are placed if `workers` is not set. `spread`: the primary of group N is on the Nth host (counting " +
          "round) and its standby on the next host, so any one host may be lost. `reference`: as in " +
          "docs/reference-architecture.md, with both members of group 3 on host 3; losing that host loses the group.",
      }),
    workerGroups: integer(1, 64).prefault(3).meta({
      description: "Number of worker groups, each a primary and a standby.",
      source: "docs/reference-architecture.md, System overview",
    }),
    etcd: placementOf("Hosts of etcd-1, etcd-2, …; three, five or seven.").optional().meta({
      defaultText: "every host, or all but the last of an even number; at most seven",
      source: DEPLOYMENT,
    }),
    coordinators: placementOf("Hosts of coord-1, coord-2, …; at least three.")
      .optional()
      .meta({ defaultText: "every host", source: DEPLOYMENT }),
    workers: z.array(z.array(hostName())).optional().meta({
      kind: "list of lists of host names",
      description:
        "For each worker group N the hosts of worker-N-1, worker-N-2, …; at least two, all different.",
      defaultText: "set by `strategy`",
    }),
    proxies: placementOf("Hosts of haproxy-1 and haproxy-2.")
      .optional()
      .meta({ defaultText: "the first two hosts", source: DEPLOYMENT }),
  })
  .prefault({})
  .meta({
    description:
      "Which host runs which member. Lists override `strategy`. A host runs at most one member of each group.",
  });

interface SizeDefaults {
  readonly cpus: number;
  readonly memory: string;
  readonly storage: string;
  readonly leastMemory: string;
}

const resource = (component: string, defaults: SizeDefaults) =>
  z
    .strictObject({
      cpus: cpus()
        .prefault(defaults.cpus)
        .meta({ description: `Cores that ${component} may use.`, source: ALLOCATION }),
      memory: size(defaults.leastMemory)
        .prefault(defaults.memory)
        .meta({ description: `Memory that ${component} may use.`, source: ALLOCATION }),
      storage: size("512MB")
        .prefault(defaults.storage)
        .meta({ description: `Disk space that ${component} needs.`, source: ALLOCATION }),
    })
    .prefault({});

const resources = z
  .strictObject({
    coordinator: resource("a coordinator with its PgBouncer", {
      cpus: 2,
      memory: "8GB",
      storage: "100GB",
      leastMemory: "512MB",
    }),
    worker: resource("a worker with its PgBouncer", {
      cpus: 4,
      memory: "16GB",
      storage: "500GB",
      leastMemory: "512MB",
    }),
    etcd: resource("an etcd member", { cpus: 0.5, memory: "1GB", storage: "10GB", leastMemory: "64MB" }),
    proxy: resource("HAProxy", { cpus: 1, memory: "512MB", storage: "1GB", leastMemory: "64MB" }),
  })
  .prefault({})
  .meta({
    description: "Limits of one container of each kind. PostgreSQL's parameters are computed from them.",
  });

const images = z
  .strictObject({
    manifest: file()
      .prefault("build/images.json")
      .meta({
        description:
          "File that `make images` writes: the image references that are used unless they are set here. The path is relative to " +
          "the program's folder.",
      }),
    etcd: image().optional().meta({ description: "etcd.", defaultText: "from the manifest", input: true }),
    database: image().optional().meta({
      description: "PostgreSQL with Patroni and PgBouncer.",
      defaultText: "from the manifest",
      input: true,
    }),
    proxy: image()
      .optional()
      .meta({ description: "HAProxy.", defaultText: "from the manifest", input: true }),
    citus: version().optional().meta({
      description: "Version of Citus in `images.database`; only together with it.",
      defaultText: "from the manifest; none if `images.database` is set",
    }),
    ruvector: version().optional().meta({
      description: "Version of RuVector in `images.database`; only together with it.",
      defaultText: "from the manifest; none if `images.database` is set",
    }),
    insecureRegistries: z.array(registry()).default([]).meta({
      kind: "list of registries as host:port",
      description: "Registries that speak plain HTTP, for example a lab's.",
    }),
    registries: z
      .array(
        z.strictObject({
          address: registryName().meta({ description: "The registry, as in the image references." }),
          user: userName().meta({ description: "User name." }),
          password: token().meta({ description: "Password or access token.", input: true, secret: true }),
        }),
      )
      .default([])
      .meta({
        kind: "list of logins",
        description: "Logins of registries that need one. The hosts pull images with them.",
        defaultText: "none",
      }),
  })
  .prefault({})
  .meta({ description: "Image references, pinned by digest." });

const proxy = z
  .strictObject({
    statistics: z
      .strictObject({
        password: password()
          .optional()
          .meta({
            description:
              "Password of the statistics page; its user is `admin`. Set it encrypted: `pulumi config set --secret --path " +
              "postgres-cluster:proxy.statistics.password`.",
            defaultText: "the page asks for no password",
            input: true,
            secret: true,
          }),
      })
      .prefault({}),
  })
  .prefault({})
  .meta({ description: "HAProxy." });

const parametersOf = (kind: string) =>
  z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], {
        error: "not a single value; write text, a number, true or false",
      }),
    )
    .superRefine((parameters, context) => {
      for (const [name, value] of Object.entries(parameters)) {
        const message = parameterProblem(name, value);
        if (message) context.addIssue({ code: "custom", path: [name], message });
      }
    })
    .default({})
    .meta({
      kind: "PostgreSQL parameters",
      description:
        `PostgreSQL parameters of ${kind}, in addition to the computed ones. \`shared_preload_libraries\` is added to the ` +
        "cluster's own list. These are refused, with the reason: parameters that PostgreSQL 17 does not have or that Patroni or " +
        "the cluster has to set, and values that lose or corrupt data, such as `fsync` off.",
    });

const database = z
  .strictObject({
    name: identifier(["postgres", "template0", "template1", "pgbouncer", "public", "none"])
      .refine((name) => name.length <= 55, {
        error:
          "longer than 55 characters, so the name of its session pool, NAME_session, would be too long; choose a shorter name",
      })
      .default("app")
      .meta({
        description:
          "Name of the application's database, at most 55 characters. NAME_session is the same database with a session pool, see docs/pooling.md.",
      }),
    user: identifier([
      ...[
        "postgres",
        "replicator",
        "rewind",
        "patroni",
        "pgbouncer",
        "monitor",
        "rebalancer",
        "database_owner",
        // Names without a schema would mean the built-in tables: "$user" comes first in search_path.
        "builtin",
      ],
      ...["public", "none", "user", "current_user", "current_role", "session_user"],
    ])
      .default("app")
      .meta({
        description:
          "The application's role. It may create tables, schemas and trusted extensions in the database.",
      }),
    vectorEngine: choice(["pgvector", "ruvector"])
      .default("pgvector")
      .meta({
        description:
          "Extension that stores and searches vectors. `ruvector` needs an image that has it; its index, as published, is not " +
          "safe on standbys, see docs/schema.md.",
      }),
    vectorDimensions: integer(1, 2000)
      .prefault(384)
      .meta({
        description:
          "Dimensions of the embeddings in `memory_entries`, `patterns` and `graph_nodes`; at most 1536 with ruvector. " +
          "Cannot change once the tables exist.",
        source: "all-MiniLM-L6-v2 and similar models, often used to embed text locally",
      }),
    schema: choice(["builtin", "none"])
      .default("builtin")
      .meta({
        description:
          "Whether the database gets the program's own tables, in the schema `builtin`, see docs/schema.md. With `none`, tables " +
          "that are there already stay.",
      }),
    migrations: file()
      .optional()
      .meta({
        kind: "path of a folder",
        description:
          "Folder with SQL files such as `001_users.sql`. Each is applied once, in order, after the built-in migrations; see " +
          "docs/schema.md.",
        defaultText: "none",
      }),
    shardCount: integer(1, 64000).prefault(32).meta({
      description: "Number of shards of a distributed table; at least one for each worker group.",
      source: "docs/reference-architecture.md, Data distribution strategy",
    }),
    rebalance: boolean().default(false).meta({
      description:
        "Whether shards are rebalanced when worker groups change, so that every group holds its share. This can take long.",
    }),
    synchronous: z
      .strictObject({
        coordinators: boolean().default(true).meta({
          description: "A commit on the coordinators waits for one standby.",
          source: "docs/reference-architecture.md, Replication flow",
        }),
        workers: boolean().default(false).meta({
          description: "A commit on a worker waits for its standby.",
          source: "docs/reference-architecture.md, Replication flow",
        }),
      })
      .prefault({}),
    diverged: z
      .strictObject({
        size: size("1GB").prefault("10GB").meta({
          description:
            "Disk space that the copies of one member may use. Of a larger data directory only the WAL is kept.",
        }),
        days: integer(1, 3650, { unit: "days" })
          .prefault(7)
          .meta({ description: "How long copies are kept." }),
      })
      .prefault({})
      .meta({
        description:
          "Copies of writes that a failover lost. A former primary of an asynchronous group may have writes that the new primary " +
          "lacks. They are undone when it comes back, and copied to the folder `diverged` of its volume before that.",
      }),
    parameters: z
      .strictObject({ coordinators: parametersOf("coordinators"), workers: parametersOf("workers") })
      .prefault({}),
  })
  .prefault({})
  .meta({ description: "The database that clients see." });

const silently = (least: number) => `Patroni would silently use ${least} instead; set at least ${least}`;

const timing = z
  .strictObject({
    ttl: integer(20, 3600, { unit: "seconds", below: silently(20) })
      .prefault(20)
      .meta({
        description:
          "Patroni's leader lease, renewed in each loop. When the leader's host is lost, a standby can take over only after the " +
          "lease has run out: 13.9 to 20.1 s in the lab with the defaults.",
        source: `the smallest value that ${PATRONI} accepts`,
      }),
    loopWait: integer(1, 1800, { unit: "seconds", below: silently(1) })
      .prefault(10)
      .meta({
        description: "Interval of Patroni's loop.",
        source: "docs/reference-architecture.md, Failover sequence",
      }),
    retryTimeout: integer(3, 1800, { unit: "seconds", below: silently(3) })
      .prefault(5)
      .meta({
        description:
          "How long Patroni retries operations on etcd and PostgreSQL. `loopWait` + 2 * `retryTimeout` must not exceed `ttl`.",
        source: "the largest value that fits the default lease and loop",
      }),
    primaryStartTimeout: z
      .strictObject({
        synchronous: integer(0, 3600, { unit: "seconds" })
          .prefault(0)
          .meta({
            description:
              "How long a crashed primary may take to restart before a standby takes over, in groups where a commit waits " +
              "for a standby; 0 is at once.",
          }),
        asynchronous: integer(0, 3600, { unit: "seconds" })
          .prefault(60)
          .meta({
            description:
              "The same in groups where a commit does not wait. Only the crashed primary has every commit, so with 0 a crash loses " +
              "what the standby has not received.",
          }),
      })
      .prefault({}),
    primaryStopTimeout: integer(1, 3599, { unit: "seconds" }).prefault(15).meta({
      description:
        "How long a primary may take to stop; less than `ttl`. Patroni applies it in synchronous groups only.",
    }),
    maximumLagOnFailover: size("16KB")
      .prefault("1MB")
      .meta({
        description:
          "Replication lag, in WAL, up to which a standby may be promoted, measured against the position that the leader last " +
          "reported to etcd. An asynchronous failover loses at most this and what was written after that report, which is up to " +
          "`loopWait` old.",
        source: `${PATRONI}'s default`,
      }),
    maximumLagOnRead: size("16KB")
      .prefault("100MB")
      .meta({
        description:
          "Replication lag, in WAL, up to which a standby serves reads. It serves them again when it has caught up. Without such a " +
          "standby the leader serves reads.",
      }),
    proxyCheckMs: integer(100, 60000, { unit: "milliseconds" }).prefault(1000).meta({
      description: "HAProxy's health check interval.",
    }),
  })
  .prefault({})
  .meta({ description: "How fast failures are detected and handled." });

const monitoring = z
  .strictObject({
    enabled: boolean()
      .refine((enabled) => !enabled, {
        error: "monitoring is not part of this version; remove it or set false",
      })
      .default(false)
      .meta({ description: "Prometheus, exporters and Grafana; not part of this version." }),
  })
  .prefault({})
  .meta({ description: "Monitoring of the cluster." });

export const settingsSchema = z.strictObject({
  ssh,
  hosts,
  network,
  virtualIp,
  placement,
  resources,
  images,
  proxy,
  database,
  timing,
  monitoring,
  deletionPolicy: choice(["retain", "delete"]).default("retain").meta({
    description:
      "Whether `pulumi destroy` keeps the data volumes and the packages that the cluster installed, or removes them.",
  }),
  dockerUpdate: note()
    .default("")
    .meta({
      description:
        "Any text, for example the date. When it changes, the next `pulumi up` upgrades Docker's packages, host by host. " +
        "Otherwise they are held, because an upgrade restarts Docker and every member on its host.",
    }),
});

/** The settings with every default filled in; sizes are bytes. */
export type Settings = z.output<typeof settingsSchema>;
