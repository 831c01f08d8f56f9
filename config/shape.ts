import type { z } from "zod";
import type { Fault } from "./faults.ts";
import { nearest } from "./nearest.ts";
import { type Settings, settingsSchema } from "./schema.ts";
import { keysAt, sectionsOf } from "./walk.ts";

/** The settings as the schema reads them, or every place where they do not have its shape. */
export function parseShape(input: unknown): {
  readonly settings?: Settings;
  readonly faults: readonly Fault[];
} {
  const result = settingsSchema.safeParse(input, {
    error: ({ code, expected }) => structure(code, expected),
  });
  return result.success
    ? { settings: result.data, faults: [] }
    : { faults: result.error.issues.flatMap((issue) => faultsOf(issue)) };
}

/** What is wrong where a group or a list of settings is needed; single values have messages of their own. */
function structure(code: string, expected: unknown): string | undefined {
  if (code !== "invalid_type") return undefined;
  return expected === "array"
    ? "not a list; write each entry on a line of its own that begins with a hyphen"
    : "not a group of settings; write its keys on lines of their own, indented, or remove it";
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    message: `unknown setting; ${meant(issue.path, key)}`,
    hidden: true,
  }));
}

/** What a user may have wanted with a key that the schema does not have there. */
function meant(path: readonly PropertyKey[], key: string): string {
  const known = keysAt(settingsSchema, path);
  const near = nearest(key, known);
  if (near) return `did you mean ${near}?`;
  const elsewhere = sectionsOf(settingsSchema)
    .flatMap(({ settings }) => settings.map((setting) => setting.path))
    .find((other) => other.endsWith(`.${key}`));
  return elsewhere ? `did you mean ${elsewhere}?` : `remove it, or use one of ${known.join(", ")}`;
}
