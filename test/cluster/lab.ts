import { spawn } from "node:child_process";

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

export const lab = (...args: string[]) => must(["lab/lab", ...args]);
export const onHost = (host: string, script: string) => must(["lab/lab", "ssh", host, script]);
export const hosts = ["host-1", "host-2", "host-3"] as const;
export const addresses = ["10.0.0.10", "10.0.0.11", "10.0.0.12"] as const;

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
