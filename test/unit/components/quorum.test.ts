import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readScript, scriptCommand } from "../../../components/host/HostScript.ts";
import { run } from "./run.ts";

/** A `docker` whose Swarm is well and whose network is "SUBNET ENCRYPTED MTU", as MADE says; empty: there is none yet. */
const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-unit-"));
writeFileSync(
  join(folder, "docker"),
  `#!/bin/bash
case "$1 $2" in
  "node ls") echo "Ready Leader" ;;
  "network inspect") [ -n "$MADE" ] && echo "$MADE" ;;
esac
`,
);
chmodSync(join(folder, "docker"), 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

const quorum = (wanted: string, made: string, mtu = "1500") => {
  const { stdin } = scriptCommand({
    target: { label: "any manager", user: "root", destination: "root@manager", options: [] },
    script: readScript(
      "on-host/quorum.sh",
      new URL("../../../components/swarm/Swarm.ts", import.meta.url).href,
    ),
    variables: {
      HOST: "host-1",
      MANAGERS: "1",
      SUBNETS: "coordinator-net=10.0.1.0/26",
      ENCRYPTED: wanted,
      MTU: mtu,
    },
  });
  return run(["bash", "-s", "--", "update"], {
    stdin,
    env: { PATH: `${folder}:${process.env.PATH}`, MADE: made },
  });
};

const cure =
  "set it back; only a cluster that is taken down (pulumi destroy with deletionPolicy retain, which keeps the data) can come up with another";

test.concurrent.each([
  ["true", "false"],
  ["false", "true"],
])("network.encrypted %s is refused where the networks were made with %s", async (wanted, made) => {
  const { status, stderr } = await quorum(wanted, `10.0.1.0/26 ${made}`);
  expect(stderr).toBe(
    `host-1: network.encrypted is ${wanted} and network coordinator-net was created with ${made}: ${cure}\n`,
  );
  expect(status).toBe(1);
});

test.concurrent("another subnet is refused", async () => {
  const { status, stderr } = await quorum("true", "10.0.9.0/26 true");
  expect(stderr).toBe(
    `host-1: network coordinator-net has the subnet 10.0.9.0/26 and the settings say 10.0.1.0/26: ${cure}\n`,
  );
  expect(status).toBe(1);
});

test.concurrent.each([
  ["1501", "1501"],
  // Docker's own default.
  ["", "1500"],
])("a network that was made for a larger MTU, '%s', is told of", async (made, told) => {
  const { status, stderr } = await quorum(
    "true",
    `10.0.1.0/26 true ${made}`,
    told === "1500" ? "1400" : "1500",
  );
  expect(stderr).toContain(`and network coordinator-net was created for ${told}, so packets`);
  expect(status).toBe(0);
});

test.concurrent.each([
  ["true", "10.0.1.0/26 true"],
  ["true", "10.0.1.0/26 true 1400"],
  ["false", "10.0.1.0/26 false"],
  ["true", ""],
])("network.encrypted %s goes with networks made as '%s'", async (wanted, made) => {
  expect(await quorum(wanted, made)).toEqual({ status: 0, stdout: "", stderr: "" });
});
