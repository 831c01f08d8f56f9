/** Writes docs/configuration.md. */

import { writeFileSync } from "node:fs";
import { renderConfiguration } from "./renderConfiguration.ts";

writeFileSync(new URL("../configuration.md", import.meta.url), renderConfiguration());
