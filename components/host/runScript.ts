import { spawn } from "node:child_process";
import { type ScriptArgs, scriptCommand } from "./HostScript.ts";

export interface RunOptions extends ScriptArgs<string> {
  /** Ends the command, here and on the host. */
  signal?: AbortSignal;
}

/** A script's stdout on a host; rejects with what run-over-ssh.sh says of a failure. */
export function runScript(verb: string, { signal, ...args }: RunOptions): Promise<string> {
  const { target, timeout = 120 } = args;
  // The options name a link that runs of Pulumi create; here the key itself is given.
  const key = target.key ? ["-o", `IdentityFile=${target.key.file}`] : [];
  const { interpreter, stdin } = scriptCommand({
    ...args,
    target: { ...target, options: [...key, ...target.options] },
    timeout,
  });
  const [program = "", ...rest] = interpreter;
  return new Promise<string>((resolve, reject) => {
    signal?.throwIfAborted();
    // A process group of its own, so that ssh ends together with its shell.
    const child = spawn(program, [...rest, verb], { stdio: ["pipe", "pipe", "pipe"], detached: true });
    const end = (reason: Error) => {
      reject(reason);
      try {
        if (child.pid) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has just ended by itself.
      }
    };
    const abort = () => end(signal?.reason);
    signal?.addEventListener("abort", abort);
    const limit = setTimeout(
      () => end(new Error(`${target.label}: it takes the connection but does not answer`)),
      (timeout + 5) * 1000,
    );
    let out = "";
    let words = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words += text;
    });
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(limit);
      signal?.removeEventListener("abort", abort);
      if (status === 0) resolve(out);
      else reject(new Error(words.trim() || `${target.label}: the script ended with status ${status}`));
    });
    // If the connection fails, nobody reads the script.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}
