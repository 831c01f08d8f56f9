import { execFile, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Report } from "../../../cli/report.ts";
import { settingsOf, stackConfig } from "../../../cli/stack.ts";
import { parseSettings } from "../../../config/parse.ts";
import { hostsOf, keyOf } from "../config/fixture.ts";
import { cluster } from "./recorded.ts";

// Each test starts a process, which takes a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

/** The command itself, its script and all, with the programs that it calls on the hosts played by recordings. */
const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-status-"));
const command = fileURLToPath(new URL("../../../cli/status.ts", import.meta.url));
const hasJq = spawnSync("jq", ["--version"]).status === 0;

const settings = {
  hosts: hostsOf(3).map((host, index) => ({ ...host, hostKey: keyOf(index) })),
};
const stackFile = (more: object = {}) =>
  JSON.stringify({
    config: Object.fromEntries(
      Object.entries({ ...settings, ...more }).map(([key, value]) => [`postgres-cluster:${key}`, value]),
    ),
  });

const lines = (values: readonly object[]) => values.map((value) => JSON.stringify(value)).join("\n");
const here = (text: string) => `cat <<'RECORDED'\n${text}\nRECORDED\n`;

/** As Patroni answers, with what the script leaves out. */
const patroni = Object.fromEntries(
  Object.entries(cluster.groups).map(([name, { members }]) => [
    name,
    JSON.stringify({
      scope: name,
      members: members.map(({ name, role, state, timeline, lag }) => ({
        name,
        role,
        state,
        timeline,
        api_url: `https://${name}:8008/patroni`,
        tags: {},
        ...(lag !== null && { lag, lsn: "0/5000000" }),
      })),
    }),
  ]),
);

// DOWN, MUTE and SICK are lists of hosts; a sick one's containers do not answer.
const programs: Record<string, string> = {
  ssh: `
    while [ $# -gt 1 ]; do
      case $1 in -E) log=$2 ;; ProxyCommand=*/*) AT=\${1##* }; export AT=\${AT%/*} ;; esac
      shift
    done
    case " $DOWN " in *" $AT "*) echo "ssh: connect to host $AT port 22: Connection timed out" >"$log"; exit 255 ;; esac
    case " $MUTE " in *" $AT "*) echo nonsense; exit 0 ;; esac
    exec bash -c "$1"`,
  // The host's own address, or the virtual one.
  ip: `
    case "$*" in
      *" to $AT") echo "1: lo    inet $AT/24 scope global lo" ;;
      *) [ "$AT" != 10.0.0.10 ] || echo "2: eth0    inet 10.0.0.100/24 scope global secondary eth0" ;;
    esac`,
  // The LAN's check: all is heard. BLOCKED is a flow that nobody hears.
  perl: `
    case $2 in
      send) for flow in "\${@:5}"; do case $flow in */tcp/*) echo "connected \${flow/\\// }" ;; esac; done ;;
      report)
        for peer in 10.0.0.10 10.0.0.11 10.0.0.12; do
          for flow in udp/7946 udp/4789 ip/50 ip/112 size/65536; do
            for event in left came heard; do [ "$event $flow" = "heard $BLOCKED" ] || echo "$event $peer $flow"; done
          done
        done ;;
    esac`,
  nft: `[ "$*" = "list table inet postgres_cluster" ]`,
  iptables: `[ "$*" = "-w -t nat -nL DOCKER" ]`,
  docker: `
    case "$1 $2" in
      "info "*) echo true ;;
      "inspect "*) case "$*" in *Pid*) echo $$ ;; *) echo "PATH=$PATH" ;; esac ;;
      "ps "*) case " $SICK " in *" $AT "*) ;; *) echo c0ffee ;; esac ;;
      "node ls") printf 'a\\nb\\nc\\n' ;;
      "node inspect") ${here(lines(cluster.swarm.nodes))} ;;
      "service ls") printf 'd\\ne\\n' ;;
      "service ps") ${here(lines(cluster.swarm.tasks))} ;;
      "volume inspect")
        for volume in "\${@:5}"; do
          [ "$AT/$volume" != 10.0.0.11/worker-1-2 ] || echo "$volume $(dirname "$0")/$volume"
        done
        exit 1 ;;
      "config ls") printf '%s\\n' patroni-0123456789ab ${cluster.swarm.certificates.map(({ config }) => config).join(" ")} ;;
      "config inspect")
        [[ "$*" != *patroni* ]] || exit 1
        ${here(lines(cluster.swarm.certificates))} ;;
      "exec c0ffee") shift 2; exec "$@" ;;
      *) exit 1 ;;
    esac`,
  // The first members of the first two groups do not answer.
  curl: `
    case "\${*: -1}" in
      https://coord-[23]:8008/cluster) ${here(patroni.coordinators ?? "")} ;;
      https://worker-1-2:8008/cluster) ${here(patroni["shard-1"] ?? "")} ;;
      https://worker-2-1:8008/cluster) ${here(patroni["shard-2"] ?? "")} ;;
      https://worker-3-1:8008/cluster) ${here(patroni["shard-3"] ?? "")} ;;
      http://10.0.0.1[01]:8404/alive) ;;
      *) exit 6 ;;
    esac`,
  nsenter: `
    while [ "$1" != -- ]; do shift; done
    shift
    exec "$@"`,
  psql: `
    statement=$(cat)
    case "$* $statement" in
      *"user=monitor dbname=postgres"*target_session_attrs=read-write*dbname=app*citus_shards*)
        ${here(JSON.stringify(cluster.sql))} ;;
      *host=10.0.0.100*user=monitor*passfile=*sslmode=verify-full*port=5432*pg_is_in_recovery*)
        ${here(JSON.stringify(cluster.clients.writes))} ;;
      *host=10.0.0.100*user=monitor*passfile=*sslmode=verify-full*port=5433*pg_is_in_recovery*)
        [ ! -e "$(dirname "$0")/frozen" ] || exec sleep 60
        ${here(JSON.stringify(cluster.clients.reads))} ;;
      *) exit 2 ;;
    esac`,
};

