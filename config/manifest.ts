import { z } from "zod";
import { image } from "./fields.ts";

/** What `make images` writes to build/images.json. */
const manifestSchema = z.object({
  etcd: image(),
  database: image(),
  proxy: image(),
  citus: z.string().nullish(),
  ruvector: z.string().nullish(),
});

export type Manifest = z.output<typeof manifestSchema>;

/** The manifest in a file's text, or what is wrong with it. */
export function parseManifest(text: string): Manifest | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "the file is not JSON";
  }
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const keys = new Set(result.error.issues.map(({ path }) => path.join(".") || "the whole file"));
  return `the file is wrong at ${[...keys].join(", ")}`;
}
