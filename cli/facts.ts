import { z } from "zod";
import type { LanReport } from "../components/host/lan.ts";

/** What `status.sh host` prints. */
export const hostFacts = z.object({
  holdsVip: z.boolean(),
  manages: z.boolean(),
  runsDatabase: z.boolean(),
  /** The cluster's firewall rules and Docker's are loaded. */
  firewall: z.boolean(),
  /** For each volume, the copies of writes that a failover of its group lost. */
  diverged: z.array(
    z.object({
      volume: z.string(),
      /** Where the copies are on the host. */
      folder: z.string(),
      copies: z.number(),
      /** When the first copy was made, in seconds since 1970. */
      since: z.number(),
      /** Size of all copies; null if counting took too long. */
      bytes: z.number().nullable(),
    }),
  ),
});
export type HostFacts = z.output<typeof hostFacts>;

const groupView = z.object({
  paused: z.boolean(),
  members: z.array(
    z.object({
      name: z.string(),
      role: z.string(),
      state: z.string(),
      timeline: z.number().nullable(),
      /** Replication lag in bytes; the leader has none. */
      lag: z.union([z.number(), z.literal("unknown")]).nullable(),
      pendingRestart: z.boolean(),
    }),
  ),
});

const citus = z.object({
  version: z.string(),
  /** The primaries in Citus' list of nodes, with their Citus group. */
  nodes: z.array(z.object({ group: z.number(), name: z.string() })),
  workers: z.array(z.object({ name: z.string(), shards: z.number(), bytes: z.number().nullable() })),
});

/** The result of a client's login on one of the ports; null if no host could try. */
const login = z
  .union([z.object({ member: z.string().nullable(), standby: z.boolean() }), z.object({ error: z.string() })])
  .nullable();
export type Login = z.output<typeof login>;

/** What `status.sh cluster` prints; null stands for unknown. */
export const clusterFacts = z.object({
  swarm: z
    .object({
      nodes: z.array(
        z.object({
          host: z.string(),
          state: z.string(),
          availability: z.string(),
          manager: z.object({ Leader: z.boolean().optional(), Reachability: z.string() }).nullable(),
        }),
      ),
      tasks: z.array(z.object({ task: z.string(), state: z.string(), error: z.string() })),
      /** Configs that hold a certificate, in base64. */
      certificates: z.array(z.object({ config: z.string(), data: z.string() })),
      /** The largest LAN MTU that an overlay was created for; null if unknown. */
      mtu: z.number().nullable(),
    })
    .nullable(),
  proxies: z.array(z.object({ name: z.string(), up: z.boolean() })),
  clients: z.object({ writes: login, reads: login }),
  /** By name of the group. */
  groups: z.record(z.string(), groupView.nullable()).nullable(),
  sql: z.union([z.object({ citus: citus.nullable() }), z.object({ error: z.string() })]).nullable(),
});
export type ClusterFacts = z.output<typeof clusterFacts>;

/** A host's answer, or the reason why there is none. */
export type HostAnswer = HostFacts | { readonly error: string };

/** All answers of the hosts. */
export interface Facts {
  /** By name of the host. */
  readonly hosts: Readonly<Record<string, HostAnswer>>;
  /** Null if no host could answer. */
  readonly cluster: ClusterFacts | null;
  /** Which packets get through between the hosts. */
  readonly lan: LanReport;
}
