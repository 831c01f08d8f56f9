import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Topology } from "../../config/topology.ts";
import { type HostsPlan, resolved } from "./HostsPlan.ts";
import { known } from "./known.ts";
import { checkLan, lanScripts } from "./lan.ts";
import { flowsOf } from "./lanFlows.ts";

export interface LanGateArgs {
  plan: HostsPlan;
  topology: Topology;
}

/**
 * A resource that is created when every host has reached every other, and replaced when the hosts or the check change. The
 * check is a hook, because it needs all hosts at the same time.
 */
export function lanGate(
  name: string,
  { plan, topology }: LanGateArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const hosts = resolved(plan);
  const hook = new pulumi.ResourceHook(`${name}-check`, async () => {
    const { faults, absent } = await checkLan(await known(hosts), topology);
    if (faults.length > 0) throw new Error(`the hosts do not reach each other\n${faults.join("\n")}`);
    for (const reason of Object.values(absent))
      await pulumi.log.warn(`${reason}; the LAN was checked without it`);
  });
  const check = hosts.apply((plan) => {
    const flows = flowsOf(plan, topology).map(({ from, to, name }) => [from.address, to.address, name]);
    return createHash("sha256")
      .update(JSON.stringify([flows, lanScripts]))
      .digest("hex");
  });
  return new random.RandomId(
    name,
    { byteLength: 8, keepers: { check } },
    { ...opts, hooks: { beforeCreate: [hook] } },
  );
}
