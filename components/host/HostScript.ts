import { readFileSync } from "node:fs";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { SshTarget } from "./ssh.ts";

export interface HostScriptArgs {
  /** Where it runs. */
  target: SshTarget;
  /** The script's text, see `readScript`; it gets the verb as its first argument and the caller's clock (Unix seconds) as its second. */
  script: string;
  /** Shell variables for the script. They travel over stdin, so they may be secret. */
  variables?: Record<string, pulumi.Input<string>>;
  /** Run `update` instead of `create` when something changes. Default: `create` again. */
  updates?: boolean;
  /** Run `delete` when the resource goes. Default: nothing. */
  deletes?: boolean;
  /** Seconds until it is stopped. Default 120. */
  timeout?: number;
  /** What its stdout is: `secret` hides it, also from the log. Default `plain`. */
  output?: "plain" | "secret";
}

const remote = readFileSync(new URL("./remote.sh", import.meta.url), "utf8");
const library = readFileSync(new URL("./library.sh", import.meta.url), "utf8");

/** Reads a script that lies beside the component that uses it. */
export function readScript(name: string, importUrl: string): string {
  return readFileSync(new URL(name, importUrl), "utf8");
}

const quote = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;

/**
 * A script that runs on a host over ssh. It must be idempotent: any change of its text or variables runs it again.
 * Nothing but the verb is in a command line; the text and its variables go over stdin.
 */
export class HostScript extends command.local.Command {
  constructor(name: string, args: HostScriptArgs, opts: pulumi.CustomResourceOptions) {
    const { target, variables = {}, output = "plain" } = args;
    const user = target.destination.split("@")[0] ?? "root";
    const assignments = pulumi
      .all(variables)
      .apply((values) => Object.entries(values).map(([key, value]) => `${key}=${quote(value)}\n`));
    super(
      name,
      {
        interpreter: [
          "bash",
          "-c",
          remote,
          target.label,
          String(args.timeout ?? 120),
          user,
          ...target.options,
          target.destination,
        ],
        create: "create",
        ...(args.updates && { update: "update" }),
        ...(args.deletes && { delete: "delete" }),
        stdin: pulumi.interpolate`${assignments.apply((lines) => lines.join(""))}${library}${args.script}`,
        addPreviousOutputInEnv: false,
        logging: output === "secret" ? "stderr" : "stdoutAndStderr",
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: output === "secret" ? ["stdout"] : [] }),
    );
  }
}
