import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { addresses, eventually, hosts, lab, must, onHost, output, run, sql } from "../cluster/lab.ts";
import { startWriter } from "../cluster/writer.ts";
import { freshLab, pulumi, type Settings, unlock } from "./pulumi.ts";

/** The life of a cluster on the lab's hosts, each test on what the one before left; the last leaves it running. */

beforeAll(freshLab);

async function writeAndRead(text: string) {
  const write = await output("writeUrl");
  const read = await output("readUrl");
  await sql(write, "CREATE TABLE IF NOT EXISTS life (text text PRIMARY KEY)");
  await sql(write, `INSERT INTO life VALUES ('${text}') ON CONFLICT DO NOTHING`);
  // A standby may be some milliseconds behind.
  await eventually(5, async () => {
    expect(await sql(read, "SELECT string_agg(text, ' ' ORDER BY text) FROM life")).toContain(text);
  });
  expect(await sql(write, "SELECT pg_is_in_recovery()")).toBe("f");
  expect(await sql(read, "SELECT pg_is_in_recovery()")).toBe("t");
}

async function expectNoChanges(change: Settings = {}) {
  const preview = await pulumi("preview", { change, flags: ["--expect-no-changes"] });
  expect(preview.output).toMatch(/Resources:\s+\d+ unchanged/);
  expect(preview.status).toBe(0);
  return preview;
}

describe("a run that is killed can be run again", () => {
  // What the run is doing when it dies. Each begins only after the one before it has been done, or lasts for seconds.
  const moments = [
    /hosts-host-2-preflight .*creating/,
    /hosts-host-1-docker .*creating/,
    /hosts-host-3-volumes .*(creating|created)/,
    /swarm-host-3 .*creating/,
    /ca-file .*creating/,
    /swarm-coordinator-net .*creating/,
    /etcd-etcd-1 .*creating/,
    /etcd-etcd-3 .*creating/,
    /coordinators-coord-2 .*creating/,
    /coordinators-ready .*creating/,
  ];
  test.each(moments)("killed at %s", async (moment) => {
    const { status, output } = await pulumi("up", { watch: (seen, kill) => moment.test(seen) && kill() });
    expect(output).toMatch(moment);
    expect(status).toBeNull();
    await unlock();
  });

  test("the next run ends well", async () => {
    const { status, output } = await pulumi("up");
    expect(output).toContain("Resources:");
    expect(status).toBe(0);
    await writeAndRead("after ten kills");
  });
});

const withParameters = (coordinators: object): Settings => ({ database: { parameters: { coordinators } } });
/** What a running cluster is changed to, and keeps until it is taken down: the way back would take a minute and a half. */
const fewer = { max_connections: 77 };

