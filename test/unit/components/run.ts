import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function run(
  [program = "", ...args]: readonly string[],
  { stdin = "", env = {} }: { stdin?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env } });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
    // A command need not read what it gets.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}

/**
 * A folder with an `ssh` that connects nowhere: it writes down how it was called and does what it is told, or, without
 * a status, runs the host's part on this machine.
 */
export function fakeSsh() {
  const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-unit-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "ssh"),
    `#!/bin/bash
printf '%s\\0' "$@" >"$FAKE/args"
words=\${*: -1}
# After the host's part come VERB SECONDS LENGTH.
quote="'"
read -r _ _ length _ <<<"\${words##*"$quote"}"
sleep "\${FAKE_DELAY:-0}"
[ -n "$FAKE_STATUS" ] || exec bash -c "$words"
head -c "$length" >"$FAKE/stdin"
[ "$1" = -E ] && printf '%s' "$FAKE_LOG" >"$2"
printf '%s' "$FAKE_STDOUT"
printf '%s' "$FAKE_STDERR" >&2
exit "$FAKE_STATUS"
`,
  );
  chmodSync(join(bin, "ssh"), 0o755);
  return {
    /** Environment for a command that is to find it. */
    env: (told: { status?: number | null; log?: string; stdout?: string; stderr?: string }) => ({
      PATH: `${bin}:${process.env.PATH}`,
      TMPDIR: folder,
      FAKE: folder,
      FAKE_STATUS: told.status === null ? "" : String(told.status ?? 0),
      FAKE_LOG: told.log ?? "",
      FAKE_STDOUT: told.stdout ?? "",
      FAKE_STDERR: told.stderr ?? "",
    }),
    args: () => readFileSync(join(folder, "args"), "utf8").split("\0").slice(0, -1),
    stdin: () => readFileSync(join(folder, "stdin"), "utf8"),
    folder,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
