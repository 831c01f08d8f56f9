#!/usr/bin/env node
import { parseArgs } from "node:util";
import type { ClusterConfig } from "../config/ClusterConfig.ts";
import { collect } from "./collect.ts";
import { reportOf } from "./report.ts";
import { fileConfig, stackConfig } from "./stack.ts";
import { table } from "./table.ts";

const usage = `usage: postgres-cluster status [--json] [--stack STACK | --settings FILE]

Prints the live topology and health of a cluster. It needs ssh to the hosts, but neither Pulumi nor a secret.

  --stack STACK     the cluster in Pulumi.STACK.yaml in this folder; default: the environment variable PULUMI_STACK
  --settings FILE   the cluster of a program that uses the package: FILE has the settings that the program passes to
                    PostgresCluster, as YAML or JSON
  --json            the report as JSON

Exit status: 0 healthy, 1 not healthy, 2 unknown.
`;

const options = {
  json: { type: "boolean" },
  stack: { type: "string" },
  settings: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

function configOf(given: { settings?: string | undefined; stack?: string | undefined }): ClusterConfig {
  if (given.settings) return fileConfig(given.settings);
  const stack = given.stack ?? process.env.PULUMI_STACK;
  if (!stack)
    throw new Error(
      "which cluster? Name its stack with --stack or PULUMI_STACK, or its settings with --settings",
    );
  return stackConfig(stack);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (positionals.join(" ") !== "status") throw new Error(usage.trimEnd());
  const config = configOf(values);
  const report = reportOf(config, await collect(config));
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : table(report));
  return report.healthy === null ? 2 : report.healthy ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
