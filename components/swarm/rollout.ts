import type * as pulumi from "@pulumi/pulumi";
import { HostScript, readScript } from "../host/HostScript.ts";
import { MemberService, type MemberServiceArgs, specificationOf } from "./MemberService.ts";

export interface RolloutArgs {
  /** In the order in which they change. */
  services: readonly MemberServiceArgs[];
  /** Whether the first deployment waits until all of them are ready. Default: false. */
  awaitCreation?: boolean;
  /** What the first of them waits for. */
  after?: pulumi.Resource[];
}

/**
 * Changes services one after another, each when the one before it is ready again. It creates them without waiting in between,
 * because members of a quorum become ready only together.
 */
export function rollout(name: string, args: RolloutArgs, parent: pulumi.Resource): pulumi.Resource {
  const { services, awaitCreation = false, after = [] } = args;
  const label = ({ member }: MemberServiceArgs) => `${member.name}@${member.host}`;
  let before = after;
  for (const [index, service] of services.entries()) {
    const { swarm, member } = service;
    const wait = awaitCreation && index === services.length - 1;
    const created = new MemberService(`${name}-${member.name}`, service, { parent, dependsOn: before });
    before = [
      new HostScript(
        `${name}-${member.name}-ready`,
        {
          target: swarm.manager,
          script: readScript("on-host/rollout.sh", import.meta.url),
          variables: {
            MEMBERS: wait ? services.map(label).join(" ") : label(service),
            ON_CREATE: wait ? "wait" : "pass",
            SPECIFICATION: specificationOf(service),
          },
          updates: true,
          timeout: 250 * services.length,
        },
        { parent, dependsOn: [created] },
      ),
    ];
  }
  const [last] = before;
  if (!last) throw new Error(`${name}: a rollout needs a service`);
  return last;
}
