import { z } from "zod";

/**
 * Settings of which some may be wrong: a wrong value is null, so that checks across several settings can still
 * look at all others. Missing optional values are undefined, as ever.
 */
export type Draft<T> = T extends string | number | boolean | undefined
  ? T | null
  : T extends readonly (infer U)[]
    ? readonly Draft<U>[] | null
    : { readonly [K in keyof T]: Draft<T[K]> } | null;

/** Makes of a schema a parser of what is valid of an input, defaults filled in. */
export function draftParser<S extends z.ZodType>(schema: S): (input: unknown) => Draft<z.output<S>> {
  const draft = lenient(schema);
  return (input) => draft.parse(input) as Draft<z.output<S>>;
}

/** The same schema with null for whatever is wrong; unknown keys are dropped. */
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
