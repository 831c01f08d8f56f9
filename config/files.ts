import { createHmac } from "node:crypto";
import { z } from "zod";
import type { ImagesConfig } from "./ClusterConfig.ts";
import type { WrongSetting } from "./errors.ts";
import { image } from "./fields.ts";
import type { Lenient } from "./lenient.ts";
import { migrationErrors } from "./migrations.ts";
import type { Settings } from "./schema.ts";

/** How files are read. */
export interface Files {
  /** Returns the text of a file, or throws. */
  readonly readFile: (path: string) => string;
  /** Returns the names of the files in a folder, or throws. */
  readonly readFolder: (path: string) => readonly string[];
}

/** The contents of the files that the settings name. */
export interface FileContents {
  /** The key of each host, from its setting or from the file; undefined if there is none. */
  readonly hostKeys: readonly (string | undefined)[];
  /** Undefined if a reference is missing. */
  readonly images: Pick<ImagesConfig, "etcd" | "database" | "proxy" | "citus" | "ruvector"> | undefined;
  readonly errors: readonly WrongSetting[];
}

type LenientSettings = NonNullable<Lenient<Settings>>;

/** Returns the text of a file; adds an error and returns null if it cannot be read. */
type Attempt = (path: string, at: WrongSetting["path"], fix?: string) => string | null;

/** Reads the files that valid settings name. */
export function readFiles(settings: LenientSettings, { readFile, readFolder }: Files): FileContents {
  const errors: WrongSetting[] = [];
  const attempt: Attempt = (path, at, fix = "correct the path, or make the file readable") =>
    attempted(() => readFile(path), at, { kind: "file", fix }, errors);
  // ssh will read the private key; here it is only checked that it can be read.
  if (settings.ssh?.privateKeyFile) attempt(settings.ssh.privateKeyFile, ["ssh", "privateKeyFile"]);
  const folder = settings.database?.migrations;
  if (folder) {
    const at = ["database", "migrations"];
    const fix = "correct the path, or remove the setting";
    const names = attempted(() => readFolder(folder), at, { kind: "folder", fix }, errors) ?? [];
    errors.push(...migrationErrors(names).map((message) => ({ path: at, message })));
  }
  return { hostKeys: hostKeys(settings, attempt, errors), images: images(settings, attempt, errors), errors };
}

/** What `read` returns; adds an error and returns null if it throws. */
function attempted<T>(
  read: () => T,
  at: WrongSetting["path"],
  { kind, fix }: { kind: string; fix: string },
  errors: WrongSetting[],
): T | null {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const problem = code === "ENOENT" ? `no such ${kind}` : `cannot be read${code ? ` (${code})` : ""}`;
    errors.push({ path: at, message: `${problem}; ${fix}` });
    return null;
  }
}

function hostKeys(settings: LenientSettings, attempt: Attempt, errors: WrongSetting[]) {
  const file = settings.ssh === null ? null : settings.ssh.knownHostsFile;
  const known = file ? attempt(file, ["ssh", "knownHostsFile"]) : file;
  return (settings.hosts ?? []).map((host, index): string | undefined => {
    if (!host || host.hostKey !== undefined) return host?.hostKey ?? undefined;
    const { address, sshPort } = host;
    if (!address || !sshPort || known === null) return undefined;
    const key = known && findHostKey(known, address, sshPort);
    if (key) return key;
    const scan = `ssh-keyscan -t ed25519${sshPort === 22 ? "" : ` -p ${sshPort}`} ${address}`;
    const message = file
      ? `ssh.knownHostsFile has no key of ${address}; append to that file what this prints: ${scan}`
      : `the host's key is required; set it, or put it into ssh.knownHostsFile, as this prints it: ${scan}`;
    errors.push({ path: ["hosts", index, "hostKey"], message });
    return undefined;
  });
}

/** Most preferred first. */
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
    // The first word of a comment, or of a line with a marker such as @revoked, is not a host name.
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

const IMAGES = ["etcd", "database", "proxy"] as const;

function images(
  { images: settings, database: chosen }: LenientSettings,
  attempt: Attempt,
  errors: WrongSetting[],
): FileContents["images"] {
  if (!settings) return undefined;
  const complete = IMAGES.every((name) => settings[name] !== undefined);
  const manifest = complete ? undefined : readManifest(settings.manifest, attempt, errors);
  const etcd = settings.etcd ?? manifest?.etcd;
  const database = settings.database ?? manifest?.database;
  const proxy = settings.proxy ?? manifest?.proxy;
  if (etcd === undefined || database === undefined || proxy === undefined) return undefined;
  const own = settings.database !== undefined;
  const citus = own ? settings.citus : manifest?.citus;
  const ruvector = own ? settings.ruvector : manifest?.ruvector;
  if (chosen?.vectorEngine === "ruvector" && !ruvector) {
    const fix = own
      ? "set images.ruvector to the version that images.database has, or choose pgvector"
      : "run images/build with --with-ruvector, or choose pgvector";
    errors.push({
      path: ["database", "vectorEngine"],
      message: `the database image has no RuVector; ${fix}`,
    });
  }
  // A wrong reference is reported already, and an unknown one has no other source.
  const references = { etcd, database, proxy } as Record<(typeof IMAGES)[number], string>;
  return { ...references, citus: citus ?? null, ruvector: ruvector ?? null };
}

function readManifest(path: string | null, attempt: Attempt, errors: WrongSetting[]): Manifest | undefined {
  if (path === null) return undefined;
  const fix = "run make images, or set images.etcd, images.database and images.proxy";
  const text = attempt(path, ["images", "manifest"], fix);
  const manifest = text === null ? undefined : parseManifest(text);
  if (typeof manifest !== "string") return manifest;
  errors.push({ path: ["images", "manifest"], message: `${manifest}; ${fix}` });
  return undefined;
}

/** What `make images` writes to build/images.json. */
const manifestSchema = z.object({
  etcd: image(),
  database: image(),
  proxy: image(),
  citus: z.string().nullish(),
  ruvector: z.string().nullish(),
});

type Manifest = z.output<typeof manifestSchema>;

/** The manifest in a file's text, or what is wrong with it. */
function parseManifest(text: string): Manifest | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "the file is not JSON";
  }
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const keys = new Set(result.error.issues.map(({ path }) => path.join(".") || "the whole file"));
  return `the file is wrong at ${[...keys].join(", ")}`;
}
