import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../config/ClusterConfig.ts";
import { type Group, membersOn, topologyOf } from "../config/topology.ts";
import { CitusNodes } from "./citus/CitusNodes.ts";
import { domainsSql } from "./citus/domains.ts";
import { EtcdCluster } from "./consensus/EtcdCluster.ts";
import { DockerHosts } from "./host/DockerHosts.ts";
import { clientPorts } from "./host/preflight.ts";
import { Database } from "./postgres/Database.ts";
import { Monitor } from "./postgres/Monitor.ts";
import { PatroniGroup } from "./postgres/PatroniGroup.ts";
import { lossWarning } from "./postgres/patroni.ts";
import { ProxyPair } from "./proxy/ProxyPair.ts";
import { VirtualIp } from "./proxy/VirtualIp.ts";
import { readMigrations } from "./schema/migrations.ts";
import { Schema } from "./schema/Schema.ts";
import { CertificateAuthority } from "./security/CertificateAuthority.ts";
import { refuseMisleadingEnvironment } from "./swarm/environment.ts";
import { Swarm } from "./swarm/Swarm.ts";

export interface PostgresClusterArgs {
  /** The whole cluster, see `parseSettings`. */
  config: ClusterConfig;
}

/** Three bare hosts become a highly available PostgreSQL cluster. */
export class PostgresCluster extends pulumi.ComponentResource {
  /** Connection URL for reading and writing; holds the password, hence secret. */
  readonly writeUrl: pulumi.Output<string>;
  /** Connection URL for reading, from a standby where there is one; secret. */
  readonly readUrl: pulumi.Output<string>;
  /** HAProxy's statistics page. */
  readonly statsUrl: pulumi.Output<string>;
  /** PEM of the authority that signed the servers' certificates. */
  readonly caCertificate: pulumi.Output<string>;
  /** The members on each host, by the host's name. */
  readonly topology: pulumi.Output<Record<string, string[]>>;

  constructor(name: string, args: PostgresClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseMisleadingEnvironment();
    super("postgres-cluster:index:PostgresCluster", name, {}, opts);
    const { config } = args;
    const { images } = config;
    const migrations = readMigrations(config.database.migrations);
    const topology = topologyOf(config);
    const proxyAddresses = config.hosts
      .filter((host) => topology.proxies.some((proxy) => proxy.host === host.name))
      .map((host) => host.address);
    const clientAddresses = [config.virtualIp.address, ...proxyAddresses];

    const hosts = new DockerHosts(
      `${name}-hosts`,
      {
        plan: config,
        topology,
        insecureRegistries: images.insecureRegistries,
        dataPolicy: config.dataPolicy,
        dockerUpdate: config.dockerUpdate,
      },
      { parent: this },
    );
    const swarm = new Swarm(`${name}-swarm`, { plan: config, docker: hosts }, { parent: this }).access;
    const authority = new CertificateAuthority(`${name}-ca`, { swarm }, { parent: this });
    const etcd = new EtcdCluster(
      `${name}-etcd`,
      { swarm, authority, image: images.etcd, members: topology.etcd },
      { parent: this },
    );
    const monitor = new Monitor(`${name}-monitor`, { swarm }, { parent: this });
    const [coordinators, ...shards] = topology.groups as [Group, ...Group[]];
    let last: PatroniGroup | undefined;
    // Shard by shard, and the coordinators at the end.
    for (const group of [...shards, coordinators]) {
      last = new PatroniGroup(
        `${name}-${group.name}`,
        {
          settings: config,
          image: images.database,
          swarm,
          authority,
          monitor,
          group,
          etcd: topology.etcd,
          after: last,
          ...(images.citus && { databaseSql: domainsSql }),
          ...(group === coordinators && { clientAddresses }),
        },
        { parent: this, dependsOn: [etcd.ready] },
      );
    }
    const ready = (last as PatroniGroup).ready;
    if (images.citus === null) {
      void pulumi.log.warn(
        "the database image has no Citus: the shards' groups run, and no table is spread over them; see images/database/debs/README.md",
        this,
      );
    }
    const warning = lossWarning(config, topology.groups);
    if (warning) void pulumi.log.warn(warning, this);
    const nodes = images.citus
      ? [
          new CitusNodes(
            `${name}-citus`,
            { swarm, database: config.database, groups: topology.groups },
            { parent: this, dependsOn: [ready] },
          ),
        ]
      : [];
    const database = new Database(
      `${name}-database`,
      {
        swarm,
        database: config.database,
        group: coordinators,
        ...(images.citus && { nodes: topology.groups.map((group) => group.name) }),
      },
      { parent: this, dependsOn: [ready, ...nodes] },
    );
    const schema = new Schema(
      `${name}-schema`,
      { swarm, database: config.database, group: coordinators, migrations },
      { parent: this, dependsOn: [database] },
    );
    const proxies = new ProxyPair(
      `${name}-proxy`,
      {
        swarm,
        authority,
        image: images.proxy,
        members: topology.proxies,
        timing: config.timing,
        statisticsPassword: config.proxy.statistics.password,
        coordinators,
      },
      { parent: this },
    );

    const virtualIp = new VirtualIp(
      `${name}-virtual-ip`,
      {
        plan: config,
        proxies: topology.proxies,
      },
      { parent: this, dependsOn: [proxies.ready] },
    );

    const url = (port: number) =>
      pulumi
        .secret(pulumi.all([database.password, virtualIp.ready.urn, schema.ready.urn]))
        .apply(([password]) => {
          const host = `${config.virtualIp.address}:${port}`;
          return `postgresql://${config.database.user}:${password}@${host}/${config.database.name}?sslmode=require`;
        });
    this.writeUrl = url(clientPorts.write);
    this.readUrl = url(clientPorts.read);
    this.statsUrl = pulumi.output(`http://${config.virtualIp.address}:${clientPorts.stats}/`);
    this.caCertificate = authority.certificate;
    this.topology = pulumi.output(
      Object.fromEntries(
        config.hosts.map(({ name }) => [name, membersOn(topology, name).map((member) => member.name)]),
      ),
    );
    this.registerOutputs({
      writeUrl: this.writeUrl,
      readUrl: this.readUrl,
      statsUrl: this.statsUrl,
      caCertificate: this.caCertificate,
      topology: this.topology,
    });
  }
}
