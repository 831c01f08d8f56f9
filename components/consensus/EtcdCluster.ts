import * as pulumi from "@pulumi/pulumi";
import type { Member } from "../../config/topology.ts";
import { needed } from "../host/needed.ts";
import type { CertificateAuthority } from "../security/CertificateAuthority.ts";
import { configFile } from "../swarm/files.ts";
import type { MemberServiceArgs } from "../swarm/MemberService.ts";
import { rollout } from "../swarm/rollout.ts";
import type { SwarmAccess } from "../swarm/Swarm.ts";
import { etcdGroup, etcdYaml } from "./etcd.ts";

/** uid and gid of `etcd` in images/etcd. */
const owner = { uid: 2379, gid: 2379, mode: 0o400 };

export interface EtcdClusterArgs {
  swarm: SwarmAccess;
  authority: CertificateAuthority;
  /** Image reference, pinned by digest. */
  image: pulumi.Input<string>;
  members: readonly Member[];
}

/** etcd with mutual TLS: Patroni's store for leader election and configuration. */
export class EtcdCluster extends pulumi.ComponentResource {
  /** Depend on this resource to wait until every member runs. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("EtcdCluster", args, "swarm", "authority", "image", "members");
    super("postgres-cluster:index:EtcdCluster", name, {}, opts);
    const { swarm, authority, image, members } = args;
    const services = members.map((member): MemberServiceArgs => {
      const prefix = `${name}-${member.name}`;
      return {
        swarm,
        member,
        group: etcdGroup,
        image,
        args: ["--config-file", "/etc/etcd/etcd.yml"],
        networks: [swarm.networks.coordinators, swarm.networks.workers],
        files: [
          ...authority.issue(prefix, { member: member.name, owner }, { parent: this }),
          configFile(
            `${prefix}-config`,
            {
              swarm,
              name: `${member.name}-config`,
              file: "/etc/etcd/etcd.yml",
              content: etcdYaml(member, members),
            },
            { parent: this },
          ),
        ],
        dataPath: "/var/lib/etcd",
        ready: ["etcd-alive"],
        stopSeconds: 60,
      };
    });
    this.ready = rollout(name, { services }, this);
    this.registerOutputs({});
  }
}
