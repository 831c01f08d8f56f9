import { getProject, RunError, runtime } from "@pulumi/pulumi";
import { SettingsError } from "./errors.ts";
import { parseSettings } from "./parse.ts";
import { PREFIX, stackSettings } from "./stack.ts";

/** The settings of the running stack, checked. Ends the program with one report of all errors if they are not valid. */
export function loadSettings(): Record<string, unknown> {
  try {
    const settings = stackSettings(runtime.allConfig(), getProject());
    // Checked here, too, because only a stack has values that must be encrypted and not shown.
    parseSettings(settings, { secrets: secretKeys() });
    return settings;
  } catch (error) {
    // A RunError is printed without a stack trace.
    throw error instanceof SettingsError ? new RunError(error.message) : error;
  }
}

/** The keys whose values are secret, entirely or in part. The engine lists them in the environment. */
function secretKeys(): ReadonlySet<string> {
  const keys: string[] = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]");
  return new Set(keys.map((key) => key.slice(PREFIX.length)));
}
