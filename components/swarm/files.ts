import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ownLabel } from "./orphans.ts";
import type { SwarmAccess } from "./Swarm.ts";

/** Who may read a file in the container: uid and gid of the image's user, mode in octal. */
export interface FileOwner {
  uid: number;
  gid: number;
  mode: number;
}

/** A Swarm secret or config as a service mounts it. */
export interface MountedFile {
  readonly secret?: docker.types.input.ServiceTaskSpecContainerSpecSecret;
  readonly config?: docker.types.input.ServiceTaskSpecContainerSpecConfig;
}

/** The new one is created before the old one is deleted; Docker's provider would do it the other way round. */
const inOrder = { deleteBeforeReplace: false } as const;

const hashed = (name: string, content: pulumi.Input<string>) =>
  // The hash of a secret appears in its name: 48 bits of a hash of high-entropy content give nothing away.
  pulumi.unsecret(
    pulumi
      .output(content)
      .apply((text) => `${name}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`),
  );

/**
 * Content that others must not read, under /run/secrets. Swarm's secrets cannot change, so new content is a new secret: it is
 * created, the services move over, and the old one is deleted.
 */
export function secretFile(
  name: string,
  args: { swarm: SwarmAccess; name: string; file: string; content: pulumi.Input<string>; owner: FileOwner },
  opts: pulumi.CustomResourceOptions,
): MountedFile {
  const { swarm, owner } = args;
  const secret = new docker.Secret(
    name,
    {
      name: hashed(args.name, args.content),
      data: pulumi.secret(args.content).apply((text) => Buffer.from(text).toString("base64")),
      labels: [ownLabel(swarm.cluster)],
    },
    { ...opts, ...swarm.own, ...inOrder, hooks: { beforeCreate: [swarm.hooks.secret] } },
  );
  return {
    secret: {
      secretId: secret.id,
      secretName: secret.name,
      fileName: args.file,
      fileUid: String(owner.uid),
      fileGid: String(owner.gid),
      fileMode: owner.mode,
    },
  };
}

/** Content that everybody may see, at an absolute path; replaced like a secret. A preview shows its changes. */
export function configFile(
  name: string,
  args: { swarm: SwarmAccess; name: string; file: string; content: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): MountedFile {
  const { swarm } = args;
  const config = new docker.ServiceConfig(
    name,
    { name: hashed(args.name, args.content), dataRaw: args.content, labels: [ownLabel(swarm.cluster)] },
    { ...opts, ...swarm.own, ...inOrder, hooks: { beforeCreate: [swarm.hooks.config] } },
  );
  return { config: { configId: config.id, configName: config.name, fileName: args.file, fileMode: 0o444 } };
}
