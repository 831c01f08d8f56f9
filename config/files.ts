import type { ImagesConfig } from "./ClusterConfig.ts";
import type { Draft } from "./draft.ts";
import type { Fault } from "./faults.ts";
import { findHostKey } from "./knownHosts.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import type { Settings } from "./schema.ts";

/** Returns the text of a file, or throws. */
export type ReadFile = (path: string) => string;

/** What the files that the settings name hold. */
export interface FileContents {
  /** For each host its key, its own or the one found; undefined where there is none. */
  readonly hostKeys: readonly (string | undefined)[];
  /** Undefined where a reference is missing or wrong. */
  readonly images: Pick<ImagesConfig, "etcd" | "database" | "proxy" | "citus" | "ruvector"> | undefined;
  readonly faults: readonly Fault[];
}

/** Reads the files that valid settings name. */
export function readFiles(settings: NonNullable<Draft<Settings>>, readFile: ReadFile): FileContents {
  const faults: Fault[] = [];
  if (settings.ssh?.privateKeyFile)
    attempt(readFile, settings.ssh.privateKeyFile, ["ssh", "privateKeyFile"], faults);
  return {
    hostKeys: hostKeys(settings, readFile, faults),
    images: images(settings, readFile, faults),
    faults,
  };
}

/** The text of a file, or null and a fault where it cannot be read. */
function attempt(
  readFile: ReadFile,
  path: string,
  at: Fault["path"],
  faults: Fault[],
  fix = FIX,
): string | null {
  try {
    return readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const problem = code === "ENOENT" ? "no such file" : `cannot be read${code ? ` (${code})` : ""}`;
    faults.push({ path: at, message: `${problem}; ${fix}` });
    return null;
  }
}

const FIX = "correct the path, or make the file readable";

function hostKeys(settings: NonNullable<Draft<Settings>>, readFile: ReadFile, faults: Fault[]) {
  const file = settings.ssh === null ? null : settings.ssh.knownHostsFile;
  const known = file ? attempt(readFile, file, ["ssh", "knownHostsFile"], faults) : file;
  return (settings.hosts ?? []).map((host, index): string | undefined => {
    if (!host || host.hostKey !== undefined) return host?.hostKey ?? undefined;
    const { address, sshPort } = host;
    if (!address || !sshPort || known === null) return undefined;
    const key = known && findHostKey(known, address, sshPort);
    if (key) return key;
    const scan = `ssh-keyscan -t ed25519${sshPort === 22 ? "" : ` -p ${sshPort}`} ${address}`;
    const message = file
      ? `ssh.knownHostsFile has no key of ${address}; append to that file what this prints: ${scan}`
      : `the host's key is needed; set it, or ssh.knownHostsFile, to what this prints: ${scan}`;
    faults.push({ path: ["hosts", index, "hostKey"], message });
    return undefined;
  });
}

const IMAGES = ["etcd", "database", "proxy"] as const;

function images(
  { images: settings, database: chosen }: NonNullable<Draft<Settings>>,
  readFile: ReadFile,
  faults: Fault[],
): FileContents["images"] {
  if (!settings) return undefined;
  const complete = IMAGES.every((name) => settings[name] !== undefined);
  const manifest = complete ? undefined : readManifest(settings.manifest, readFile, faults);
  const etcd = settings.etcd ?? manifest?.etcd;
  const database = settings.database ?? manifest?.database;
  const proxy = settings.proxy ?? manifest?.proxy;
  if (!etcd || !database || !proxy) return undefined;
  const citus = settings.database ? settings.citus : manifest?.citus;
  const ruvector = settings.database ? settings.ruvector : manifest?.ruvector;
  if (chosen?.vectorEngine === "ruvector" && !ruvector) {
    const fix = settings.database
      ? "set images.ruvector to the version that images.database has, or choose pgvector"
      : "run images/build with --with-ruvector, or choose pgvector";
    faults.push({
      path: ["database", "vectorEngine"],
      message: `the database image has no RuVector; ${fix}`,
    });
  }
  return { etcd, database, proxy, citus: citus ?? null, ruvector: ruvector ?? null };
}

function readManifest(path: string | null, readFile: ReadFile, faults: Fault[]): Manifest | undefined {
  if (path === null) return undefined;
  const fix = "run make images, or set images.etcd, images.database and images.proxy";
  const text = attempt(readFile, path, ["images", "manifest"], faults, fix);
  const manifest = text === null ? undefined : parseManifest(text);
  if (typeof manifest !== "string") return manifest;
  faults.push({ path: ["images", "manifest"], message: `${manifest}; ${fix}` });
  return undefined;
}
