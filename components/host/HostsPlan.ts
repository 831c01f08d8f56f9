import type { HostConfig, NetworkConfig, SshConfig, VirtualIpConfig } from "../../config/ClusterConfig.ts";

/** The hosts, how they are reached, and the networks that they share. */
export interface HostsPlan {
  readonly ssh: SshConfig;
  /** In the order that they join the Swarm. */
  readonly hosts: readonly HostConfig[];
  readonly network: NetworkConfig;
  readonly virtualIp: VirtualIpConfig;
}
