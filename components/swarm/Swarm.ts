import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryConfig } from "../../config/ClusterConfig.ts";
import type { Member } from "../../config/topology.ts";
import type { DockerHosts } from "../host/DockerHosts.ts";
import { halves } from "../host/daemon.ts";
import { HostScript, readScript } from "../host/HostScript.ts";
import { type HostsPlan, targetOfHost, targetOfManager } from "../host/HostsPlan.ts";
import { needed } from "../host/needed.ts";
import type { SshTarget } from "../host/ssh.ts";
import { type OrphanHooks, orphanHooks, ownLabel } from "./orphans.ts";

/** A registry's login. */
export interface RegistryPlan extends Omit<RegistryConfig, "password"> {
  readonly password: pulumi.Input<string>;
}

export interface SwarmArgs {
  /** Every host becomes a manager, the first one first. */
  plan: Omit<HostsPlan, "virtualIp">;
  /** The same hosts with their Docker. */
  docker: DockerHosts;
  /** Logins of the registries that images come from. Default: none. */
  registries?: readonly RegistryPlan[];
}

/** What a component needs to put something into the Swarm. */
export interface SwarmAccess {
  /** The cluster's id. */
  readonly cluster: pulumi.Output<string>;
  /**
   * Options of every object in the Swarm: it is reached through any live manager, and when the Swarm itself is deleted, its
   * objects are not deleted one by one.
   */
  readonly own: { readonly provider: docker.Provider; readonly deletedWith: pulumi.Resource };
  /** The same for scripts. */
  readonly manager: pulumi.Output<SshTarget>;
  /** For scripts that need one of these members on their host. */
  readonly targetOf: (members: readonly Member[]) => pulumi.Output<SshTarget>;
  readonly hooks: OrphanHooks;
  /** Ids of the overlay networks. */
  readonly networks: Readonly<Record<"coordinators" | "workers" | "admin", pulumi.Output<string>>>;
}

/**
 * Every host a manager of one Swarm, labelled with its name, and the overlay networks (docs/reference-architecture.md,
 * Network topology).
 */
export class Swarm extends pulumi.ComponentResource {
  readonly access: SwarmAccess;

  constructor(name: string, args: SwarmArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("Swarm", args, "plan", "docker");
    super("postgres-cluster:index:Swarm", name, {}, opts);
    const { plan, registries = [] } = args;
    const { ssh, hosts, network } = plan;
    const pool = halves(network.dockerPool).swarm;

    const joins: HostScript[] = [];
    for (const host of hosts) {
      const first = joins[0];
      joins.push(
        new HostScript(
          `${name}-${host.name}`,
          {
            target: targetOfHost(ssh, host),
            script: readScript("on-host/join.sh", import.meta.url),
            variables: {
              HOST: host.name,
              ADDRESS: host.address,
              CLUSTER: args.docker.clusterId,
              POOL: pool,
              MEMBERSHIP: first ? first.stdout : "",
            },
            deletes: true,
            timeout: 240,
            output: "secret",
          },
          {
            parent: this,
            dependsOn: [args.docker.ready[host.name], args.docker.volumes[host.name]] as pulumi.Resource[],
          },
        ),
      );
    }

    const overlays = [
      ["coordinator-net", network.coordinators],
      ["worker-net", network.workers],
      ["admin-net", network.admin],
    ] as const;
    const manager = targetOfManager(ssh, hosts);
    const quorum = new HostScript(
      `${name}-quorum`,
      {
        target: manager,
        script: readScript("on-host/quorum.sh", import.meta.url),
        variables: {
          MANAGERS: String(joins.length),
          SUBNETS: overlays.map(([overlay, subnet]) => `${overlay}=${subnet}`).join(" "),
          ENCRYPTED: String(network.encrypted),
          MTU: args.docker.mtu.apply(String),
        },
        updates: true,
        timeout: 180,
      },
      { parent: this, dependsOn: joins },
    );
    const provider = new docker.Provider(
      `${name}-manager`,
      {
        // Unknown until the Swarm is there, so that the first preview does not look for a daemon.
        host: pulumi.all([quorum.id, manager]).apply(([, { destination }]) => `ssh://${destination}`),
        sshOpts: manager.apply(({ options }) => [...options]),
        registryAuth: registries.map(({ address, user, password }) => ({
          address,
          username: user,
          password,
        })),
      },
      { parent: this },
    );
    const own = { provider, deletedWith: joins[0] as pulumi.Resource };
    const hooks = orphanHooks(name, manager, args.docker.clusterId);
    const [coordinators, workers, admin] = overlays.map(
      ([overlay, subnet]) =>
        new docker.Network(
          `${name}-${overlay}`,
          {
            name: overlay,
            driver: "overlay",
            ipamConfigs: [{ subnet }],
            // Docker's driver subtracts what VXLAN and IPsec add.
            options: {
              "com.docker.network.driver.mtu": args.docker.mtu.apply(String),
              ...(network.encrypted && { encrypted: "true" }),
            },
            labels: [ownLabel(args.docker.clusterId)],
          },
          {
            ...own,
            parent: this,
            dependsOn: quorum,
            deleteBeforeReplace: true,
            // No difference may replace a network, because that would replace every service on it. Docker adds keys of its
            // own, and quorum.sh refuses changed settings.
            ignoreChanges: ["name", "driver", "ipamConfigs", "options", "labels"],
            retainOnDelete: true,
            hooks: { beforeCreate: [hooks.network] },
          },
        ).id,
    ) as [pulumi.Output<string>, pulumi.Output<string>, pulumi.Output<string>];
    this.access = {
      cluster: args.docker.clusterId,
      own,
      manager,
      targetOf: (members) => targetOfManager(ssh, hosts, members),
      hooks,
      networks: { coordinators, workers, admin },
    };
    this.registerOutputs({});
  }
}
