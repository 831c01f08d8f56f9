import { readFileSync } from "node:fs";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { prepare, type SshTarget } from "./ssh.ts";

/** A script and where it runs. */
export interface ScriptArgs<Value> {
  /** Where it runs. */
  target: SshTarget;
  /** The script's text, see `readScript`; it gets a verb, the caller's clock (Unix seconds) and the run's number (see library.sh) as arguments. */
  script: string;
  /** Shell variables for the script. They travel over stdin, so they may be secret. */
  variables?: Record<string, Value>;
  /** Seconds until it is stopped. Default 120. */
  timeout?: number;
}

export interface HostScriptArgs extends Omit<ScriptArgs<pulumi.Input<string>>, "target"> {
  /** Where it runs. */
  target: pulumi.Input<SshTarget>;
  /** Run `update` instead of `create` when something changes. Default: `create` again. */
  updates?: boolean;
  /** Run `delete` when the resource is deleted. Default: nothing. */
  deletes?: boolean;
  /** `secret` hides its stdout, in the log too. Default `plain`. */
  output?: "plain" | "secret";
}

const remote = readFileSync(new URL("./run-over-ssh.sh", import.meta.url), "utf8");
const library = readFileSync(new URL("./on-host/library.sh", import.meta.url), "utf8");

/** Reads a script that is in the folder of the component that uses it. */
export function readScript(name: string, importUrl: string): string {
  return readFileSync(new URL(name, importUrl), "utf8");
}

const quote = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;

/** The local command that runs a script over ssh, without its last argument, the verb. Only `stdin` may hold secrets. */
export function scriptCommand(args: ScriptArgs<string>): { interpreter: string[]; stdin: string } {
  const { target, script, variables = {}, timeout } = args;
  return { interpreter: interpreterOf(target, timeout), stdin: stdinOf(script, variables) };
}

function interpreterOf(target: SshTarget, timeout = 120): string[] {
  const { label, user, options, destination } = target;
  return ["bash", "-c", remote, label, String(timeout), user, ...options, destination];
}

function stdinOf(script: string, variables: Record<string, string>): string {
  const assignments = Object.entries(variables).map(([key, value]) => `${key}=${quote(value)}\n`);
  return assignments.join("") + library + script;
}

/**
 * A script that runs on a host over ssh. It must be idempotent: any change of its text or variables runs it again.
 * Only the verb is in a command line; the text and its variables go over stdin.
 */
export class HostScript extends command.local.Command {
  constructor(name: string, args: HostScriptArgs, opts: pulumi.CustomResourceOptions) {
    const { variables = {}, updates, deletes, output = "plain", script, timeout } = args;
    super(
      name,
      {
        interpreter: pulumi.output(args.target).apply((target) => {
          prepare(target);
          return interpreterOf(target, timeout);
        }),
        create: "create",
        ...(updates && { update: "update" }),
        ...(deletes && { delete: "delete" }),
        stdin: pulumi.all(variables).apply((values) => stdinOf(script, values)),
        addPreviousOutputInEnv: false,
        logging: output === "secret" ? "stderr" : "stdoutAndStderr",
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: output === "secret" ? ["stdout"] : [] }),
    );
  }
}
