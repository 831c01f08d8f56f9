/** Finds the settings among the values of a stack's configuration. */

import { nearest, type ReportedError, SettingsError } from "./errors.ts";
import { settingsSchema } from "./schema.ts";

/** Settings have this prefix, whatever the project is called. */
const NAMESPACE = "postgres-cluster";
export const PREFIX = `${NAMESPACE}:`;

/**
 * Returns the settings by their names without the namespace. Throws a SettingsError that lists settings under another
 * namespace: Pulumi puts a key without a namespace under the project's. All other keys belong to other programs.
 */
export function stackSettings(
  config: Readonly<Record<string, unknown>>,
  project: string,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  const misplaced: ReportedError[] = [];
  for (const [key, value] of Object.entries(config)) {
    const [name = "", namespace = project] = key.split(":").reverse();
    if (namespace === NAMESPACE) settings[name] = decode(value);
    else if (namespace === project ? isSetting(name) : nearest(namespace, [NAMESPACE])) {
      const reason =
        `value not shown: not read, because settings begin with ${PREFIX}, whatever the project is called; ` +
        `rename it to ${PREFIX}${name} in the stack's file, and write ${PREFIX} before keys in pulumi config set`;
      misplaced.push({ path: key, reason });
    }
  }
  if (misplaced.length > 0) throw new SettingsError(misplaced.sort((a, b) => a.path.localeCompare(b.path)));
  return settings;
}

/** Whether a name, or a path that became a name, begins with that of a setting. */
export function isSetting(name: string): boolean {
  return Object.hasOwn(settingsSchema.shape, /^\w*/.exec(name)?.[0] ?? "");
}

/** Pulumi passes a group or a list of settings as JSON, and a single value as text. */
function decode(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
