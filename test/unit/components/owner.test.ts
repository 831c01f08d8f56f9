import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { run } from "./run.ts";

const OURS = "project/stack/cluster id";
const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-unit-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Programs that would change a host, here writing down that they were called; volumes bear the label in VOLUME_LABEL. */
const programs = [
  "docker",
  "systemctl",
  "nft",
  "apt-get",
  "apt-mark",
  "dpkg-query",
  "ip",
  "flock",
  "rm",
  "rmdir",
];
const [bin, etc, calls] = ["bin", "etc", "calls"].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
mkdirSync(bin);
for (const program of programs) {
  const file = join(bin, program);
  writeFileSync(
    file,
    `#!/bin/bash
[ "\${0##*/} $1 $2" != "docker volume inspect" ] || { echo "$VOLUME_LABEL"; exit; }
[ "\${0##*/} $1" != "docker info" ] || { echo active; exit; }
[ "\${0##*/}" = flock ] || [ "\${0##*/} $1" = "docker ps" ] || echo "\${0##*/} $*" >>${calls}
`,
  );
  chmodSync(file, 0o755);
}
beforeEach(() => {
  rmSync(etc, { recursive: true, force: true });
  rmSync(calls, { force: true });
  mkdirSync(etc);
});

const library = readFileSync("components/host/on-host/library.sh", "utf8");
const scripts = {
  docker: "components/host/on-host/docker.sh",
  volumes: "components/host/on-host/volumes.sh",
  join: "components/swarm/on-host/join.sh",
  "virtual-ip": "components/proxy/on-host/virtual-ip.sh",
};
const variables = `HOST=h CLUSTER='${OURS}' POLICY=delete VOLUMES='a b'\n`;

/** The programs that a script calls when its part of the host is taken away. */
async function remove(script: string, { label = OURS } = {}): Promise<string[]> {
  const text = (variables + library + readFileSync(script, "utf8"))
    .replaceAll("/etc/", `${etc}/`)
    .replaceAll("/run/", `${etc}/`);
  const { status, stderr } = await run(["bash", "-s", "--", "delete", "0", "0"], {
    stdin: text,
    env: { PATH: `${bin}:${process.env.PATH}`, VOLUME_LABEL: label },
  });
  expect([status, stderr.split("\n").filter((line) => !/^h: (it is no host|warning)|^$/.test(line))]).toEqual(
    [0, []],
  );
  return existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [];
}

const own = (owner: string) => {
  mkdirSync(join(etc, "postgres-cluster"), { recursive: true });
  writeFileSync(join(etc, "postgres-cluster/cluster"), `${owner}\n`);
};

describe.each(Object.entries(scripts))("%s", (_, script) => {
  test("is taken away from a host of this cluster", async () => {
    own(OURS);
    expect(await remove(script)).not.toEqual([]);
  });

  test.each(["other/stack/cluster id2", undefined])("stays on a host of %s", async (owner) => {
    if (owner) own(owner);
    expect(await remove(script)).toEqual([]);
  });
});

test("volumes of another cluster stay, unless this one has taken them over", async () => {
  own(OURS);
  expect(await remove(scripts.volumes, { label: "other/stack/cluster id2" })).toEqual([]);
  writeFileSync(join(etc, "postgres-cluster/volumes"), "b\n");
  expect(await remove(scripts.volumes, { label: "other/stack/cluster id2" })).toEqual([
    "docker volume rm -f b",
  ]);
});
