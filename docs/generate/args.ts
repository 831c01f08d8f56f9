/** Writes components/PostgresClusterArgs.ts. */

import { writeFileSync } from "node:fs";
import { renderArgs } from "./renderArgs.ts";

writeFileSync(new URL("../../components/PostgresClusterArgs.ts", import.meta.url), renderArgs());
