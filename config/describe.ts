/** The schema as data, for the documentation and for suggestions when a key is misspelt. */

import { z } from "zod";
import { valueAt } from "./errors.ts";
import { settingsSchema } from "./schema.ts";

/** The schema's description of a setting, or of a group or list of settings: JSON Schema and what `meta` adds to it. */
export interface Description {
  readonly description?: string;
  /** Which values are valid, in words. */
  readonly kind?: string;
  readonly unit?: string;
  readonly default?: unknown;
  /** The default in words, if it is not a plain value. */
  readonly defaultText?: string;
  /** Where the default comes from. */
  readonly source?: string;
  /** The component accepts an output, too. */
  readonly input?: boolean;
  /** It has to be encrypted in a stack's file. */
  readonly secret?: boolean;
  /** The settings of a group, and which of them are required. */
  readonly properties?: Readonly<Record<string, Description>>;
  readonly required?: readonly string[];
  /** The entries of a list. */
  readonly items?: Description;
}

export function describeSettings(): Description {
  return z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" }) as Description;
}

/** A setting that is not a group. */
export interface Setting extends Omit<Description, "required"> {
  /** `timing.ttl`, `hosts[].address`. */
  readonly path: string;
  readonly required: boolean;
}

/** Every setting in a part of the schema, in order. */
export function settingsIn(part: Description, path = "", required = false): readonly Setting[] {
  const group = part.items?.properties ? part.items : part;
  const prefix = part.items ? `${path}[].` : path && `${path}.`;
  const inner = Object.entries(group.properties ?? {}).flatMap(([key, member]) =>
    settingsIn(member, prefix + key, group.required?.includes(key)),
  );
  return part.properties ? inner : [{ ...part, path, required }, ...inner];
}

/** All places of a setting such as `hosts[].address` in an input. */
export function placesIn(input: unknown, path: string): readonly (readonly PropertyKey[])[] {
  let places: PropertyKey[][] = [[]];
  for (const key of path.split(/\.|(?=\[\])/)) {
    places = places.flatMap((place) => {
      const value = valueAt(input, place);
      if (key === "[]") return Array.isArray(value) ? value.map((_, index) => [...place, index]) : [];
      return valueAt(value, [key]) === undefined ? [] : [[...place, key]];
    });
  }
  return places;
}

/** The keys of the group at a path of an input; empty if there is no group. */
export function keysAt(part: Description | undefined, path: readonly PropertyKey[]): readonly string[] {
  const group = path.reduce((at, key) => at?.items ?? at?.properties?.[String(key)], part);
  return Object.keys(group?.properties ?? {});
}
