import { z } from "zod";

/**
 * Settings of which some may be wrong: a wrong value is null, so that checks across several settings can still look at
 * all others. Missing optional values are undefined, as usual.
 */
export type Lenient<T> = T extends string | number | boolean | undefined
  ? T | null
  : T extends readonly (infer U)[]
    ? readonly Lenient<U>[] | null
    : { readonly [K in keyof T]: Lenient<T[K]> } | null;

/** Builds a lenient parser: it applies defaults, replaces invalid values with null and drops unknown keys. */
export function lenientParser<S extends z.ZodType>(schema: S): (input: unknown) => Lenient<z.output<S>> {
  const parser = lenient(schema);
  return (input) => parser.parse(input) as Lenient<z.output<S>>;
}

function lenient(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) return z.optional(lenient(schema.unwrap()));
  if (schema instanceof z.ZodDefault) return z._default(lenient(schema.unwrap()), schema.def.defaultValue);
  if (schema instanceof z.ZodPrefault) return z.prefault(lenient(schema.unwrap()), schema.def.defaultValue);
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([key, field]) => [
      key,
      lenient(field as z.core.$ZodType),
    ]);
    return z.object(Object.fromEntries(fields)).nullable().catch(null);
  }
  if (schema instanceof z.ZodArray) return z.array(lenient(schema.element)).nullable().catch(null);
  return z.catch(z.nullable(schema), null);
}
