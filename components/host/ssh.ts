import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
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
  /** The key file here, and the link to it, in the home folder, that `options` name; see `prepare`. */
  readonly key?: { readonly link: string; readonly file: string };
}

const option = (text: string): readonly string[] => ["-o", text];

const connect = readFileSync(new URL("./proxy-command.sh", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => !line.trimStart().startsWith("#"))
  .map((line) => line.trim())
  .join(" ")
  .trim();

type Login = Pick<SshConfig, "user" | "privateKeyFile">;

function targetOf(ssh: Login, alias: string, hosts: readonly HostConfig[]): Omit<SshTarget, "label"> {
  const places = hosts.map((host) => `${host.address}/${host.sshPort}`).join(" ");
  // The host keys travel with the options, so that no known_hosts file of the operator's machine matters
  // and the same state works from every machine. printf turns \n into line ends; the keys hold no percent sign.
  const knownHosts = hosts.map((host) => `${alias} ${host.hostKey}\\n`).join("");
  // The key's path differs from machine to machine and must not be in the state, so the options name a link to it.
  const link = keyLink(hosts);
  return {
    user: ssh.user,
    destination: `${ssh.user}@${alias}`,
    options: [
      ...option("BatchMode=yes"),
      // Includes the time until the host's greeting, see proxy-command.sh.
      ...option("ConnectTimeout=40"),
      ...option("ServerAliveInterval=5"),
      ...option("ServerAliveCountMax=3"),
      ...option("StrictHostKeyChecking=yes"),
      ...option("UserKnownHostsFile=/dev/null"),
      ...option("GlobalKnownHostsFile=/dev/null"),
      ...option(`HostKeyAlias=${alias}`),
      ...option(`KnownHostsCommand=/usr/bin/printf '${knownHosts}'`),
      ...option(`ProxyCommand=bash -c '${connect}' connect ${places}`),
      ...(ssh.privateKeyFile === undefined
        ? []
        : [...option("IdentitiesOnly=yes"), ...option(`IdentityFile=~/${link}`)]),
    ],
    ...(ssh.privateKeyFile !== undefined && { key: { link, file: ssh.privateKeyFile } }),
  };
}

/** The link to the key for these hosts, from the user's home folder. */
export function keyLink(hosts: readonly Pick<HostConfig, "hostKey">[]): string {
  return `.ssh/postgres-cluster-${idOf(hosts.map((host) => host.hostKey))}.key`;
}

const idOf = (content: unknown) =>
  createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 12);

/** One host, and no other. */
export function hostTarget(ssh: Login, host: HostConfig): SshTarget {
  return { label: host.name, ...targetOf(ssh, host.name, [host]) };
}

/**
 * Any manager: the first host that answers, so that one lost host does not stop an update.
 * `ssh` itself makes the choice, so the options, and with them the provider's state, never change.
 */
export function managerTarget(ssh: Login, hosts: readonly HostConfig[]): SshTarget {
  const id = idOf([ssh.user, hosts.map(({ address, sshPort, hostKey }) => [address, sshPort, hostKey])]);
  const target = targetOf(ssh, `manager-${id}`, hosts);
  return {
    label: "any manager",
    ...target,
    options: [
      ...target.options,
      // The provider opens a connection for every call; most of them share one.
      ...option("ControlMaster=auto"),
      ...option("ControlPersist=15"),
      ...option(`ControlPath=~/.ssh/postgres-cluster-${id}`),
    ],
  };
}

/**
 * Creates what the target's options name in the user's `~/.ssh`: the folder for shared connections, and the link to the key.
 * As in ssh, `~` is the home folder of the system's user database, not HOME.
 */
export function prepare({ key }: SshTarget): void {
  const home = sshHome();
  if (!key || readLink(join(home, key.link)) === key.file) return;
  // Atomically, because other processes may be connecting.
  const fresh = join(home, `${key.link}.${process.pid}`);
  symlinkSync(key.file, fresh);
  renameSync(fresh, join(home, key.link));
}

/** The user's home folder, with a `.ssh` in it. */
function sshHome(): string {
  const home = userInfo().homedir;
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  return home;
}

/** Writes a private key where only the user can read it, beside the links, and returns the file's path. */
export function keyFile(privateKey: string): string {
  const file = join(sshHome(), ".ssh", `postgres-cluster-${idOf(privateKey)}.pem`);
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${privateKey.trimEnd()}\n`, { mode: 0o600 });
  renameSync(fresh, file);
  return file;
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
