import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readScript, scriptCommand } from "../../../components/host/HostScript.ts";
import { run } from "./run.ts";

/** A `docker` whose Swarm is well and whose overlays were made with MADE. */
const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-unit-"));
writeFileSync(
  join(folder, "docker"),
  `#!/bin/bash
case "$1 $2" in
  "node ls") echo "Ready Leader" ;;
  "network ls") [ -z "$MADE" ] || echo coordinator-net ;;
  "network inspect") echo "$MADE" ;;
esac
`,
);
chmodSync(join(folder, "docker"), 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

const quorum = (wanted: string, made: string) => {
  const { stdin } = scriptCommand({
    target: { label: "any manager", user: "root", destination: "root@manager", options: [] },
    script: readScript("quorum.sh", new URL("../../../components/swarm/Swarm.ts", import.meta.url).href),
    variables: { HOST: "host-1", MANAGERS: "1", ENCRYPTED: wanted },
  });
  return run(["bash", "-s", "--", "update"], {
    stdin,
    env: { PATH: `${folder}:${process.env.PATH}`, MADE: made },
  });
};

test.each([
  ["true", "false"],
  ["false", "true"],
])("network.encrypted %s is refused where the networks were made with %s", async (wanted, made) => {
  const { status, stderr } = await quorum(wanted, made);
  expect(stderr).toBe(
    `host-1: network.encrypted is ${wanted} and the running cluster was made with ${made}: set it back; to change it take ` +
      "the cluster down with dataPolicy retain (pulumi destroy, then pulumi up), which keeps the data\n",
  );
  expect(status).toBe(1);
});

test.each([
  ["true", "true"],
  ["false", "false"],
  ["true", ""],
])("network.encrypted %s goes with networks made with '%s'", async (wanted, made) => {
  expect(await quorum(wanted, made)).toEqual({ status: 0, stdout: "", stderr: "" });
});
