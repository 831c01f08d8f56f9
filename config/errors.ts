/** What is wrong with one setting. */
export interface WrongSetting {
  /** Where, for example `["hosts", 1, "address"]`. */
  readonly path: readonly PropertyKey[];
  /** What is wrong and what to do about it, as `problem; fix`. */
  readonly message: string;
  /** The report does not show the value: it may be a secret, or does not help. */
  readonly hidden?: boolean;
}

/** A line of the report. */
export interface ReportedError {
  /** In the form of `formatPath`. */
  readonly path: string;
  /** `value <given>: problem; fix`. */
  readonly reason: string;
}

/** All errors of a configuration in one report. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  /** Sorted by path. */
  readonly errors: readonly ReportedError[];

  constructor(errors: readonly ReportedError[]) {
    const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
    const lines = errors.map(({ path, reason }) => `  ${path}: ${reason}`);
    super(`The configuration has ${count}; nothing was changed.\n${lines.join("\n")}`);
    this.errors = errors;
  }
}

/** A path in the form of `pulumi config set --path`: `hosts[1].address`. */
export function formatPath(path: readonly PropertyKey[]): string {
  const text = path
    .map((key) =>
      typeof key === "number"
        ? `[${key}]`
        : /^\w+$/.test(String(key))
          ? `.${String(key)}`
          : `["${String(key)}"]`,
    )
    .join("");
  return text.replace(/^\./, "") || "settings";
}

/** Where the report finds the values that it shows. */
export interface Values {
  /** The settings as the user wrote them. */
  readonly given: unknown;
  /** The settings with defaults filled in. */
  readonly complete: unknown;
  /** Top-level keys whose values are never shown. */
  readonly secrets: ReadonlySet<string>;
}

/** Each distinct error once, sorted by path; numbers in paths sort as numbers. */
export function reportOf(
  errors: readonly WrongSetting[],
  { given, complete, secrets }: Values,
): ReportedError[] {
  // Messages may name values of other settings, such as the subnet that an address is outside of.
  const words = [...secrets].flatMap((key) => textsIn(valueAt(given, [key])));
  const redact = (text: string) => words.reduce((rest, word) => rest.replaceAll(word, "…"), text);
  const lines = errors.map((error): ReportedError => {
    const path = formatPath(error.path);
    const hidden = error.hidden || secrets.has(String(error.path[0])) || SECRET.test(path);
    const written = describeValue(valueAt(given, error.path), hidden);
    const value =
      written ??
      describeValue(valueAt(complete, error.path) ?? undefined, hidden, " (default)") ??
      "no value";
    return { path, reason: `${value}: ${redact(error.message)}` };
  });
  const order = new Intl.Collator("en", { numeric: true });
  lines.sort((a, b) => order.compare(a.path, b.path) || order.compare(a.reason, b.reason));
  return lines.filter(
    ({ path, reason }, index) => path !== lines[index - 1]?.path || reason !== lines[index - 1]?.reason,
  );
}

/** All texts in a value that are long enough to be a secret. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return value.length > 3 ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** The value of an input at a path, or undefined. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (parent, key) =>
      typeof parent === "object" && parent !== null && Object.hasOwn(parent, key)
        ? (parent as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

const LONGEST_VALUE = 100;
/** Text that may hold a secret in any setting: keys, passwords in URLs and connection strings, names of secrets. */
const SECRET = /PRIVATE KEY|passw|secret|token|:[^/@\s]+@(?!sha256:)/i;

function describeValue(value: unknown, hidden: boolean, note = ""): string | undefined {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  if (hidden || SECRET.test(text)) return "value not shown";
  if (text.includes("{")) return Array.isArray(value) ? `value […]${note}` : `value {…}${note}`;
  return `value ${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text}${note}`;
}

/** The candidate that is most similar to a misspelt word; undefined if none is, or if several are equally similar. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(word.length / 3));
  const [best, next] = candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= allowed)
    .sort((a, b) => a.edits - b.edits);
  return best && best.edits !== next?.edits ? best.candidate : undefined;
}

/** Levenshtein distance: how many letters have to be inserted, removed or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
