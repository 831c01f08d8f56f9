import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../../config/ClusterConfig.ts";
import type { Group } from "../../config/topology.ts";
import { HostScript, readScript } from "../host/HostScript.ts";
import { hostsOf } from "../postgres/PatroniGroup.ts";
import { leaderConninfo, postgresPorts } from "../postgres/patroni.ts";

export interface CitusNodesArgs {
  config: ClusterConfig;
  /** The coordinators first, then the shards. */
  groups: readonly Group[];
}

/** Citus' list of nodes as the plan has it; mended where Patroni's own registration left something. */
export class CitusNodes extends pulumi.ComponentResource {
  /** When every group is registered. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: CitusNodesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("postgres-cluster:index:CitusNodes", name, {}, opts);
    const { config, groups } = args;
    const [coordinators] = groups;
    if (!coordinators) throw new Error(`${name}: Citus needs a group of coordinators`);
    this.ready = new HostScript(
      `${name}-nodes`,
      {
        target: hostsOf(config, coordinators.members),
        script: readScript("nodes.sh", import.meta.url),
        variables: {
          GROUP: coordinators.name,
          LEADER: leaderConninfo(coordinators),
          DATABASE: config.database.name,
          NODES: groups
            .map((group) => [group.citusGroup, ...group.members.map((member) => member.name)].join(" "))
            .join("\n"),
          PORT: String(postgresPorts.postgres),
          REBALANCE: String(config.database.rebalance),
        },
        timeout: config.database.rebalance ? 7200 : 300,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
