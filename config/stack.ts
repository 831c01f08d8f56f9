/** The settings among the values of a stack's configuration. */

export const PREFIX = "postgres-cluster:";

/** Pulumi hands a group or a list of settings over as JSON, and a single value as its text. */
export function decode(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
