import * as pulumi from "@pulumi/pulumi";
import type { Member } from "../../config/topology.ts";
import { HostScript, readScript } from "../host/HostScript.ts";
import { type HostsPlan, resolved, targetOfHost } from "../host/HostsPlan.ts";
import { needed } from "../host/needed.ts";
import { clientPorts } from "../host/preflight.ts";
import { hostOf, keepalivedConf, virtualAddress } from "./keepalived.ts";

export interface VirtualIpArgs {
  plan: HostsPlan;
  /** The cluster's id, see `DockerHosts`. */
  cluster: pulumi.Input<string>;
  /** The proxies. The address moves between their hosts; the host of the first one has it first. */
  proxies: readonly Member[];
}

/**
 * The virtual IP: one address for clients, on a host whose proxy answers. keepalived runs on the hosts themselves, under
 * systemd. There it needs no Docker, no quorum and no image to move the address, and when it is killed the address is
 * removed, too.
 */
export class VirtualIp extends pulumi.ComponentResource {
  /** Depend on this resource to wait until a host has the address and it can move. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: VirtualIpArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("VirtualIp", args, "plan", "cluster", "proxies");
    super("postgres-cluster:index:VirtualIp", name, {}, opts);
    const { plan, cluster, proxies } = args;
    const known = resolved(plan);
    let before: HostScript | undefined;
    for (const proxy of proxies) {
      const host = hostOf(plan.hosts, proxy);
      // One after another, so that the first host takes the address, and the two never change at the same time.
      before = new HostScript(
        `${name}-${host.name}`,
        {
          target: targetOfHost(plan.ssh, host),
          script: readScript("on-host/virtual-ip.sh", import.meta.url),
          variables: {
            HOST: host.name,
            ADDRESS: host.address,
            CLUSTER: cluster,
            VIRTUAL: known.apply(virtualAddress),
            ALIVE: pulumi.interpolate`http://${plan.virtualIp.address}:${clientPorts.stats}/alive`,
            KEEPALIVED_CONF: known.apply((plan) => keepalivedConf(plan, proxies, proxy)),
            START: readScript("on-host/virtual-ip-keepalived.sh", import.meta.url),
          },
          deletes: true,
        },
        { parent: this, ...(before && { dependsOn: [before] }) },
      );
    }
    if (!before) throw new Error(`${name}: a virtual IP needs a proxy`);
    this.ready = before;
    this.registerOutputs({});
  }
}
