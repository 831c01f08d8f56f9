// Builds dist/: what the package runs, and the types that it shows. npm runs this on `npm ci`, `npm pack` and an install
// from git, so it is quick, leaves checking types to `npm run lint`, and is JavaScript that any supported npm's Node runs.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Copies a folder's files of some kind, and the folders that hold them. */
function copy(from, to, kind) {
  cpSync(from, to, { recursive: true, filter: (file) => statSync(file).isDirectory() || kind.test(file) });
}

rmSync("dist", { recursive: true, force: true });
const tsc = fileURLToPath(import.meta.resolve("typescript/bin/tsc"));
execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });
for (const folder of ["cli", "components"]) copy(folder, `dist/${folder}`, /\.(sh|sql|pl)$/);

// Node gives `require` the ES modules; TypeScript before 5.8, and with `module: node16`, wants to be told by types of its own.
for (const folder of ["components", "config"]) copy(`dist/${folder}`, `dist/commonjs/${folder}`, /\.d\.ts$/);
writeFileSync("dist/commonjs/package.json", '{ "type": "commonjs" }\n');
