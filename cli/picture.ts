/** Writes docs/topology.svg from the production example, or with --check exits 1 when the file is stale. */

import { readFileSync, writeFileSync } from "node:fs";
import { pictureOf } from "./renderPicture.ts";

const example = new URL("../Pulumi.production.example.yaml", import.meta.url);
const file = new URL("../docs/topology.svg", import.meta.url);

const picture = pictureOf(readFileSync(example, "utf8"));
if (!process.argv.includes("--check")) {
  writeFileSync(file, picture);
} else if (readFileSync(file, "utf8") !== picture) {
  console.error("docs/topology.svg is not what the production example says: run npm run docs");
  process.exitCode = 1;
}
