/** Writes config/Settings.ts. */

import { writeFileSync } from "node:fs";
import { renderSettings } from "./renderSettings.ts";

writeFileSync(new URL("../../config/Settings.ts", import.meta.url), renderSettings());
