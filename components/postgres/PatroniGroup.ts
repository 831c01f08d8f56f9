import * as pulumi from "@pulumi/pulumi";
import type { Group, Member } from "../../config/topology.ts";
import { HostScript, readScript } from "../host/HostScript.ts";
import { keepalives } from "../host/keepalives.ts";
import { needed } from "../host/needed.ts";
import { type CertificateAuthority, certificatePaths } from "../security/CertificateAuthority.ts";
import { configFile } from "../swarm/files.ts";
import { type MemberServiceArgs, specificationOf } from "../swarm/MemberService.ts";
import { rollout } from "../swarm/rollout.ts";
import type { SwarmAccess } from "../swarm/Swarm.ts";
import type { Monitor } from "./Monitor.ts";
import type { PostgresSettings } from "./PostgresSettings.ts";
import {
  dataPath,
  divergedEnvironment,
  groupSettings,
  leaderConninfo,
  patronictlGroup,
  patroniYaml,
  settingsKey,
} from "./patroni.ts";
import { pgbouncerIni, poolerConfigPath } from "./pgbouncer.ts";
import { memberUser } from "./user.ts";

const MiB = 2 ** 20;

export interface PatroniGroupArgs {
  settings: PostgresSettings;
  /** Pinned by digest. */
  image: pulumi.Input<string>;
  swarm: SwarmAccess;
  authority: CertificateAuthority;
  monitor: Monitor;
  group: Group;
  etcd: readonly Member[];
  /** SQL that runs in the application's database whenever the group's roles are made. Default: none. */
  databaseSql?: string;
  /** Addresses that clients use for the group, for its certificates. Default: none. */
  clientAddresses?: readonly pulumi.Input<string>[];
  /**
   * The group that changes before this one. Default: none. Citus' nodes notify each other of a new leader, so two switchovers
   * at the same time wait for each other, and a leader with connections to members that vanish does not step down in time.
   */
  after?: PatroniGroup | undefined;
}

/**
 * A Patroni group of any size. It changes one member at a time: the first member becomes the leader, the others change from the
 * last to the second, each until it is ready again, and the leader changes last, when an up-to-date member can take over.
 */
export class PatroniGroup extends pulumi.ComponentResource {
  /** When every member has been created, or changed. */
  private readonly rolled: pulumi.Resource;
  /** When every member is ready and clients can log in through its pooler. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: PatroniGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("PatroniGroup", args, "settings", "image", "swarm", "authority", "monitor", "group", "etcd");
    super("postgres-cluster:index:PatroniGroup", name, {}, opts);
    const { settings, swarm, monitor, group, etcd, databaseSql = "", after } = args;
    const stored = groupSettings(settings, group);
    const citus = settings.images.citus !== null;
    const services = group.members.map((member) => this.service(name, args, member));
    const specification = pulumi.all(services.map(specificationOf)).apply((all) => all.join(" "));
    const step = (
      which: string,
      variables: Record<string, pulumi.Input<string>>,
      dependsOn: pulumi.Resource[],
    ) =>
      new HostScript(
        `${name}-${which}`,
        {
          target: swarm.targetOf(group.members),
          script: readScript("on-host/group.sh", import.meta.url),
          variables: {
            GROUP: group.name,
            PATRONI_GROUP: patronictlGroup(settings, group),
            MEMBERS: group.members.map((member) => `${member.name}@${member.host}`).join(" "),
            STEP: which,
            LOOP_WAIT: String(settings.timing.loopWait),
            SPECIFICATION: specification,
            ...variables,
          },
          updates: true,
          timeout: 900,
        },
        { parent: this, dependsOn },
      );

    const storing = new HostScript(
      `${name}-settings`,
      {
        target: swarm.targetOf(etcd),
        script: readScript("on-host/settings.sh", import.meta.url),
        variables: {
          KEY: settingsKey(group, citus),
          OTHER_KEY: settingsKey(group, !citus),
          SETTINGS: stored,
        },
        timeout: 240,
      },
      { parent: this },
    );
    const lead = step("lead", {}, after ? [storing, after.rolled] : [storing]);
    this.rolled = rollout(name, { services: services.toReversed(), after: [lead] }, this);
    const ready = step("ready", { SETTINGS: stored }, after ? [this.rolled, after.ready] : [this.rolled]);
    this.ready = new HostScript(
      `${name}-roles`,
      {
        target: swarm.targetOf(group.members),
        script: readScript("on-host/roles.sh", import.meta.url),
        variables: {
          GROUP: group.name,
          LEADER: leaderConninfo(group),
          MONITOR_PASSWORD: monitor.password,
          SQL: ["pooler.sql", "roles.sql"].map((name) => readScript(name, import.meta.url)).join("\n"),
          DATABASE: settings.database.name,
          DATABASE_SQL: databaseSql,
        },
      },
      { parent: this, dependsOn: [ready] },
    );
    this.registerOutputs({});
  }

  private service(name: string, args: PatroniGroupArgs, member: Member): MemberServiceArgs {
    const { settings, image, swarm, authority, monitor, group, etcd, clientAddresses: addresses = [] } = args;
    const prefix = `${name}-${member.name}`;
    const env = {
      // libpq's default certificate, for connections that Citus opens from within the server.
      ...(settings.images.citus && {
        PGSSLCERT: certificatePaths.certificate,
        PGSSLKEY: certificatePaths.key,
      }),
      ...divergedEnvironment(settings),
    };
    return {
      swarm,
      member,
      group: group.name,
      image,
      networks: [swarm.networks.coordinators, swarm.networks.workers],
      files: [
        monitor.passfile,
        ...authority.issue(
          prefix,
          { member: member.name, addresses: [...addresses], owner: memberUser },
          { parent: this },
        ),
        configFile(
          `${prefix}-patroni`,
          {
            swarm,
            name: `${member.name}-patroni`,
            file: "/etc/patroni/patroni.yml",
            content: patroniYaml({ config: settings, group, member, etcd }),
          },
          { parent: this },
        ),
        configFile(
          `${prefix}-pgbouncer`,
          {
            swarm,
            name: `${member.name}-pgbouncer`,
            file: poolerConfigPath,
            content: pgbouncerIni({ config: settings, group, member }),
          },
          { parent: this },
        ),
      ],
      ...(Object.keys(env).length > 0 && { env }),
      dataPath,
      inMemory: {
        "/dev/shm": Math.floor(member.size.memory / 4),
        "/run/postgresql": MiB,
        // Migrations are assembled there.
        "/tmp": Math.floor(member.size.memory / 8),
      },
      // To cancel a query on another node Citus opens a connection that nothing interrupts (libpq's PQcancel). If that node
      // is gone, PostgreSQL cannot shut down while the kernel retries, so the kernel retries only once.
      sysctls: { ...keepalives, "net.ipv4.tcp_syn_retries": "1" },
      ready: ["member-ready"],
      stopSeconds: 90,
    };
  }
}
