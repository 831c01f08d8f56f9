import * as pulumi from "@pulumi/pulumi";
import { readScript } from "../host/HostScript.ts";
import { known } from "../host/known.ts";
import { runScript } from "../host/runScript.ts";
import type { SshTarget } from "../host/ssh.ts";

/** Label of everything that a cluster makes in Docker: its id. */
export const ownLabel = (cluster: pulumi.Input<string>) => ({ label: "postgres-cluster", value: cluster });

const kinds = ["service", "network", "secret", "config"] as const;

/** A hook for each kind of Swarm object, to be bound as `beforeCreate`. */
export type OrphanHooks = Readonly<Record<(typeof kinds)[number], pulumi.ResourceHook>>;

/**
 * A run that is killed after Docker has created an object and before Pulumi has recorded it leaves an orphan, whose name (and
 * subnet) the next run needs. These hooks run before an object is created and remove such an orphan. No data is lost: it is in
 * volumes, which they never touch.
 */
export function orphanHooks(
  name: string,
  manager: pulumi.Output<SshTarget>,
  cluster: pulumi.Output<string>,
): OrphanHooks {
  const script = readScript("on-host/orphan.sh", import.meta.url);
  const hook = (kind: string) =>
    new pulumi.ResourceHook(`${name}-${kind}-orphan`, async (args) => {
      await runScript("create", {
        target: await known(manager),
        script,
        variables: { KIND: kind, NAME: String(args.newInputs?.name), CLUSTER: await known(cluster) },
        timeout: 90,
      });
    });
  return Object.fromEntries(kinds.map((kind) => [kind, hook(kind)])) as Record<
    (typeof kinds)[number],
    pulumi.ResourceHook
  >;
}
