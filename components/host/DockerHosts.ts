import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig, HostConfig } from "../../config/ClusterConfig.ts";
import { membersOn, type Topology } from "../../config/topology.ts";
import { daemonJson, sysctls } from "./daemon.ts";
import { firewall } from "./firewall.ts";
import { HostScript, readScript } from "./HostScript.ts";
import { lanGate } from "./lanGate.ts";
import { preflightVariables } from "./preflight.ts";
import { hostTarget } from "./ssh.ts";

export interface DockerHostsArgs {
  config: ClusterConfig;
  topology: Topology;
}

/** Debian packages of a host besides Docker's. */
function packages({ proxies }: Topology, { name }: HostConfig): string {
  return proxies.some((proxy) => proxy.host === name) ? "curl nftables keepalived" : "curl nftables";
}

/**
 * Bare machines become Docker hosts: checked, installed, configured, with the volumes of their members.
 * No host is touched before every host has passed its preflight, and has reached every other.
 */
export class DockerHosts extends pulumi.ComponentResource {
  /** Resolves for each host, by name, when its daemon runs with its present configuration. */
  readonly ready: Readonly<Record<string, pulumi.Resource>>;
  /** Resolves for each host, by name, when its volumes are there. */
  readonly volumes: Readonly<Record<string, pulumi.Resource>>;
  /** The smallest MTU of the hosts' interfaces in their LAN, in bytes. */
  readonly mtu: pulumi.Output<number>;

  constructor(name: string, args: DockerHostsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("postgres-cluster:index:DockerHosts", name, {}, opts);
    const { config, topology } = args;
    const perHost = (make: (host: HostConfig) => pulumi.Resource) =>
      Object.fromEntries(config.hosts.map((host) => [host.name, make(host)]));

    const preflights = config.hosts.map(
      (host) =>
        new HostScript(
          `${name}-${host.name}-preflight`,
          {
            target: hostTarget(config.ssh, host),
            script: readScript("preflight.sh", import.meta.url),
            variables: preflightVariables(config, topology, host),
            timeout: 60,
          },
          { parent: this },
        ),
    );

    const lan = lanGate(`${name}-lan`, { config, topology }, { parent: this, dependsOn: preflights });

    const installed = config.hosts.map(
      (host) =>
        new HostScript(
          `${name}-${host.name}-docker`,
          {
            target: hostTarget(config.ssh, host),
            script: readScript("docker.sh", import.meta.url),
            variables: {
              HOST: host.name,
              ADDRESS: host.address,
              PACKAGES: packages(topology, host),
              DAEMON_JSON: daemonJson(config),
              SYSCTLS: sysctls,
              FIREWALL: firewall(config),
              FIREWALL_KEEP: readScript("firewall-keep.sh", import.meta.url),
              POLICY: config.dataPolicy,
              SSH_USER: config.ssh.user,
              UPDATE: config.dockerUpdate,
            },
            deletes: true,
            timeout: 900,
          },
          { parent: this, dependsOn: lan },
        ),
    );

    this.mtu = pulumi
      .all(installed.map(({ stdout }) => stdout))
      .apply((texts) => Math.min(...texts.map((text) => Number(/^MTU (\d+)$/m.exec(text)?.[1]))));

    // At the first deployment there is nothing to restart; later a restart takes the host's members with it.
    let before = installed;
    this.ready = perHost((host) => {
      const restarted = new HostScript(
        `${name}-${host.name}-restart`,
        {
          target: hostTarget(config.ssh, host),
          script: readScript("restart.sh", import.meta.url),
          variables: {
            HOST: host.name,
            DAEMON_JSON: daemonJson(config),
            UPDATE: config.dockerUpdate,
            MEMBERS: topology.groups
              .map((group) => [group.name, ...group.members.map((member) => member.name)].join(" "))
              .join("\n"),
          },
          timeout: 1500,
        },
        { parent: this, dependsOn: before },
      );
      before = [restarted];
      return restarted;
    });

    this.volumes = perHost(
      (host) =>
        new HostScript(
          `${name}-${host.name}-volumes`,
          {
            target: hostTarget(config.ssh, host),
            script: readScript("volumes.sh", import.meta.url),
            variables: {
              HOST: host.name,
              VOLUMES: membersOn(topology, host.name)
                .flatMap((member) => member.volume ?? [])
                .join(" "),
              POLICY: config.dataPolicy,
            },
            deletes: true,
          },
          { parent: this, dependsOn: this.ready[host.name] as pulumi.Resource },
        ),
    );
    this.registerOutputs({});
  }
}
