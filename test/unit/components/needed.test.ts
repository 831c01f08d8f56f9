import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { EtcdCluster, ProxyPair, Swarm } from "../../../components/index.ts";

/** What a program that no compiler has checked is told of the arguments that it lacks. */
function complaintOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(pulumi.InputPropertiesError.isInstance(error)).toBe(true);
    return (error as Error).message;
  }
  return expect.fail("nothing is missing");
}

test("a component names every argument that is missing", () => {
  const lacking = { members: [], image: "i", authority: {}, timing: {} };
  expect(complaintOf(() => new ProxyPair("p", lacking as never))).toBe(
    "ProxyPair lacks arguments.\n" +
      "  swarm: no value: needed; set it, see ProxyPairArgs\n" +
      "  coordinators: no value: needed; set it, see ProxyPairArgs",
  );
  expect(complaintOf(() => new EtcdCluster("e", {} as never))).toMatch(/ swarm: .*\n.* authority: /);
  expect(complaintOf(() => new Swarm("s", undefined as never))).toMatch(/ plan: .*\n.* docker: /);
});
