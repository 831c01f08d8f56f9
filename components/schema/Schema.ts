import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConfig } from "../../config/ClusterConfig.ts";
import type { Group } from "../../config/topology.ts";
import { HostScript, readScript } from "../host/HostScript.ts";
import { needed } from "../host/needed.ts";
import { leaderConninfo } from "../postgres/patroni.ts";
import type { SwarmAccess } from "../swarm/Swarm.ts";
import { type Migration, migrationFiles } from "./migrations.ts";

export interface SchemaArgs {
  swarm: Pick<SwarmAccess, "targetOf">;
  database: Pick<DatabaseConfig, "name" | "user" | "vectorEngine" | "vectorDimensions" | "shardCount">;
  /** The group that clients connect to. */
  group: Group;
  /** See `readMigrations`. */
  migrations: readonly Migration[];
}

/** The risks of RuVector 2.0.6 as published; docs/schema.md has the details. */
export const ruvectorWarning =
  "database.vectorEngine is ruvector, whose index is not fit for a cluster with standbys as published: " +
  "it is not written to the WAL, so that searches on standbys fail, searches and writes fail after a failover, and after " +
  "a crash rows are missed or writers hang, until REINDEX; COUNT(*) returns 0 on an indexed table; filtered searches may " +
  "return no rows; VACUUM leaves dead entries, so that recall falls with updates. pgvector has none of these faults.";

/** The schema of the application's database: applies migrations. */
export class Schema extends pulumi.ComponentResource {
  /** Depend on this resource to wait until every migration is applied. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: SchemaArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("Schema", args, "swarm", "database", "group", "migrations");
    super("postgres-cluster:index:Schema", name, {}, opts);
    const { swarm, database, group, migrations } = args;
    if (database.vectorEngine === "ruvector") void pulumi.log.warn(ruvectorWarning, this);
    this.ready = new HostScript(
      `${name}-migrations`,
      {
        target: swarm.targetOf(group.members),
        script: readScript("on-host/migrate.sh", import.meta.url),
        variables: {
          GROUP: group.name,
          LEADER: leaderConninfo(group),
          OWNER: leaderConninfo(group, database.user),
          DATABASE: database.name,
          FILES: JSON.stringify(migrationFiles(database, migrations)),
        },
        // Creating an index on many rows can take long.
        timeout: 3600,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
