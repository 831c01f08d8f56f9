/** The settings among the values of a stack's configuration. */

import { nearest, type ReportedError, SettingsError } from "./errors.ts";
import { settingsSchema } from "./schema.ts";

/** Settings are under this name, whatever the project's is. */
const NAMESPACE = "postgres-cluster";
export const PREFIX = `${NAMESPACE}:`;

/**
 * The settings, by their names without the namespace. Throws a SettingsError that lists those under another namespace: Pulumi
 * takes a key that is given without one for one of the project's. What else is there belongs to other programs.
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
        `value not shown: not read, since settings are under ${PREFIX}, whatever the project's name; ` +
        `rename it to ${PREFIX}${name} in the stack's file, and write ${PREFIX} before keys in pulumi config set`;
      misplaced.push({ path: key, reason });
    }
  }
  if (misplaced.length > 0) throw new SettingsError(misplaced.sort((a, b) => a.path.localeCompare(b.path)));
  return settings;
}

/** Whether a name, or a path that was taken for a name, begins as a setting does. */
export function isSetting(name: string): boolean {
  return Object.hasOwn(settingsSchema.shape, /^\w*/.exec(name)?.[0] ?? "");
}

/** Pulumi hands a group or a list of settings over as JSON, and a single value as its text. */
function decode(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
