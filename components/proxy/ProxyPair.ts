import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { TimingConfig } from "../../config/ClusterConfig.ts";
import type { Group, Member } from "../../config/topology.ts";
import { keepalives } from "../host/keepalives.ts";
import { needed } from "../host/needed.ts";
import { clientPorts } from "../host/preflight.ts";
import type { CertificateAuthority } from "../security/CertificateAuthority.ts";
import { configFile, type MountedFile, secretFile } from "../swarm/files.ts";
import type { MemberServiceArgs } from "../swarm/MemberService.ts";
import { rollout } from "../swarm/rollout.ts";
import type { SwarmAccess } from "../swarm/Swarm.ts";
import { haproxyCfg, statisticsFile, statisticsUser } from "./haproxy.ts";

/** uid and gid of `haproxy` in images/proxy. */
const owner = { uid: 99, gid: 99, mode: 0o400 };

export interface ProxyPairArgs {
  swarm: SwarmAccess;
  authority: CertificateAuthority;
  /** Image reference, pinned by digest. */
  image: pulumi.Input<string>;
  /** The proxies, all of one size. */
  members: readonly Member[];
  timing: TimingConfig;
  /** Password of the statistics page; its user is `admin`. Default: the page asks for no password. */
  statisticsPassword?: pulumi.Input<string> | undefined;
  /** The group that clients connect to. */
  coordinators: Group;
}

/** HAProxy on two hosts; each publishes the clients' ports on its host's addresses. */
export class ProxyPair extends pulumi.ComponentResource {
  /** Depend on this resource to wait until both answer. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: ProxyPairArgs, opts?: pulumi.ComponentResourceOptions) {
    needed("ProxyPair", args, "swarm", "authority", "image", "members", "timing", "coordinators");
    super("postgres-cluster:index:ProxyPair", name, {}, opts);
    const { swarm, authority, image, members, timing, statisticsPassword, coordinators } = args;
    const [first] = members;
    if (!first) throw new Error(`${name}: a pair of proxies needs members`);
    const settings = configFile(
      `${name}-config`,
      {
        swarm,
        name: "haproxy-config",
        file: "/etc/haproxy/haproxy.cfg",
        content: haproxyCfg(
          { size: first.size, timing, login: statisticsPassword !== undefined },
          coordinators,
        ),
      },
      { parent: this },
    );
    const login = this.login(name, args);
    const services = members.map(
      (member): MemberServiceArgs => ({
        swarm,
        member,
        group: "haproxy",
        image,
        ...(login && { args: ["-f", `/run/secrets/${statisticsFile}`] }),
        networks: [swarm.networks.admin, swarm.networks.coordinators],
        files: [authority.trust, settings, ...(login ? [login] : [])],
        ready: ["curl", "-fsS", "-m", "2", "-o", "/dev/null", `http://127.0.0.1:${clientPorts.stats}/alive`],
        ports: Object.values(clientPorts),
        sysctls: keepalives,
      }),
    );
    this.ready = rollout(name, { services, awaitCreation: true }, this);
    this.registerOutputs({});
  }

  /** The user of the statistics page, if a password is set. */
  private login(
    name: string,
    { swarm, statisticsPassword: password }: ProxyPairArgs,
  ): MountedFile | undefined {
    if (password === undefined) return undefined;
    // The name of a secret has a hash of its content, from which a password that a person chose could be guessed.
    const salt = new random.RandomPassword(
      `${name}-statistics-salt`,
      { length: 32, special: false },
      { parent: this },
    ).result;
    return secretFile(
      `${name}-statistics`,
      {
        swarm,
        name: "haproxy-statistics",
        file: statisticsFile,
        content: pulumi.interpolate`# ${salt}\n${pulumi.secret(password).apply(statisticsUser)}`,
        owner,
      },
      { parent: this },
    );
  }
}
