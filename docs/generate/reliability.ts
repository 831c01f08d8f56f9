/** Writes docs/reliability.md, from build/drills.json if it is there. */

import { writeFileSync } from "node:fs";
import { readResults } from "../../test/drills/results.ts";
import { renderReliability } from "./renderReliability.ts";

writeFileSync(new URL("../reliability.md", import.meta.url), renderReliability(readResults()));
