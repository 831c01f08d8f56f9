import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { HostConfig, SshConfig } from "../../config/ClusterConfig.ts";

/** A destination of `ssh`: one host, or whichever of several answers first in their order. */
export interface SshTarget {
  /** Who logs in. */
  readonly user: string;
  /** `user@name`; the name stands for the host key, the address comes from `options`. */
  readonly destination: string;
  /** Arguments for `ssh` before the destination; they hold no secret. */
  readonly options: readonly string[];
  /** Name for messages. */
  readonly label: string;
}

const option = (text: string): readonly string[] => ["-o", text];

function commonOptions(ssh: SshConfig, alias: string, hosts: readonly HostConfig[]): readonly string[] {
  // The host keys travel with the options, so that no known_hosts file of the operator's machine matters
  // and the same state works from every machine. printf turns \n into line ends; the keys hold no percent sign.
  const knownHosts = hosts.map((host) => `${alias} ${host.hostKey}\\n`).join("");
  return [
    ...option("BatchMode=yes"),
    ...option("ConnectTimeout=5"),
    ...option("ServerAliveInterval=5"),
    ...option("ServerAliveCountMax=3"),
    ...option("StrictHostKeyChecking=yes"),
    ...option("UserKnownHostsFile=/dev/null"),
    ...option("GlobalKnownHostsFile=/dev/null"),
    ...option(`HostKeyAlias=${alias}`),
    ...option(`KnownHostsCommand=/usr/bin/printf '${knownHosts}'`),
    ...(ssh.privateKeyFile === undefined
      ? []
      : [...option("IdentitiesOnly=yes"), ...option(`IdentityFile=${ssh.privateKeyFile}`)]),
  ];
}

/** One host, and no other. */
export function hostTarget(ssh: SshConfig, host: HostConfig): SshTarget {
  return {
    label: host.name,
    user: ssh.user,
    destination: `${ssh.user}@${host.name}`,
    options: [
      ...commonOptions(ssh, host.name, [host]),
      ...option(`Hostname=${host.address}`),
      ...option(`Port=${host.sshPort}`),
    ],
  };
}

/**
 * Any manager: the first host that accepts a connection, so that one lost host does not stop an update.
 * The choice is made inside `ssh`, hence the options, and with them the provider's state, never change.
 */
export function managerTarget(ssh: SshConfig, hosts: readonly HostConfig[]): SshTarget {
  const addresses = hosts.map((host) => `${host.address}/${host.sshPort}`).join(" ");
  const id = createHash("sha256")
    .update(JSON.stringify([ssh, hosts]))
    .digest("hex")
    .slice(0, 12);
  // A lost host neither refuses nor answers, so every probe is ended after two seconds. The second connection
  // is the one that ssh speaks through.
  const connect =
    `for a in ${addresses}; do (exec 3<>/dev/tcp/$a) 2>/dev/null & p=$!; (sleep 2; kill $p) >/dev/null 2>&1 & w=$!; ` +
    `if wait $p 2>/dev/null; then kill $w; exec 3<>/dev/tcp/$a; cat <&3 & exec cat >&3; fi; done; ` +
    `echo "no manager answers: ${addresses}" >&2; exit 1`;
  return {
    label: "any manager",
    user: ssh.user,
    destination: `${ssh.user}@manager-${id}`,
    options: [
      ...commonOptions(ssh, `manager-${id}`, hosts),
      ...option(`ProxyCommand=bash -c '${connect}'`),
      // The provider opens a connection for every call: sharing one keeps sshd from refusing the burst.
      ...option("ControlMaster=auto"),
      ...option("ControlPersist=15"),
      ...option(`ControlPath=~/.ssh/postgres-cluster-${id}`),
    ],
  };
}

/** Makes the folder that `managerTarget`'s shared connection lives in. */
export function prepareControlFolder(): void {
  mkdirSync(join(homedir(), ".ssh"), { recursive: true, mode: 0o700 });
}
