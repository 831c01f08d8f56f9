import { readFileSync } from "node:fs";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import type { parseSettings } from "../../../config/parse.ts";
import type { ClusterSettings } from "../../../config/Settings.ts";
import type { settingsSchema } from "../../../config/schema.ts";
import { renderSettings } from "../../../docs/generate/renderSettings.ts";

test("config/Settings.ts is what the schema says; if not, npm run docs", () => {
  const file = new URL("../../../config/Settings.ts", import.meta.url);
  expect(readFileSync(file, "utf8")).toBe(renderSettings());
});

/** The same with nothing to write to, and with text or a number where the schema takes anything and looks at it later. */
type Plain<T> = unknown extends T
  ? number | string | undefined
  : T extends readonly (infer E)[]
    ? readonly Plain<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Plain<T[K]> }
      : T;

// tsc is what checks these: npm run lint.
test("its types are those that the schema takes", () => {
  expectTypeOf<Plain<z.input<typeof settingsSchema>>>().toEqualTypeOf<Plain<ClusterSettings>>();
});

test("parseSettings takes nothing else", () => {
  type Taken = Parameters<typeof parseSettings>[0];
  expectTypeOf<{ virtualIp: { routerId: number } }>().toExtend<Taken>();
  expectTypeOf<{ virtualIp: { routerId: boolean } }>().not.toExtend<Taken>();
  // @ts-expect-error There is no such key.
  const misspelt: Taken = { hots: [] };
  expect(misspelt).toBeDefined();
});