describe("a running cluster", () => {
  test("a second run and a preview change nothing, in under 15 s", async () => {
    const up = await pulumi("up");
    expect(up.output).toMatch(/Resources:\s+\d+ unchanged/);
    expect(up.seconds).toBeLessThan(15);
    expect((await expectNoChanges()).seconds).toBeLessThan(15);
  });

  test("serves through each proxy, with a certificate that the stack's authority signed", async () => {
    const ca = "build/test-ca.crt";
    await must(["sh", "-c", `pulumi stack output caCertificate > ${ca}`]);
    const url = new URL((await output("writeUrl")).replace(/@[^/]*\//, "@host/"));
    for (const address of addresses.slice(0, 2)) {
      const direct = `postgresql://${url.username}:${url.password}@${address}:5432${url.pathname}?sslmode=verify-full&sslrootcert=${ca}`;
      expect(await sql(direct, "SELECT 1")).toBe("1");
    }
    const stats = await (await fetch(await output("statsUrl"))).text();
    expect(stats).toContain("coord-1");
  });

  test("commits wait for a standby", async () => {
    const state = await sql(await output("writeUrl"), "SHOW synchronous_standby_names");
    expect(state).toMatch(/^ANY 1 \("coord-\d","coord-\d"\)$/);
  });

  test("no secret is in a log, in plain state, in a process list, an image or a container's environment", async () => {
    const plain = await must(["pulumi", "stack", "export"]);
    const shown = await must(["pulumi", "stack", "export", "--show-secrets"]);
    const secrets = secretsOf(JSON.parse(shown));
    // CA, etcd and coordinators have a key each; the application has its password; the Swarm has its token.
    expect(secrets.length).toBeGreaterThanOrEqual(9);
    const seen: [string, string][] = [["state", plain]];
    const again = await pulumi("up", {
      change: { database: { parameters: { coordinators: { log_min_messages: "warning" } } } },
    });
    expect(again.status).toBe(0);
    seen.push(["output of pulumi up", again.output]);
    for (const host of hosts) {
      seen.push([`processes of ${host}`, await onHost(host, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")]);
      seen.push([`environments of ${host}`, await onHost(host, "cat /proc/[0-9]*/environ | tr '\\0' ' '")]);
      seen.push([`containers of ${host}`, await onHost(host, "docker inspect $(docker ps -aq)")]);
      seen.push([
        `images of ${host}`,
        await onHost(
          host,
          "docker image inspect $(docker images -q); docker history --no-trunc $(docker images -q | head -n 1)",
        ),
      ]);
      seen.push([
        `logs of ${host}`,
        await onHost(host, "for c in $(docker ps -aq); do docker logs $c 2>&1; done; journalctl --no-pager"),
      ]);
    }
    for (const [place, text] of seen) {
      for (const secret of secrets)
        expect(text.includes(secret), `${place} holds ${secret.slice(0, 12)}…`).toBe(false);
    }
  });

  test("only ssh and the clients' ports answer on the hosts' addresses", async () => {
    for (const [index, address] of addresses.entries()) {
      const open = await openPorts(address);
      expect(open, address).toEqual(index < 2 ? [22, 5432, 5433, 8404] : [22]);
    }
  });

  test("between the hosts Swarm's ports answer, too", async () => {
    const ports =
      'for p in 22 2377 7946 9323 2375 2379 8008; do timeout 1 bash -c "exec 3<>/dev/tcp/10.0.0.11/$p" 2>/dev/null && echo -n "$p "; done; true';
    expect((await onHost("host-1", `bash -c '${ports}'`)).trim()).toBe("22 2377 7946");
  });

  test("a changed parameter reaches every member, and a writer sees no gap over 5 s", async () => {
    const url = await output("writeUrl");
    const writer = startWriter(url, "INSERT INTO life VALUES ($1)");
    const up = await pulumi("up", { change: withParameters(fewer) });
    const { gap } = await writer.stop();
    expect(up.output).toMatch(/Resources:\s+~ \d+ updated/);
    expect(await sql(url, "SHOW max_connections")).toBe("77");
    expect(gap).toBeLessThan(5);
    expect(up.status).toBe(0);
  });
});

describe("with hosts lost", () => {
  test("with host 1 dead SQL works and `pulumi up` changes settings through another manager", async () => {
    await lab("kill", "host-1");
    await eventually(60, () => writeAndRead("without host 1"));
    const up = await pulumi("up", { change: withParameters({ ...fewer, work_mem: "9MB" }) });
    expect(up.output).toMatch(/Resources:\s+~ \d+ updated/);
    expect(up.status).toBe(0);
    expect(await sql(await output("writeUrl"), "SHOW work_mem")).toBe("9MB");
    await lab("start", "host-1");
    await eventually(120, async () => {
      const members = await onHost(
        "host-2",
        "docker exec $(docker ps -qf label=postgres-cluster.group=coordinators) patronictl -c /etc/patroni/patroni.yml list -f json",
      );
      // With Citus all groups are in one list; without, members have no group.
      const coordinators = (JSON.parse(members) as { Group?: number; State: string }[]).filter(
        ({ Group = 0 }) => Group === 0,
      );
      const states = coordinators.map((member) => member.State).sort();
      expect(states).toEqual(["running", "streaming", "streaming"]);
    });
    const change = withParameters(fewer);
    expect((await pulumi("up", { change })).status).toBe(0);
    await expectNoChanges(change);
  });

  test("with all hosts stopped a preview still shows what would change", async () => {
    for (const host of hosts) await lab("kill", host);
    const preview = await pulumi("preview", {
      change: { ...withParameters(fewer), timing: { proxyCheckMs: 2000 } },
    });
    expect(preview.output).toContain("inter 2000ms");
    expect(preview.status).toBe(0);
    for (const host of hosts) await lab("start", host);
    await eventually(120, () => writeAndRead("after losing power"));
  });
});

describe("taking it down", () => {
  const left =
    "docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null; docker volume ls -q 2>/dev/null | sort | tr '\\n' ' '";

  test("with the policy retain the hosts keep Docker and the data, and the next run finds the data again", async () => {
    const change = { ...withParameters(fewer), deletionPolicy: "retain" };
    expect((await pulumi("up", { change })).status).toBe(0);
    const destroy = await pulumi("destroy", { change });
    expect(destroy.output).toMatch(/Resources:\s+- \d+ deleted/);
    expect(destroy.status).toBe(0);
    for (const host of hosts) {
      const [swarm, volumes = ""] = (await onHost(host, left)).split("\n");
      expect(swarm).toBe("inactive");
      expect(volumes).toContain(`coord-${host.slice(-1)}-data`);
      expect(
        await onHost(
          host,
          "docker ps -aq; docker network ls -q --filter driver=overlay; nft list tables | grep -c postgres_cluster || true",
        ),
      ).toBe("0");
    }
    const up = await pulumi("up", { change: { deletionPolicy: "retain" } });
    expect(up.status).toBe(0);
    expect(await sql(await output("readUrl"), "SELECT text FROM life WHERE text = 'after ten kills'")).toBe(
      "after ten kills",
    );
  });

  test("with the policy delete nothing is left", async () => {
    expect((await pulumi("up", { change: { deletionPolicy: "delete" } })).status).toBe(0);
    expect((await pulumi("destroy")).status).toBe(0);
    for (const host of hosts) {
      expect(
        await onHost(
          host,
          "ls -d /etc/postgres-cluster /var/lib/docker/volumes /etc/docker 2>/dev/null; command -v dockerd nft; ip -br link | grep -c docker || true",
        ),
      ).toBe("0");
    }
  });

  test("and `make up` works again, warm in under 4 minutes", async () => {
    await lab("down");
    const { status, output: text, seconds } = await run(["make", "up"]);
    expect(text).toContain('psql "postgresql://');
    expect(status).toBe(0);
    expect(seconds).toBeLessThan(240);
    const printed = /psql "(postgresql:[^"]*:5432[^"]*)"/.exec(text)?.[1] as string;
    expect(await sql(printed, "SELECT 1")).toBe("1");
    expect(readFileSync("build/ca.crt", "utf8")).toContain("BEGIN CERTIFICATE");
  });
});

/** Every value that the state keeps as a secret and that was generated. */
function secretsOf(state: unknown): string[] {
  const found = new Set<string>();
  const walk = (value: unknown, key: string) => {
    if (typeof value === "object" && value !== null && "plaintext" in value) {
      walk(JSON.parse(String(value.plaintext)), key);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, part] of Object.entries(value)) walk(part, name);
    } else if (typeof value === "string") {
      if (/^(privateKeyPem|caPrivateKeyPem|privateKeyOpenssh|privateKeyPemPkcs8)$/.test(key))
        found.add(value.split("\n")[1] ?? value);
      else if (key === "result" && value.length >= 16) found.add(value);
      for (const token of value.matchAll(/SWMTKN-[\w-]+/g)) found.add(token[0]);
    }
  };
  walk(state, "");
  return [...found].filter((secret) => secret.length > 15);
}

/** TCP ports of an address that accept a connection. */
async function openPorts(address: string): Promise<number[]> {
  const { connect } = await import("node:net");
  const open: number[] = [];
  const probe = (port: number) =>
    new Promise<void>((resolve) => {
      const socket = connect({ host: address, port, timeout: 1000 });
      const done = (isOpen: boolean) => {
        if (isOpen) open.push(port);
        socket.destroy();
        resolve();
      };
      socket.on("connect", () => done(true));
      socket.on("timeout", () => done(false));
      socket.on("error", () => done(false));
    });
  const ports = Array.from({ length: 65535 }, (_, index) => index + 1);
  await Promise.all(
    Array.from({ length: 500 }, async () => {
      for (let port = ports.pop(); port !== undefined; port = ports.pop()) await probe(port);
    }),
  );
  return open.sort((a, b) => a - b);
}
