import { readdirSync, readFileSync } from "node:fs";
import type { z } from "zod";
import type { ClusterConfig, HostConfig } from "./ClusterConfig.ts";
import { type Candidate, candidateOf } from "./checks/candidate.ts";
import { CHECKS } from "./checks/index.ts";
import { describeSettings, keysAt, placesIn, settingsIn } from "./describe.ts";
import { formatPath, nearest, reportOf, SettingsError, type WrongSetting } from "./errors.ts";
import { type FileContents, type Files, readFiles } from "./files.ts";
import { lenientParser } from "./lenient.ts";
import { type Settings, settingsSchema } from "./schema.ts";
import { isSetting, PREFIX } from "./stack.ts";

export { SettingsError } from "./errors.ts";

/** Files are read from the file system by default. */
export interface ParseOptions extends Partial<Files> {
  /**
   * The stack's top-level keys with encrypted values: their values are never shown, and a secret under any other key is an
   * error. Default: plain text is accepted everywhere.
   */
  secrets?: ReadonlySet<string> | undefined;
  /** Paths of values that are null because they are known only later. They are not checked, and are null in the configuration. */
  unknown?: readonly (readonly PropertyKey[])[];
}

/**
 * Turns settings into the configuration of the cluster. It reads the files that the settings name and has no side effects.
 * Throws one SettingsError that lists every error.
 */
export function parseSettings(input: unknown, options: ParseOptions = {}): ClusterConfig {
  const { secrets, unknown = [] } = options;
  const result = settingsSchema.safeParse(input, {
    error: ({ code, expected }) => structure(code, expected),
  });
  // If a value is wrong or unknown, the checks still see all others.
  const settings = result.success ? result.data : parseLeniently(input);
  const files = settings && readFiles(settings, { ...fileSystem, ...options });
  const candidate = files && candidateOf(settings, files.hostKeys);
  const isUnknown = new Set(unknown.map(formatPath));
  const errors = [
    ...(result.error?.issues ?? [])
      .filter(({ path }) => !isUnknown.has(formatPath(path)))
      .flatMap(schemaErrors),
    ...(files?.errors ?? []),
    ...(candidate ? CHECKS.flatMap(([, check]) => [...check(candidate)]) : []),
    ...(secrets ? plainSecrets(input, secrets) : []),
    ...neededAtOnce(unknown),
  ];
  if (!candidate || !files?.images || errors.length > 0) {
    throw new SettingsError(
      reportOf(errors, {
        given: input,
        complete: { ...settings, hosts: candidate?.hosts },
        secrets: secrets ?? new Set(),
      }),
    );
  }
  // There are no errors, so values that are null are unknown.
  return deepFreeze(configOf(settings as Settings, candidate, files.hostKeys, files.images));
}

const fileSystem: Files = {
  readFile: (path) => readFileSync(path, "utf8"),
  readFolder: (path) => readdirSync(path),
};

const parseLeniently = lenientParser(settingsSchema);

/** The message where a group or a list of settings is expected; single values have messages of their own. */
function structure(code: string, expected: unknown): string | undefined {
  if (code !== "invalid_type") return undefined;
  return expected === "array"
    ? "not a list; write each entry on a line of its own that begins with a hyphen"
    : "not a group of settings; write its keys on lines of their own, indented, or remove it";
}

function schemaErrors(issue: z.core.$ZodIssue): WrongSetting[] {
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => {
    const isPath = issue.path.length === 0 && /^\w+[.[]/.test(key) && isSetting(key);
    const message = isPath ? withoutPath(key) : `unknown setting; ${meant(issue.path, key)}`;
    return { path: [...issue.path, key], message, hidden: true };
  });
}

function withoutPath(key: string): string {
  const setting = `'${PREFIX}${key}'`;
  return (
    "a path that was set without --path, so it became a key that is not read; " +
    `run pulumi config rm ${setting}, then pulumi config set --path ${setting} and the value`
  );
}

/** A suggestion for a key that the schema does not have at that path. */
function meant(path: readonly PropertyKey[], key: string): string {
  const schema = describeSettings();
  const known = keysAt(schema, path);
  const near = nearest(key, known);
  if (near) return `did you mean ${near}?`;
  const elsewhere = settingsIn(schema).find((setting) => setting.path.endsWith(`.${key}`));
  return elsewhere ? `did you mean ${elsewhere.path}?` : `remove it, or use one of ${known.join(", ")}`;
}

/** Quoted for a shell, which would read brackets as a pattern. */
const quoted = (word: string) => (word.includes("[") ? `'${word}'` : word);

/** Errors for outputs in settings that determine which resources there are: those have to be plain values. */
function neededAtOnce(unknown: readonly (readonly PropertyKey[])[]): WrongSetting[] {
  const inputs = new Set(settingsIn(describeSettings()).flatMap(({ path, input }) => (input ? [path] : [])));
  const message = "known only later, but it determines which resources there are; give a plain value";
  return unknown
    .filter((path) => !inputs.has(formatPath(path).replaceAll(/\[\d+\]/g, "[]")))
    .map((path) => ({ path, message, hidden: true }));
}

/** Errors for secrets that the stack's settings have as plain text. */
function plainSecrets(input: unknown, secrets: ReadonlySet<string>): WrongSetting[] {
  const places = settingsIn(describeSettings())
    .filter(({ secret }) => secret)
    .flatMap(({ path }) => placesIn(input, path));
  return places
    .filter(([key]) => !secrets.has(String(key)))
    .map((path) => {
      const command = `pulumi config set --secret --path ${quoted(`${PREFIX}${formatPath(path)}`)}`;
      return { path, message: `plain text; set a new one, encrypted: ${command}`, hidden: true };
    });
}

/** The configuration from valid settings. */
function configOf(
  { ssh, hosts, images, ...settings }: Settings,
  { placement, topology }: Candidate,
  hostKeys: FileContents["hostKeys"],
  references: NonNullable<FileContents["images"]>,
): ClusterConfig {
  const { user, privateKeyFile, privateKey } = ssh;
  return {
    ...settings,
    ssh: { user, ...(privateKeyFile && { privateKeyFile }), ...(privateKey !== undefined && { privateKey }) },
    hosts: hosts.map((host, index): HostConfig => {
      const { name, address, sshPort, cpus, memory, storage } = host;
      const capacity = { ...(cpus && { cpus }), ...(memory && { memory }), ...(storage && { storage }) };
      // A host without a key is an error, so here every host has one, or it is unknown.
      return { name, address, sshPort, hostKey: hostKeys[index] as string, capacity };
    }),
    placement,
    topology,
    images: { ...references, insecureRegistries: images.insecureRegistries, registries: images.registries },
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
