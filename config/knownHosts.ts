import { createHmac } from "node:crypto";

/** From the most to the least wanted. */
const KEY_TYPES = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-rsa",
];

/** The public key of a host in the text of a known_hosts file, as `ssh-ed25519 AAAA…`, or undefined. */
export function findHostKey(knownHosts: string, address: string, port: number): string | undefined {
  const entries = knownHosts
    .split("\n")
    // The first word of a comment, or of a line with a marker such as @revoked, is no host's name.
    .map((line) => line.trim().split(/\s+/));
  const names = port === 22 ? [address, `[${address}]:22`] : [`[${address}]:${port}`, address];
  for (const name of names) {
    for (const wanted of KEY_TYPES) {
      const key = entries.find(([hosts = "", type]) => type === wanted && matches(hosts, name));
      if (key?.[2]) return `${wanted} ${key[2]}`;
    }
  }
  return undefined;
}

/** Whether a known_hosts entry is for that name; names may be hashed as `|1|salt|hash`. */
function matches(hosts: string, name: string): boolean {
  const [, version, salt = "", hash] = hosts.split("|");
  return version === "1"
    ? createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash
    : hosts.split(",").includes(name);
}
