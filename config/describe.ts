/** The schema as data, for the documentation and for what a mistyped key may have meant. */

import { z } from "zod";
import { valueAt } from "./errors.ts";
import { settingsSchema } from "./schema.ts";

/** What the schema says of a setting, or of a group or list of them: JSON Schema, and what `meta` adds to it. */
export interface Description {
  readonly description?: string;
  /** What values it takes, in words. */
  readonly kind?: string;
  readonly unit?: string;
  readonly default?: unknown;
  /** The default in words, where there is more to say than its value. */
  readonly defaultText?: string;
  /** Where the default comes from. */
  readonly source?: string;
  /** A component takes it as an output, too. */
  readonly input?: boolean;
  /** In a stack's file it has to be encrypted. */
  readonly secret?: boolean;
  /** A group's settings, and those of them that have to be set. */
  readonly properties?: Readonly<Record<string, Description>>;
  readonly required?: readonly string[];
  /** What a list holds. */
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

/** Where settings of that path, such as `hosts[].address`, stand in an input, as far as it has them. */
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

/** The keys that a group has at that path of an input, or none. */
export function keysAt(part: Description | undefined, path: readonly PropertyKey[]): readonly string[] {
  const group = path.reduce((at, key) => at?.items ?? at?.properties?.[String(key)], part);
  return Object.keys(group?.properties ?? {});
}
