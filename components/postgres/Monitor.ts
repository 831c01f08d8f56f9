import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { needed } from "../host/needed.ts";
import { type MountedFile, secretFile } from "../swarm/files.ts";
import type { SwarmAccess } from "../swarm/Swarm.ts";
import { monitorRole } from "./roles.ts";
import { memberUser } from "./user.ts";

export interface MonitorArgs {
  swarm: SwarmAccess;
}

/** The password of the role `monitor`, for PostgreSQL and for scripts in a database container. */
export class Monitor extends pulumi.ComponentResource {
  readonly password: pulumi.Output<string>;
  /** The password file as a member mounts it. */
  readonly passfile: MountedFile;

  constructor(name: string, args: MonitorArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("Monitor", args, "swarm");
    super("postgres-cluster:index:Monitor", name, {}, opts);
    // Letters and digits only: it is used in a password file and in SQL without quoting.
    this.password = new random.RandomPassword(
      `${name}-password`,
      { length: 32, special: false },
      { parent: this },
    ).result;
    this.passfile = secretFile(
      `${name}-passfile`,
      {
        swarm: args.swarm,
        name: "monitor-pgpass",
        file: "monitor.pgpass",
        content: pulumi.interpolate`*:*:*:${monitorRole}:${this.password}\n`,
        owner: memberUser,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
