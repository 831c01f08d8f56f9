import * as pulumi from "@pulumi/pulumi";
import { type Group, hostsOf, membersOn } from "../config/topology.ts";
import { CitusNodes } from "./citus/CitusNodes.ts";
import { domainsSql } from "./citus/domains.ts";
import { clusterPlan } from "./clusterPlan.ts";
import { EtcdCluster } from "./consensus/EtcdCluster.ts";
import { DockerHosts } from "./host/DockerHosts.ts";
import { clientPorts } from "./host/preflight.ts";
import type { PostgresClusterArgs } from "./PostgresClusterArgs.ts";
import { Database } from "./postgres/Database.ts";
import { Monitor } from "./postgres/Monitor.ts";
import { PatroniGroup } from "./postgres/PatroniGroup.ts";
import { lossWarning } from "./postgres/patroni.ts";
import { sessionDatabase } from "./postgres/pgbouncer.ts";
import { ProxyPair } from "./proxy/ProxyPair.ts";
import { VirtualIp } from "./proxy/VirtualIp.ts";
import { readMigrations } from "./schema/migrations.ts";
import { Schema } from "./schema/Schema.ts";
import { CertificateAuthority } from "./security/CertificateAuthority.ts";
import { Swarm } from "./swarm/Swarm.ts";

/** Turns bare hosts, three or more, into a highly available PostgreSQL cluster. */
export class PostgresCluster extends pulumi.ComponentResource {
  /** Address that clients connect to: the virtual IP. */
  readonly host: pulumi.Output<string>;
  /** TCP port of the leader, for reading and writing. */
  readonly writePort: pulumi.Output<number>;
  /** TCP port of the standbys, for reading. */
  readonly readPort: pulumi.Output<number>;
  /** Name of the application's database, through the transaction pool. */
  readonly database: pulumi.Output<string>;
  /** The same database through the session pool, see docs/pooling.md. */
  readonly sessionDatabase: pulumi.Output<string>;
  /** The application's role, which owns its tables. */
  readonly user: pulumi.Output<string>;
  /** Its password; secret. */
  readonly password: pulumi.Output<string>;
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
    const plan = clusterPlan(args);
    super("postgres-cluster:index:PostgresCluster", name, {}, opts);
    const { images, topology } = plan;
    const migrations = readMigrations(plan.database);
    const proxyAddresses = hostsOf(plan.hosts, topology.proxies).map((host) => host.address);
    const clientAddresses = [plan.virtualIp.address, ...proxyAddresses];

    const hosts = new DockerHosts(
      `${name}-hosts`,
      {
        plan,
        topology,
        insecureRegistries: images.insecureRegistries,
        deletionPolicy: plan.deletionPolicy,
        dockerUpdate: plan.dockerUpdate,
      },
      { parent: this },
    );
    const swarm = new Swarm(
      `${name}-swarm`,
      { plan, docker: hosts, registries: images.registries },
      { parent: this },
    ).access;
    const authority = new CertificateAuthority(`${name}-ca`, { swarm }, { parent: this });
    const etcd = new EtcdCluster(
      `${name}-etcd`,
      { swarm, authority, image: images.etcd, members: topology.etcd },
      { parent: this },
    );
    const monitor = new Monitor(`${name}-monitor`, { swarm }, { parent: this });
    const [coordinators, ...shards] = topology.groups as [Group, ...Group[]];
    let last: PatroniGroup | undefined;
    // One worker group after another, and the coordinators last.
    for (const group of [...shards, coordinators]) {
      last = new PatroniGroup(
        `${name}-${group.name}`,
        {
          settings: plan,
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
    const warning = lossWarning(plan, topology.groups);
    if (warning) void pulumi.log.warn(warning, this);
    const nodes = images.citus
      ? [
          new CitusNodes(
            `${name}-citus`,
            { swarm, database: plan.database, groups: topology.groups },
            { parent: this, dependsOn: [ready] },
          ),
        ]
      : [];
    const database = new Database(
      `${name}-database`,
      {
        swarm,
        database: plan.database,
        group: coordinators,
        ...(images.citus && { nodes: topology.groups.map((group) => group.name) }),
      },
      { parent: this, dependsOn: [ready, ...nodes] },
    );
    const schema = new Schema(
      `${name}-schema`,
      { swarm, database: plan.database, group: coordinators, migrations },
      { parent: this, dependsOn: [database] },
    );
    const proxies = new ProxyPair(
      `${name}-proxy`,
      {
        swarm,
        authority,
        image: images.proxy,
        members: topology.proxies,
        timing: plan.timing,
        statisticsPassword: plan.proxy.statistics.password,
        coordinators,
      },
      { parent: this },
    );

    const virtualIp = new VirtualIp(
      `${name}-virtual-ip`,
      { plan, cluster: hosts.clusterId, proxies: topology.proxies },
      { parent: this, dependsOn: [proxies.ready] },
    );

    // Outputs for clients are known only when the tables exist and a host holds the virtual IP.
    const served = pulumi.all([virtualIp.ready.urn, schema.ready.urn]);
    const whenServed = <T>(value: pulumi.Input<T>) =>
      pulumi.all([value, served]).apply(([value]) => value as T);
    this.host = whenServed(plan.virtualIp.address);
    this.writePort = whenServed(clientPorts.write);
    this.readPort = whenServed(clientPorts.read);
    this.database = whenServed(plan.database.name);
    this.sessionDatabase = whenServed(sessionDatabase(plan));
    this.user = whenServed(plan.database.user);
    this.password = pulumi.secret(pulumi.all([database.password, served])).apply(([password]) => password);
    const url = (port: pulumi.Output<number>) =>
      pulumi.interpolate`postgresql://${this.user}:${this.password}@${this.host}:${port}/${this.database}?sslmode=require`;
    this.writeUrl = url(this.writePort);
    this.readUrl = url(this.readPort);
    this.statsUrl = pulumi.interpolate`http://${plan.virtualIp.address}:${clientPorts.stats}/`;
    this.caCertificate = authority.certificate;
    this.topology = pulumi.output(
      Object.fromEntries(
        plan.hosts.map(({ name }) => [name, membersOn(topology, name).map((member) => member.name)]),
      ),
    );
    this.registerOutputs({
      host: this.host,
      writePort: this.writePort,
      readPort: this.readPort,
      database: this.database,
      sessionDatabase: this.sessionDatabase,
      user: this.user,
      password: this.password,
      writeUrl: this.writeUrl,
      readUrl: this.readUrl,
      statsUrl: this.statsUrl,
      caCertificate: this.caCertificate,
      topology: this.topology,
    });
  }
}
