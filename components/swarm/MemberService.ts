import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Member } from "../../config/topology.ts";
import type { MountedFile } from "./files.ts";
import { ownLabel } from "./orphans.ts";
import type { SwarmAccess } from "./Swarm.ts";

/** Label of a container that says which group it belongs to; scripts on the hosts find members by it. */
export const groupLabel = "postgres-cluster.group";

export interface MemberServiceArgs {
  swarm: SwarmAccess;
  member: Member;
  /** `etcd`, `haproxy`, or a Patroni group's name. */
  group: string;
  /** Pinned by digest. */
  image: pulumi.Input<string>;
  /** Arguments for the image's entrypoint. */
  args?: string[];
  /** Environment variables; no secret. */
  env?: Record<string, string>;
  /** Ids of the networks that it is on. */
  networks: pulumi.Input<string>[];
  /** Secrets and configs, see files.ts. */
  files: MountedFile[];
  /** Where the member's volume is mounted. */
  dataPath?: string;
  /**
   * Folders in memory and their sizes in bytes. Besides these and the volume the container is read-only. If the image has the
   * folder, the member's user must be able to write to it there: the mount keeps its mode, but not its owner.
   */
  inMemory?: Readonly<Record<string, number>>;
  /** Kernel settings of the member's own network. Default: the kernel's. */
  sysctls?: Record<string, string>;
  /** Command that exits 0 when the member is ready. */
  ready: string[];
  /** Seconds that it gets to stop cleanly; a removal that takes longer fails. Default 30. */
  stopSeconds?: number;
  /** Ports published on its host's addresses. */
  ports?: number[];
}

/** As Docker's provider reads a duration back ("1m", "1m30s"); any other form would be a difference in every run. */
function duration(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return `${minutes > 0 ? `${minutes}m` : ""}${rest > 0 || minutes === 0 ? `${rest}s` : ""}`;
}

function taskSpec(args: MemberServiceArgs): docker.types.input.ServiceTaskSpec {
  const { member, files } = args;
  return {
    containerSpec: {
      image: args.image,
      ...(args.args && { args: args.args }),
      ...(args.env && { env: args.env }),
      hostname: member.name,
      ...(args.sysctls && { sysctl: args.sysctls }),
      labels: [ownLabel(args.swarm.cluster), { label: groupLabel, value: args.group }],
      // Every image runs as a user of its own that needs no capability, and no program can gain one.
      capDrops: ["ALL"],
      readOnly: true,
      mounts: [
        ...(member.volume && args.dataPath
          ? [{ type: "volume", source: member.volume, target: args.dataPath }]
          : []),
        ...Object.entries(args.inMemory ?? {}).map(([target, sizeBytes]) => ({
          type: "tmpfs",
          target,
          // No mode: Docker's own is 1777, too; named, it is read back without its sticky bit.
          tmpfsOptions: { sizeBytes },
        })),
      ],
      secrets: files.flatMap((file) => file.secret ?? []),
      configs: files.flatMap((file) => file.config ?? []),
      stopGracePeriod: duration(args.stopSeconds ?? 30),
      healthcheck: {
        tests: ["CMD", ...args.ready],
        interval: "3s",
        timeout: "5s",
        startPeriod: "0s",
        retries: 1_000_000_000,
      },
    },
    networksAdvanceds: args.networks.map((network) => ({ id: network })),
    placement: { constraints: [`node.labels.postgres-cluster.host==${member.host}`] },
    resources: {
      limits: { nanoCpus: Math.round(member.size.cpus * 1e9), memoryBytes: member.size.memory },
      reservation: { memoryBytes: member.size.memory },
    },
    restartPolicy: { condition: "any", delay: "1s", window: "0s" },
  };
}

/** Changes whenever the member's containers have to. */
export function specificationOf(args: MemberServiceArgs): pulumi.Output<string> {
  return pulumi
    .output(taskSpec(args))
    .apply((spec) => createHash("sha256").update(JSON.stringify(spec)).digest("hex").slice(0, 12));
}

/**
 * A member as a Swarm service of one replica, pinned to its host. Its name on the overlays is the member's own.
 * `ready` decides when the member counts as there (and gets its name); it never kills: a member that has lost its
 * leader, its quorum or its disk is handled by Patroni, and a restart would take its read service too.
 */
export class MemberService extends docker.Service {
  constructor(name: string, args: MemberServiceArgs, opts: pulumi.CustomResourceOptions) {
    const { swarm, member, ports = [] } = args;
    super(
      name,
      {
        name: member.name,
        labels: [ownLabel(swarm.cluster)],
        mode: { replicated: { replicas: 1 } },
        taskSpec: taskSpec(args),
        updateConfig: { parallelism: 1, order: "stop-first", failureAction: "pause" },
        // Names resolve to the member itself: Swarm's virtual IPs drop idle connections and need IPVS.
        endpointSpec: {
          mode: "dnsrr",
          ports: ports.map((port) => ({
            targetPort: port,
            publishedPort: port,
            protocol: "tcp",
            publishMode: "host",
          })),
        },
      },
      {
        ...opts,
        ...swarm.own,
        deleteBeforeReplace: true,
        hooks: { beforeCreate: [swarm.hooks.service] },
      },
    );
  }
}