beforeAll(() => {
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  writeFileSync(join(folder, "Pulumi.test.yaml"), stackFile());
});
afterAll(() => rmSync(folder, { recursive: true }));

function status(args: readonly string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const { PULUMI_STACK, ...inherited } = process.env;
    const options = { cwd: folder, env: { ...inherited, ...env, PATH: `${folder}:${process.env.PATH}` } };
    const child = execFile(process.execPath, [command, ...args], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test.skipIf(!hasJq)("a healthy cluster is asked over ssh: exit status 0", async () => {
  const { code, stdout, stderr } = await status(["status"], { PULUMI_STACK: "organization/project/test" });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^host-1 {2}10\.0\.0\.10 {2}yes {2}ready {2}leader {5}10\.0\.0\.100$/m);
  expect(stdout).toMatch(/^shard-1 +worker-1-2 +host-2 +leader +running +3 +- +33 +1892352$/m);
  expect(stdout).toMatch(/^writes +10\.0\.0\.100:5432 +ok as leader coord-1$/m);
  expect(stdout).toMatch(/^reads +10\.0\.0\.100:5433 +ok as standby coord-2$/m);
  expect(stdout).toMatch(/\ncertificates: .* 2126-11-01, in \d+ days\n\nhealthy\n$/);
  expect(code).toBe(0);
});

test.skipIf(!hasJq)("what the hosts do not hear of each other: exit status 1", async () => {
  const { code, stdout } = await status(["status", "--stack", "test"], { BLOCKED: "udp/4789" });
  expect(stdout).toMatch(/\nnot healthy: host-2: .* drops UDP 4789 from host-1 \(10\.0\.0\.10\) and host-3 /);
  expect(code).toBe(1);
});

test.skipIf(!hasJq)(
  "the same as JSON, with one host lost, one mute and one without a database: exit status 1",
  async () => {
    const env = { DOWN: "10.0.0.10", SICK: "10.0.0.11", MUTE: "10.0.0.12" };
    const { code, stdout } = await status(["status", "--json", "--stack", "test"], env);
    const report = JSON.parse(stdout) as Report;
    expect(report.healthy).toBe(false);
    expect(report.hosts.map(({ reachable }) => reachable)).toEqual([false, true, false]);
    expect(report.problems[0]).toMatch(/^host-1: it cannot be reached over ssh\. .*Connection timed out/);
    expect(report.problems[1]).toBe("host-3: its answer is not a status report: nonsense");
    expect(report.problems).toContain(
      "no database container on a reachable host reports the state of its group",
    );
    expect(report.hosts[1]?.node).toBe("ready");
    expect(code).toBe(1);
  },
);

test.skipIf(!hasJq)("another host speaks for the cluster when the first ones cannot", async () => {
  const env = { DOWN: "10.0.0.10", SICK: "10.0.0.11" };
  const { stdout } = await status(["status", "--json", "--stack", "test"], env);
  const report = JSON.parse(stdout) as Report;
  expect(report.problems.slice(1)).toEqual(["no reachable host holds the virtual IP 10.0.0.100"]);
  expect(report.groups[0]?.members.map(({ role }) => role)).toEqual([
    "leader",
    "quorum_standby",
    "quorum_standby",
  ]);
});

test.skipIf(!hasJq)(
  "a port that takes connections and does not answer: exit status 1 after seconds",
  async () => {
    writeFileSync(join(folder, "frozen"), "");
    try {
      const { code, stdout } = await status(["status", "--stack", "test"]);
      expect(stdout).toMatch(/^reads +10\.0\.0\.100:5433 +no answer within 5 seconds$/m);
      expect(stdout).toMatch(
        /\nnot healthy: clients get no reads at 10\.0\.0\.100:5433: no answer within 5 seconds\n$/,
      );
      expect(code).toBe(1);
    } finally {
      rmSync(join(folder, "frozen"));
    }
  },
);

test.skipIf(!hasJq)("copies of lost writes are found in the members' volumes", async () => {
  const kept = join(folder, "worker-1-2/diverged");
  for (const name of ["timeline-1-0-3000028", "timeline-2-0-5000028", "timeline-3-0-7000028.part"]) {
    mkdirSync(join(kept, name), { recursive: true });
    writeFileSync(join(kept, name, "data"), "x".repeat(100_000));
  }
  utimesSync(join(kept, "timeline-2-0-5000028"), 1_800_000_000, 1_800_000_000);
  utimesSync(join(kept, "timeline-1-0-3000028"), 1_800_000_001, 1_800_000_001);
  try {
    const { code, stdout } = await status(["status", "--json", "--stack", "test"]);
    const { groups } = JSON.parse(stdout) as Report;
    const all = groups.flatMap(({ members }) => members.filter(({ diverged }) => diverged));
    expect(all).toMatchObject([
      { name: "worker-1-2", diverged: { folder: kept, copies: 2, since: "2027-01-15T08:00:00.000Z" } },
    ]);
    expect(all[0]?.diverged?.bytes).toBeGreaterThan(300_000);
    expect(code).toBe(0);
  } finally {
    rmSync(join(folder, "worker-1-2"), { recursive: true });
  }
});

test("nobody answers: exit status 2", async () => {
  const { code, stdout } = await status(["status", "--stack", "test"], {
    DOWN: "10.0.0.10 10.0.0.11 10.0.0.12",
  });
  expect(stdout).toMatch(/\ncannot tell: host-1: it cannot be reached over ssh/);
  expect(code).toBe(2);
});

test("no stack is named: exit status 2", async () => {
  const { code, stdout, stderr } = await status(["status"]);
  expect(stderr).toMatch(/^which cluster\? .*\n$/);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test("a stack whose settings are in its program: it says so, and asks no hosts", async () => {
  writeFileSync(join(folder, "Pulumi.elsewhere.yaml"), "config:\n  aws:region: eu-central-1\n");
  const { code, stdout, stderr } = await status(["status", "--stack", "elsewhere"]);
  expect(stderr).toMatch(/^Pulumi\.elsewhere\.yaml has no settings \(postgres-cluster:…\).* --settings\n$/);
  expect([code, stdout]).toEqual([2, ""]);
});

test("a settings file is read as a program's settings: exit status 0", async () => {
  writeFileSync(join(folder, "settings.yaml"), JSON.stringify(settings));
  const { code, stdout } = await status(["status", "--settings", "settings.yaml"]);
  expect(stdout).toMatch(/\nhealthy\n$/);
  expect(code).toBe(0);
  writeFileSync(join(folder, "settings.yaml"), "");
  expect((await status(["status", "--settings", "settings.yaml"])).stderr).toMatch(
    /^settings\.yaml has no settings;/,
  );
});

test("no such stack", () => {
  expect(() => stackConfig("other")).toThrow(/^no Pulumi\.other\.yaml here; /);
});

test("wrong settings: the report of all errors, exit status 2", async () => {
  writeFileSync(
    join(folder, "Pulumi.wrong.yaml"),
    stackFile({ virtualIp: { address: "10.9.9.9" }, nonsense: 1 }),
  );
  const { code, stderr } = await status(["status", "--stack", "wrong"]);
  expect(stderr).toMatch(/^The configuration has 2 errors/);
  expect(code).toBe(2);
});

test("settings under the name of a renamed project are not taken for none", async () => {
  writeFileSync(join(folder, "Pulumi.yaml"), "name: my-db\n");
  writeFileSync(join(folder, "Pulumi.renamed.yaml"), stackFile().replaceAll("postgres-cluster:", "my-db:"));
  const { code, stderr } = await status(["status", "--stack", "renamed"]);
  rmSync(join(folder, "Pulumi.yaml"));
  expect(stderr).toContain(
    "  my-db:hosts: value not shown: not read, because settings begin with postgres-cluster:",
  );
  expect(code).toBe(2);
});

test("settings of other projects are left out, JSON is read, images need not be there", () => {
  const text = stackFile({ ssh: '{"user": "admin"}', deletionPolicy: "delete" }).replace(
    "{",
    '{"encryptionsalt":"v1:",',
  );
  const { ssh, deletionPolicy, images, ...rest } = settingsOf(
    text.replace("}}", '},"aws:region":"x"}'),
    "file",
  );
  expect(ssh).toEqual({ user: "admin" });
  expect(deletionPolicy).toBe("delete");
  expect(Object.keys(rest)).toEqual(["hosts"]);
  // Whatever the settings ask of an image, it has it.
  const asked: Record<string, unknown> = {
    hosts: rest.hosts,
    images,
    database: { vectorEngine: "ruvector" },
  };
  expect(parseSettings(asked).database.vectorEngine).toBe("ruvector");
});

test("the encrypted password of the statistics page is not needed, at whatever depth Pulumi encrypted it", () => {
  const secure = { secure: "v1:abc" };
  for (const proxy of [{ statistics: { password: secure } }, secure]) {
    expect(Object.keys(settingsOf(stackFile({ proxy }), "file"))).toEqual(["hosts", "images"]);
  }
});

test("another encrypted setting is refused by its name", () => {
  expect(() => settingsOf(stackFile({ ssh: { user: { secure: "v1:abc" } } }), "Pulumi.x.yaml")).toThrow(
    "Pulumi.x.yaml: postgres-cluster:ssh is encrypted",
  );
});

const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
test.skipIf(!hasShellcheck)("shellcheck finds nothing in the script", () => {
  const script = fileURLToPath(new URL("../../../cli/on-host/status.sh", import.meta.url));
  const { stdout, status: code } = spawnSync("shellcheck", [script], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(code).toBe(0);
});
