import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFailed } from "vitest";
import { parse, stringify } from "yaml";

/** What a finished command said. */
export interface Finished {
  status: number | null;
  /** stdout and stderr as they came. */
  output: string;
  stdout: string;
  seconds: number;
}

export interface RunOptions {
  stdin?: string;
  env?: Record<string, string>;
  /** Seconds; the command is killed after them. Default 900. */
  timeout?: number;
  /** Sees the output so far after every piece of it; may kill. */
  watch?: (output: string, kill: () => void) => void;
}

/** Runs a command to its end, whatever that is. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [program = "", ...args] = command;
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let output = "";
    let stdout = "";
    const kill = () => child.kill("SIGKILL");
    const timer = setTimeout(kill, (options.timeout ?? 900) * 1000);
    const finish = (status: number | null) => {
      clearTimeout(timer);
      resolve({ status, output, stdout, seconds: (Date.now() - started) / 1000 });
    };
    const take = (chunk: Buffer) => {
      output += chunk;
      options.watch?.(output, kill);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
      take(chunk);
    });
    child.stderr.on("data", take);
    child.on("error", reject);
    // A killed command's children may hold its pipes open: its own end is what counts.
    child.on("exit", (status) => (status === null ? finish(null) : child.on("close", () => finish(status))));
    child.stdin.on("error", () => {});
    child.stdin.end(options.stdin ?? "");
  });
}

/** Runs a command that has to succeed; gives its stdout. */
export async function must(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { status, output, stdout } = await run(command, options);
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}:\n${output}`);
  return stdout.trim();
}

/** Bare hosts, the images in their registry, an empty stack. */
export async function freshLab(): Promise<void> {
  await lab("down");
  await lab("up");
  await must(["images/build", "10.0.0.1:5000", "--insecure"]);
  await must(["pulumi", "stack", "select", "--create", "dev"]);
}

export const lab = (...args: string[]) => must(["lab/lab", ...args]);
export const onHost = (host: string, script: string) => must(["lab/lab", "ssh", host, script]);
export const hosts = ["host-1", "host-2", "host-3"] as const;
export const addresses = ["10.0.0.10", "10.0.0.11", "10.0.0.12"] as const;

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

export const output = (name: string) => must(["pulumi", "stack", "output", name, "--show-secrets"]);

/** One statement through psql; gives its rows as text. */
export function sql(url: string, statement: string): Promise<string> {
  return must(["psql", url, "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement], {
    env: { PGCONNECT_TIMEOUT: "5" },
  });
}

/** Tries until it succeeds; the last failure is thrown after so many seconds. */
export async function eventually<T>(seconds: number, attempt: () => Promise<T>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
