import * as pulumi from "@pulumi/pulumi";
import type { Member } from "../../config/topology.ts";
import { HostScript, readScript } from "../host/HostScript.ts";
import { type HostsPlan, resolved, targetOfHost } from "../host/HostsPlan.ts";
import { clientPorts } from "../host/preflight.ts";
import { hostOf, keepalivedConf, virtualAddress } from "./keepalived.ts";

export interface VirtualIpArgs {
  plan: HostsPlan;
  /** The cluster's id, see `DockerHosts`. */
  cluster: pulumi.Input<string>;
  /** The proxies; the address moves between their hosts, and the first one's has it first. */
  proxies: readonly Member[];
}

/**
 * One address for the clients, held by the host whose proxy answers. keepalived runs on the hosts themselves, under
 * systemd: there it needs no Docker, no quorum and no image to move the address, and when it is killed the address
 * goes with it.
 */
export class VirtualIp extends pulumi.ComponentResource {
  /** When the address is held and can move. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: VirtualIpArgs, opts?: pulumi.ComponentResourceOptions) {
    super("postgres-cluster:index:VirtualIp", name, {}, opts);
    const { plan, cluster, proxies } = args;
    const known = resolved(plan);
    let before: HostScript | undefined;
    for (const proxy of proxies) {
      const host = hostOf(plan.hosts, proxy);
      // One after another: the first takes the address before the second could, and never do both change at once.
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
