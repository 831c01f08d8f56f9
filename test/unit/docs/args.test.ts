import { readFileSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import type { PostgresClusterArgs } from "../../../components/PostgresClusterArgs.ts";
import type { settingsSchema } from "../../../config/schema.ts";
import { renderArgs } from "../../../docs/generate/renderArgs.ts";

test("components/PostgresClusterArgs.ts is what the schema says; if not, npm run docs", () => {
  const file = new URL("../../../components/PostgresClusterArgs.ts", import.meta.url);
  expect(readFileSync(file, "utf8")).toBe(renderArgs());
});

/** The same as plain data with nothing to write to, and with a number where the schema takes anything and looks at it later. */
type Plain<T> = 0 extends 1 & T
  ? "any"
  : unknown extends T
    ? number
    : T extends readonly (infer E)[]
      ? readonly Plain<E>[]
      : T extends object
        ? string extends keyof T
          ? Readonly<Record<string, "any">>
          : { readonly [K in keyof T]: Plain<Exclude<T[K], undefined>> }
        : T;

// tsc is what checks these: npm run lint.
test("its types are those that the schema takes", () => {
  expectTypeOf<Plain<z.input<typeof settingsSchema>>>().toEqualTypeOf<
    Plain<pulumi.Unwrap<PostgresClusterArgs>>
  >();
});

test("there is nothing else, and what decides which resources there are is plain", () => {
  expectTypeOf<{ virtualIp: { routerId: number } }>().toExtend<PostgresClusterArgs>();
  expectTypeOf<{ virtualIp: { routerId: boolean } }>().not.toExtend<PostgresClusterArgs>();
  expectTypeOf<{ virtualIp: { routerId: pulumi.Output<number> } }>().not.toExtend<PostgresClusterArgs>();
  expectTypeOf<{ virtualIp: { address: pulumi.Output<string> } }>().toExtend<PostgresClusterArgs>();
  // @ts-expect-error There is no such key.
  const misspelt: PostgresClusterArgs = { hots: [] };
  expect(misspelt).toBeDefined();
});
