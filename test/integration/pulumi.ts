import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFailed } from "vitest";
import { parse, stringify } from "yaml";
import { lab, must, type RunOptions, run } from "../cluster/lab.ts";

/** Bare hosts, the images in their registry, an empty stack. */
export async function freshLab(): Promise<void> {
  await lab("down");
  await lab("up");
  await must(["images/build", "10.0.0.1:5000", "--insecure"]);
  await must(["pulumi", "stack", "select", "--create", "dev"]);
}

export type Settings = Record<string, unknown>;

/** The lab's settings with some replaced, in a file of their own; `undefined` keeps the lab's. */
export function settingsFile(change: Settings): { path: string; remove: () => void } {
  const file = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as { config: Settings };
  for (const [key, value] of Object.entries(change)) {
    const full = `postgres-cluster:${key}`;
    const old = file.config[full];
    const merge = typeof old === "object" && typeof value === "object" && !Array.isArray(value);
    file.config[full] = merge ? { ...old, ...value } : value;
  }
  const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-test-"));
  const path = join(folder, "Pulumi.dev.yaml");
  writeFileSync(path, stringify(file));
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}

/** `pulumi VERB` of the lab's stack, with some settings changed. */
export async function pulumi(
  verb: "up" | "preview" | "destroy",
  options: RunOptions & { change?: Settings; flags?: string[] } = {},
) {
  const flags = verb === "preview" ? ["--diff"] : ["--yes", "--skip-preview"];
  const file = settingsFile(options.change ?? {});
  try {
    const ended = await run(
      [
        "pulumi",
        verb,
        "--non-interactive",
        "--color=never",
        "--config-file",
        file.path,
        ...flags,
        ...(options.flags ?? []),
      ],
      options,
    );
    // A run that a test wants to fail says nothing unless the test does, too.
    if (ended.status !== 0 && expect.getState().currentTestName)
      onTestFailed(() => console.error(ended.output));
    return ended;
  } finally {
    file.remove();
  }
}

/** Clears what a killed run leaves in the state's store. */
export const unlock = () => must(["pulumi", "cancel", "--yes", "--non-interactive"]);
