/** Writes docs/configuration.md, or with --check exits 1 when the file is stale. */

import { readFileSync, writeFileSync } from "node:fs";
import { renderDocs } from "./renderDocs.ts";

const file = new URL("../docs/configuration.md", import.meta.url);

if (!process.argv.includes("--check")) {
  writeFileSync(file, renderDocs());
} else if (readFileSync(file, "utf8") !== renderDocs()) {
  console.error("docs/configuration.md is not what config/schema.ts says: run npm run docs");
  process.exitCode = 1;
}
