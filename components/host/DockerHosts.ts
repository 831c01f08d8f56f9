import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig, HostConfig } from "../../config/ClusterConfig.ts";
import { membersOn, type Topology } from "../../config/topology.ts";
import { daemonJson, firewall, sysctls } from "./daemon.ts";
import { HostScript, readScript } from "./HostScript.ts";
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
 * No host is touched before every host has passed its preflight.
 */
export class DockerHosts extends pulumi.ComponentResource {
  /** Resolves for each host, by name, when its daemon runs. */
  readonly ready: Readonly<Record<string, pulumi.Resource>>;
  /** Resolves for each host, by name, when its volumes are there. */
  readonly volumes: Readonly<Record<string, pulumi.Resource>>;

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

    this.ready = perHost(
      (host) =>
        new HostScript(
          `${name}-${host.name}-docker`,
          {
            target: hostTarget(config.ssh, host),
            script: readScript("docker.sh", import.meta.url),
            variables: {
              HOST: host.name,
              PACKAGES: packages(topology, host),
              DAEMON_JSON: daemonJson(config),
              SYSCTLS: sysctls,
              FIREWALL: firewall(config.hosts),
              POLICY: config.dataPolicy,
              SSH_USER: config.ssh.user,
            },
            deletes: true,
            timeout: 900,
          },
          { parent: this, dependsOn: preflights },
        ),
    );

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
