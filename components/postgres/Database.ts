import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ClusterConfig } from "../../config/ClusterConfig.ts";
import type { Group } from "../../config/topology.ts";
import { HostScript, readScript } from "../host/HostScript.ts";
import { hostsOf } from "./PatroniGroup.ts";
import { leaderConninfo } from "./patroni.ts";

export interface DatabaseArgs {
  config: ClusterConfig;
  /** The group that clients speak to. */
  group: Group;
  /** Citus' groups by name: what a role may do is passed on to a node that joins. Default: none. */
  nodes?: readonly string[];
}

/** The application's database, its role and the role's password, which a changed stack changes without a restart. */
export class Database extends pulumi.ComponentResource {
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("postgres-cluster:index:Database", name, {}, opts);
    const { config, group, nodes = [] } = args;
    // Letters and digits only: it stands in URLs and SQL without quoting.
    const password = new random.RandomPassword(
      `${name}-password`,
      { length: 32, special: false },
      { parent: this },
    ).result;
    const made = new HostScript(
      `${name}-role`,
      {
        target: hostsOf(config, group.members),
        script: readScript("database.sh", import.meta.url),
        variables: {
          GROUP: group.name,
          LEADER: leaderConninfo(group),
          FROM: config.images.citus ? config.database.name : "postgres",
          DATABASE: config.database.name,
          ROLE: config.database.user,
          PASSWORD: password,
          SQL: readScript("database.sql", import.meta.url),
          PRIVILEGES: readScript("privileges.sql", import.meta.url),
          NODES: nodes.join(" "),
        },
      },
      { parent: this },
    );
    // Whoever gets the password can use it.
    this.password = pulumi.all([password, made.id]).apply(([text]) => text);
    this.registerOutputs({});
  }
}
