import type * as pulumi from "@pulumi/pulumi";

/** The value of a known output. For hooks: they run when all inputs of their resource are known. */
export function known<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value as Value));
  });
}
