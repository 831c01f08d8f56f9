import { homedir } from "node:os";
import { join } from "node:path";
import type { ClusterConfig } from "../../../config/ClusterConfig.ts";
import { parseSettings, SettingsError } from "../../../config/parse.ts";

/** A host key with its own data, well-formed as ssh-keyscan prints it. */
export function keyOf(number: number): string {
  const type = Buffer.from("ssh-ed25519");
  const data = Buffer.concat([
    Buffer.from([0, 0, 0, type.length]),
    type,
    Buffer.from([0, 0, 0, 32]),
    Buffer.alloc(32, number),
  ]);
  return `ssh-ed25519 ${data.toString("base64")}`;
}

export const DIGEST = `@sha256:${"0123456789abcdef".repeat(4)}`;

/** Hosts at 10.0.0.10 and up. */
export function hostsOf(count: number): { name: string; address: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `host-${index + 1}`,
    address: `10.0.0.${10 + index}`,
  }));
}

/** host-1, host-2, … */
export function namesOf(count: number): string[] {
  return hostsOf(count).map(({ name }) => name);
}

const FILES: Readonly<Record<string, string>> = {
  known_hosts: Array.from({ length: 16 }, (_, index) => `10.0.0.${10 + index} ${keyOf(index)}`).join("\n"),
  "build/images.json": JSON.stringify({
    etcd: `registry/etcd${DIGEST}`,
    database: `registry/database${DIGEST}`,
    proxy: `registry/proxy${DIGEST}`,
    citus: "14.0.0",
  }),
};

const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  [join(homedir(), "sql")]: [],
  "wrong-migrations": ["users.sql", "001_a.sql", "1_b.sql", "README.md"],
};

/** Serves the files above and those given; a path to null cannot be found. */
export function readerOf(files: Readonly<Record<string, string | null>> = {}): (path: string) => string {
  return (path) => {
    const text: string | null | undefined = Object.hasOwn(files, path) ? files[path] : FILES[path];
    if (typeof text === "string") return text;
    return notFound(path);
  };
}

function notFound(path: string): never {
  throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT" });
}

type Settings = Readonly<Record<string, unknown>>;

/** The configuration of settings that hold only what differs from a valid whole. */
export function parse(
  settings: Settings = {},
  files?: Readonly<Record<string, string | null>>,
): ClusterConfig {
  return parseSettings(
    { ssh: { knownHostsFile: "known_hosts" }, ...settings },
    {
      readFile: readerOf(files),
      readFolder: (path) => FOLDERS[path] ?? notFound(path),
    },
  );
}

/** The lines of the report on such settings. */
export function faultsOf(
  settings: Settings,
  files?: Readonly<Record<string, string | null>>,
): readonly string[] {
  try {
    parse(settings, files);
  } catch (error) {
    if (error instanceof SettingsError) return error.errors.map(({ path, reason }) => `${path}: ${reason}`);
    throw error;
  }
  throw new Error("the settings were accepted");
}
