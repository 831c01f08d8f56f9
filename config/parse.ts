import { readFileSync } from "node:fs";
import type { z } from "zod";
import type { ClusterConfig, HostConfig, PlacementConfig } from "./ClusterConfig.ts";
import { candidateOf } from "./checks/candidate.ts";
import { CHECKS } from "./checks/index.ts";
import { describeSettings, keysAt, settingsIn } from "./describe.ts";
import { nearest, reportLines, SettingsError, type WrongSetting } from "./errors.ts";
import { type FileContents, readFiles } from "./files.ts";
import { type Lenient, lenientParser } from "./lenient.ts";
import type { ClusterSettings } from "./Settings.ts";
import { type Settings, settingsSchema } from "./schema.ts";
import { isSetting, PREFIX } from "./stack.ts";

export { SettingsError } from "./errors.ts";

/**
 * Turns a stack's settings into the configuration of the cluster; pure but for the files that the settings name.
 * Throws one SettingsError that lists every error. `secrets` are a stack's top-level keys with encrypted values: nothing under
 * them is ever shown, and what has to be encrypted is refused elsewhere. Without it nothing is asked to be encrypted.
 */
export function parseSettings(
  input: ClusterSettings,
  readFile: (path: string) => string = (path) => readFileSync(path, "utf8"),
  secrets?: ReadonlySet<string>,
): ClusterConfig {
  const result = settingsSchema.safeParse(input, {
    error: ({ code, expected }) => structure(code, expected),
  });
  // Where a value is wrong the checks still see all others.
  const settings = result.success ? result.data : parseLeniently(input);
  const files = settings && readFiles(settings, readFile);
  const candidate = files && candidateOf(settings, files.hostKeys);
  const errors = [
    ...(result.error?.issues.flatMap(schemaErrors) ?? []),
    ...(files?.errors ?? []),
    ...(candidate ? CHECKS.flatMap(([, check]) => [...check(candidate)]) : []),
    ...(secrets ? plainSecrets(settings, secrets) : []),
  ];
  if (!result.success || !candidate || !files?.images || errors.length > 0) {
    throw new SettingsError(
      reportLines(errors, {
        given: input,
        complete: { ...settings, hosts: candidate?.hosts },
        secrets: secrets ?? new Set(),
      }),
    );
  }
  return deepFreeze(configOf(result.data, candidate.placement, files.hostKeys, files.images));
}

const parseLeniently = lenientParser(settingsSchema);

/** What is wrong where a group or a list of settings is needed; single values have messages of their own. */
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
    "a path that was set without --path, which makes it a key that nothing reads; " +
    `run pulumi config rm ${setting}, then pulumi config set --path ${setting} and the value`
  );
}

/** What a user may have wanted with a key that the schema does not have there. */
function meant(path: readonly PropertyKey[], key: string): string {
  const schema = describeSettings();
  const known = keysAt(schema, path);
  const near = nearest(key, known);
  if (near) return `did you mean ${near}?`;
  const elsewhere = settingsIn(schema).find((setting) => setting.path.endsWith(`.${key}`));
  return elsewhere ? `did you mean ${elsewhere.path}?` : `remove it, or use one of ${known.join(", ")}`;
}

/** What stands in a stack's settings as plain text and must not. */
function plainSecrets(settings: Lenient<Settings>, secrets: ReadonlySet<string>): WrongSetting[] {
  if (!settings?.proxy?.statistics?.password || secrets.has("proxy")) return [];
  const path = ["proxy", "statistics", "password"];
  const command = `pulumi config set --secret --path ${PREFIX}${path.join(".")}`;
  return [{ path, message: `plain text; set another one, encrypted: ${command}` }];
}

/** The configuration that valid settings amount to. */
function configOf(
  { ssh, hosts, images, ...settings }: Settings,
  placement: PlacementConfig,
  hostKeys: FileContents["hostKeys"],
  references: NonNullable<FileContents["images"]>,
): ClusterConfig {
  return {
    ...settings,
    ssh: { user: ssh.user, ...(ssh.privateKeyFile && { privateKeyFile: ssh.privateKeyFile }) },
    hosts: hosts.map((host, index): HostConfig => {
      const { name, address, sshPort, cpus, memory, storage } = host;
      const capacity = { ...(cpus && { cpus }), ...(memory && { memory }), ...(storage && { storage }) };
      // A host without a key is an error, so here every host has one.
      return { name, address, sshPort, hostKey: hostKeys[index] as string, capacity };
    }),
    placement,
    images: { ...references, insecureRegistries: images.insecureRegistries },
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
