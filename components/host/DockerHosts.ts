import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ClusterConfig } from "../../config/ClusterConfig.ts";
import { hasProxy, membersOn, type Topology } from "../../config/topology.ts";
import { daemonJson, sysctls } from "./daemon.ts";
import { refuseMisleadingEnvironment } from "./environment.ts";
import { firewall } from "./firewall.ts";
import { HostScript, readScript } from "./HostScript.ts";
import { type HostPlan, type HostsPlan, resolved, targetOfHost } from "./HostsPlan.ts";
import { lanGate } from "./lanGate.ts";
import { needed } from "./needed.ts";
import { preflightVariables } from "./preflight.ts";

export interface DockerHostsArgs {
  plan: HostsPlan;
  /** All members; each host gets the volumes and ports of its own. */
  topology: Topology;
  /** Registries that speak plain HTTP. Default: none. */
  insecureRegistries?: readonly string[];
  /** What `pulumi destroy` does with data volumes and installed packages. */
  deletionPolicy: ClusterConfig["deletionPolicy"];
  /** Any text. When it changes, Docker's packages are upgraded, host by host. Default: empty. */
  dockerUpdate?: string;
}

/** Debian packages that a host needs besides Docker's. */
function packages(topology: Topology, { name }: HostPlan): string {
  return hasProxy(topology, name) ? "curl nftables keepalived" : "curl nftables";
}

/**
 * Turns bare machines into Docker hosts: checks, packages, configuration, and the volumes of their members. No host is
 * changed before every host has passed its preflight and can reach every other host.
 */
export class DockerHosts extends pulumi.ComponentResource {
  /** Where the cluster was made and a random part: `PROJECT/STACK/NAME ID`. It does not change when one of these is renamed. */
  readonly clusterId: pulumi.Output<string>;
  /** Resolves for each host, by name, when its daemon runs with the current configuration. */
  readonly ready: Readonly<Record<string, pulumi.Resource>>;
  /** Resolves for each host, by name, when its volumes exist. */
  readonly volumes: Readonly<Record<string, pulumi.Resource>>;
  /** The smallest MTU of the hosts' interfaces in their LAN, in bytes. */
  readonly mtu: pulumi.Output<number>;

  constructor(name: string, args: DockerHostsArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseMisleadingEnvironment();
    needed("DockerHosts", args, "plan", "topology", "deletionPolicy");
    super("postgres-cluster:index:DockerHosts", name, {}, opts);
    const { plan, topology, insecureRegistries, deletionPolicy, dockerUpdate = "" } = args;
    const { ssh, hosts, network } = plan;
    const daemon = daemonJson(network, insecureRegistries);
    const known = resolved(plan);
    const perHost = (make: (host: HostPlan) => pulumi.Resource) =>
      Object.fromEntries(hosts.map((host) => [host.name, make(host)]));

    const made = new random.RandomId(
      `${name}-id`,
      {
        byteLength: 6,
        keepers: { cluster: `${pulumi.getProject()}/${pulumi.getStack()}/${name}` },
      },
      { parent: this, ignoreChanges: ["keepers"] },
    );
    this.clusterId = pulumi.interpolate`${made.keepers.apply((kept) => kept?.cluster)} ${made.id}`;

    const preflights = hosts.map(
      (host) =>
        new HostScript(
          `${name}-${host.name}-preflight`,
          {
            target: targetOfHost(ssh, host),
            script: readScript("on-host/preflight.sh", import.meta.url),
            variables: {
              ...preflightVariables(plan, topology, host.name),
              ADDRESS: host.address,
              CLUSTER: this.clusterId,
            },
            timeout: 60,
          },
          { parent: this },
        ),
    );

    const lan = lanGate(`${name}-lan`, { plan, topology }, { parent: this, dependsOn: preflights });

    const installed = hosts.map(
      (host) =>
        new HostScript(
          `${name}-${host.name}-docker`,
          {
            target: targetOfHost(ssh, host),
            script: readScript("on-host/docker.sh", import.meta.url),
            variables: {
              HOST: host.name,
              ADDRESS: host.address,
              PACKAGES: packages(topology, host),
              DAEMON_JSON: daemon,
              SYSCTLS: sysctls,
              FIREWALL: known.apply(firewall),
              FIREWALL_KEEP: readScript("on-host/firewall-keep.sh", import.meta.url),
              POLICY: deletionPolicy,
              SSH_USER: ssh.user,
              UPDATE: dockerUpdate,
              CLUSTER: this.clusterId,
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

    // A restart of Docker restarts the host's members, so it is done host by host. The first deployment restarts nothing.
    let before = installed;
    this.ready = perHost((host) => {
      const restarted = new HostScript(
        `${name}-${host.name}-restart`,
        {
          target: targetOfHost(ssh, host),
          script: readScript("on-host/restart.sh", import.meta.url),
          variables: {
            HOST: host.name,
            DAEMON_JSON: daemon,
            UPDATE: dockerUpdate,
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
            target: targetOfHost(ssh, host),
            script: readScript("on-host/volumes.sh", import.meta.url),
            variables: {
              HOST: host.name,
              VOLUMES: membersOn(topology, host.name)
                .flatMap((member) => member.volume ?? [])
                .join(" "),
              POLICY: deletionPolicy,
              CLUSTER: this.clusterId,
            },
            deletes: true,
          },
          { parent: this, dependsOn: this.ready[host.name] as pulumi.Resource },
        ),
    );
    this.registerOutputs({});
  }
}
