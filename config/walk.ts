import { z } from "zod";
import type { settingsSchema } from "./schema.ts";

/** Looking at the schema as data: for the documentation, and for what an unknown key may have meant. */

type Schema = z.core.$ZodType;

export interface Setting {
  /** `timing.ttl`, `hosts[].address`. */
  readonly path: string;
  readonly description: string;
  /** What values it takes, in words. */
  readonly type: string;
  /** The default as a user would write it, or in words; undefined where there is none. */
  readonly defaultText: string | undefined;
  readonly required: boolean;
  readonly unit: string | undefined;
  readonly source: string | undefined;
}

export interface Section {
  readonly name: string;
  readonly description: string;
  readonly settings: readonly Setting[];
}

/** The sections of the schema in order, each with its settings. */
export function sectionsOf(schema: typeof settingsSchema): readonly Section[] {
  return Object.entries(schema.shape).map(([name, section]) => ({
    name,
    description: String(metaOf(section).description),
    settings: settingsOf(section, name),
  }));
}

function settingsOf(schema: Schema, path: string): Setting[] {
  const core = coreOf(schema);
  if (core instanceof z.ZodObject) {
    return Object.entries(core.shape).flatMap(([key, field]) =>
      settingsOf(field as Schema, `${path}.${key}`),
    );
  }
  if (core instanceof z.ZodArray && coreOf(core.element) instanceof z.ZodObject) {
    return [setting(schema, path, "list of hosts"), ...settingsOf(core.element, `${path}[]`)];
  }
  return [setting(schema, path)];
}

function setting(schema: Schema, path: string, type?: string): Setting {
  const meta = metaOf(schema);
  const value = defaultOf(schema);
  return {
    path,
    description: String(meta.description),
    type: String(type ?? meta.type),
    defaultText: meta.defaultText === undefined ? value && `\`${value}\`` : String(meta.defaultText),
    required: value === undefined && !layersOf(schema).some((layer) => layer instanceof z.ZodOptional),
    unit: meta.unit as string | undefined,
    source: meta.source as string | undefined,
  };
}

function defaultOf(schema: Schema): string | undefined {
  const layer = layersOf(schema).find(
    (each) => each instanceof z.ZodDefault || each instanceof z.ZodPrefault,
  );
  if (!layer) return undefined;
  const value: unknown = layer.def.defaultValue;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The keys that an object of the schema has at that path of an input, or none. */
export function keysAt(schema: Schema, path: readonly PropertyKey[]): readonly string[] {
  const core = coreOf(schema);
  const [key, ...rest] = path;
  if (core instanceof z.ZodArray) return key === undefined ? [] : keysAt(core.element, rest);
  if (!(core instanceof z.ZodObject)) return [];
  if (key === undefined) return Object.keys(core.shape);
  return Object.hasOwn(core.shape, key) ? keysAt(core.shape[String(key)], rest) : [];
}

/** From the outermost wrapper (optional, default, …) to what it wraps. */
function layersOf(schema: Schema): readonly Schema[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return [schema, ...layersOf(schema.unwrap())];
  }
  return schema instanceof z.ZodPipe ? [schema, ...layersOf(schema.in)] : [schema];
}

function coreOf(schema: Schema): Schema {
  return layersOf(schema).at(-1) ?? schema;
}

/** Everything that the layers say of a setting; the outermost has the last word. */
function metaOf(schema: Schema): Readonly<Record<string, unknown>> {
  return Object.assign(
    {},
    ...layersOf(schema)
      .map((layer) => z.globalRegistry.get(layer))
      .reverse(),
  );
}
