import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConfig } from "../../config/ClusterConfig.ts";
import type { Group } from "../../config/topology.ts";
import { HostScript, readScript } from "../host/HostScript.ts";
import { needed } from "../host/needed.ts";
import { leaderConninfo, postgresPorts } from "../postgres/patroni.ts";
import type { SwarmAccess } from "../swarm/Swarm.ts";

export interface CitusNodesArgs {
  swarm: Pick<SwarmAccess, "targetOf">;
  database: Pick<DatabaseConfig, "name" | "rebalance">;
  /** The coordinators first, then the worker groups. */
  groups: readonly Group[];
}

/** The role that copies and moves shards; see rebalancer.sql. */
const rebalancerRole = "rebalancer";

/**
 * Reconciles Citus' list of nodes with the topology, and copies to new nodes what they lack: reference tables and, if
 * `database.rebalance` is on, their share of the shards. Patroni registers nodes, too; this repairs what it missed.
 */
export class CitusNodes extends pulumi.ComponentResource {
  /** Depend on this resource to wait until every group is registered and has its reference tables and shards. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: CitusNodesArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("CitusNodes", args, "swarm", "database", "groups");
    super("postgres-cluster:index:CitusNodes", name, {}, opts);
    const { swarm, database, groups } = args;
    const [coordinators] = groups;
    if (!coordinators) throw new Error(`${name}: Citus needs a group of coordinators`);
    const target = swarm.targetOf(coordinators.members);
    const shared = {
      GROUP: coordinators.name,
      LEADER: leaderConninfo(coordinators),
      DATABASE: database.name,
    };
    const nodes = new HostScript(
      `${name}-nodes`,
      {
        target,
        script: readScript("on-host/nodes.sh", import.meta.url),
        variables: {
          ...shared,
          NODES: groups
            .map((group) => [group.citusGroup, ...group.members.map((member) => member.name)].join(" "))
            .join("\n"),
          PORT: String(postgresPorts.postgres),
        },
        timeout: 300,
      },
      { parent: this },
    );
    this.ready = new HostScript(
      `${name}-shards`,
      {
        target,
        script: readScript("on-host/shards.sh", import.meta.url),
        variables: {
          ...shared,
          REBALANCER: leaderConninfo(coordinators, rebalancerRole),
          REBALANCE: String(database.rebalance),
          ROLE_SQL: readScript("rebalancer.sql", import.meta.url),
          REFERENCE_SQL: readScript("reference-tables.sql", import.meta.url),
          NODES: groups.map((group) => group.name).join(" "),
        },
        timeout: 7200,
      },
      { parent: this, dependsOn: [nodes] },
    );
    this.registerOutputs({});
  }
}
