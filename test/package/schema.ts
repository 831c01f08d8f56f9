// Pulumi's schema generator, for components in other languages, reads PostgresClusterArgs: fails if it does not.
import assert from "node:assert";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer.js";
import { describeSettings } from "../../config/describe.ts";

// It does not understand a package's conditional exports.
const entry = { name: "postgres-cluster", version: "0.0.0", main: "components/index.ts" };
const { components, typeDefinitions } = new Analyzer(
  process.cwd(),
  entry.name,
  entry,
  new Set(["PostgresCluster"]),
).analyze();

assert.deepEqual(
  Object.keys(components.PostgresCluster?.inputs ?? {}),
  Object.keys(describeSettings().properties ?? {}),
);
// What is not plain may be an output.
const { address, name } = typeDefinitions.HostSettings?.properties ?? {};
assert.deepEqual([address?.plain, name?.plain], [undefined, true]);
