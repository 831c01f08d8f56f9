import type * as pulumi from "@pulumi/pulumi";

/** The value of an output that is known, for hooks: they run when the inputs of their resource are. */
export function known<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return new Promise((resolve) => {
    output.apply((value) => resolve(value as Value));
  });
}
