import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig, HostConfig, SshConfig, VirtualIpConfig } from "../../config/ClusterConfig.ts";
import { hostsOf, type Member } from "../../config/topology.ts";
import { hostTarget, managerTarget, type SshTarget } from "./ssh.ts";

/** A host. Its address and key may be outputs of the resource that creates it. */
export interface HostPlan extends Omit<HostConfig, "address" | "hostKey"> {
  readonly address: pulumi.Input<string>;
  readonly hostKey: pulumi.Input<string>;
}

export interface SshPlan {
  readonly user: string;
  /** Private key file. Default: the ssh agent and ssh's own defaults. */
  readonly privateKeyFile?: pulumi.Input<string> | undefined;
}

/** The hosts, how they are reached, and the networks that they share. */
export interface HostsPlan extends Pick<ClusterConfig, "network"> {
  readonly ssh: SshPlan;
  /** In the order that they join the Swarm. */
  readonly hosts: readonly HostPlan[];
  readonly virtualIp: Omit<VirtualIpConfig, "address"> & { readonly address: pulumi.Input<string> };
}

/** The same with every value known. */
export type HostsConfig = Pick<ClusterConfig, "hosts" | "network" | "virtualIp"> & {
  readonly ssh: Omit<SshConfig, "privateKey">;
};

export function resolved({ ssh, hosts, network, virtualIp }: HostsPlan): pulumi.Output<HostsConfig> {
  return pulumi.output({ ssh, hosts, network, virtualIp }) as pulumi.Output<HostsConfig>;
}

/** One of the hosts, and how it is reached. */
export function targetOfHost(ssh: SshPlan, host: HostPlan): pulumi.Output<SshTarget> {
  return pulumi.all([ssh, host]).apply(([ssh, host]) => hostTarget(ssh, host));
}

/** Any of the hosts that `members` are on; of all hosts where none are given. */
export function targetOfManager(
  ssh: SshPlan,
  hosts: readonly HostPlan[],
  members?: readonly Member[],
): pulumi.Output<SshTarget> {
  const chosen = members ? hostsOf(hosts, members) : hosts;
  return pulumi.all([ssh, chosen]).apply(([ssh, chosen]) => managerTarget(ssh, chosen));
}
