import { type Description, describeSettings } from "../../config/describe.ts";

/**
 * components/PostgresClusterArgs.ts: what the schema takes as plain interfaces, with the schema's words as their
 * documentation. Pulumi's schema generator knows no readonly lists, and no unions but those of `enumeration`.
 */
export function renderArgs(): string {
  const settings = { ...describeSettings(), description: OVERVIEW };
  return [INTRODUCTION, ...interfaces("", settings)].join("\n\n").concat("\n");
}

const INTRODUCTION = `// Generated from config/schema.ts: change that, then run npm run docs.
// biome-ignore-all lint/suspicious/noExplicitAny: Pulumi's schema generator knows no other type for text or a number.

import type * as pulumi from "@pulumi/pulumi";`;

const OVERVIEW =
  "The settings of a cluster, with the same names as a stack's settings under `postgres-cluster:`. docs/configuration.md lists " +
  "them. Settings that determine which resources there are have to be plain values; the others may be a `pulumi.Input`.";

/** A part of the schema, with what JSON Schema says of its type. */
interface Part extends Description {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly additionalProperties?: Part;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly items?: Part;
}

/** A group in a list has the name of one entry. */
const SINGULAR: Readonly<Record<string, string>> = { hosts: "host", registries: "registry" };

/** The interface of a group of settings, or of all settings if it has no name, followed by those of the groups in it. */
function interfaces(name: string, group: Part): string[] {
  const lines: string[] = [];
  const inner: string[] = [];
  for (const [key, part] of Object.entries(group.properties ?? {})) {
    const partName = name + capital(group.properties && part.items ? (SINGULAR[key] ?? key) : key);
    const type = part.input ? `pulumi.Input<${typeOf(part, partName)}>` : typeOf(part, partName);
    lines.push(
      ...comment([part.description, values(part)], "  "),
      group.required?.includes(key)
        ? `  readonly ${key}: ${type};`
        : `  readonly ${key}?: ${type}${part.enum ? "" : " | undefined"};`,
    );
    if (part.enum) inner.push(enumeration(partName, part.enum));
    const within = groupIn(part);
    if (within) inner.push(...interfaces(partName, within));
  }
  const own = [
    ...comment([group.description]),
    `export interface ${name ? `${name}Settings` : "PostgresClusterArgs"} {`,
    ...lines,
    "}",
  ];
  return [own.join("\n"), ...inner];
}

/** The values of a choice, for programs to name and for types. */
function enumeration(name: string, values: readonly string[]): string {
  const members = values.map((value) => `${value}: ${JSON.stringify(value)}`).join(", ");
  return [
    `export const ${name} = { ${members} } as const;`,
    `export type ${name} = (typeof ${name})[keyof typeof ${name}];`,
  ].join("\n");
}

/** The group that a setting is, or that it lists. */
function groupIn(part: Part): Part | undefined {
  return part.properties ? part : part.items && groupIn(part.items);
}

function typeOf(part: Part, name: string): string {
  if (part.properties) return `${name}Settings`;
  if (part.enum) return name;
  if (part.items) {
    const item = typeOf(part.items, name);
    return `${item.includes(" ") ? `(${item})` : item}[]`;
  }
  if (part.type === "object" && part.additionalProperties) return "Record<string, any>";
  return part.type === "integer" ? "number" : String(part.type);
}

/** The valid values of a setting, as in `Whole number, 20 to 3600, in seconds; default: 20.` */
function values(part: Part): string | undefined {
  const { kind, unit, defaultText, default: value } = part;
  // The type of a choice or of a group says enough, and the settings in a group have their own defaults.
  const known = part.enum || groupIn(part) ? undefined : unit ? `${kind}, in ${unit}` : kind;
  const shown = groupIn(part) || value === undefined ? undefined : `\`${textOf(value)}\``;
  const byDefault = defaultText ?? shown;
  const words = [known, byDefault && `default: ${byDefault}`].filter(Boolean).join("; ");
  return words && `${capital(words)}.`;
}

function textOf(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const WIDTH = 110;

/** A doc comment with the given paragraphs, each on lines of its own. */
function comment(paragraphs: readonly (string | undefined)[], indent = ""): string[] {
  const texts = paragraphs.filter((text): text is string => Boolean(text));
  const [only, ...more] = texts;
  if (only === undefined) return [];
  const short = `${indent}/** ${only} */`;
  if (more.length === 0 && short.length <= WIDTH) return [short];
  const lines = texts.flatMap((text) => wrapped(text, WIDTH - `${indent} * `.length));
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`];
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && `${line} ${word}`.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
