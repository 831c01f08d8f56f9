import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { DatabaseConfig } from "../../config/ClusterConfig.ts";
import type { Group } from "../../config/topology.ts";
import { HostScript, readScript } from "../host/HostScript.ts";
import { needed } from "../host/needed.ts";
import type { SwarmAccess } from "../swarm/Swarm.ts";
import { leaderConninfo } from "./patroni.ts";

export interface DatabaseArgs {
  swarm: Pick<SwarmAccess, "targetOf">;
  database: Pick<DatabaseConfig, "name" | "user">;
  /** The group that clients speak to. */
  group: Group;
  /** Citus' groups by name, if there is Citus: roles and their rights are copied to a node that joins. */
  nodes?: readonly string[];
}

/** The application's database, its role and the role's password. None of its changes needs a restart. */
export class Database extends pulumi.ComponentResource {
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("Database", args, "swarm", "database", "group");
    super("postgres-cluster:index:Database", name, {}, opts);
    const { swarm, database, group, nodes } = args;
    // Letters and digits only: it is used in URLs and SQL without quoting.
    const password = new random.RandomPassword(
      `${name}-password`,
      { length: 32, special: false },
      { parent: this },
    ).result;
    const made = new HostScript(
      `${name}-role`,
      {
        target: swarm.targetOf(group.members),
        script: readScript("on-host/database.sh", import.meta.url),
        variables: {
          GROUP: group.name,
          LEADER: leaderConninfo(group),
          FROM: nodes ? database.name : "postgres",
          DATABASE: database.name,
          ROLE: database.user,
          PASSWORD: password,
          SQL: readScript("database.sql", import.meta.url),
          PRIVILEGES: readScript("privileges.sql", import.meta.url),
          NODES: (nodes ?? []).join(" "),
        },
      },
      { parent: this },
    );
    // Whoever gets the password can use it.
    this.password = pulumi.all([password, made.id]).apply(([text]) => text);
    this.registerOutputs({});
  }
}
