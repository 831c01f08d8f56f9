import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  citus,
  containerOf,
  healthy,
  inMember,
  membersOf,
  query,
  runningCluster,
  status,
} from "../cluster/cluster.ts";
import { eventually, hosts, must, onHost, output, run } from "../cluster/lab.ts";
import { type Recipe, recipesOf } from "./recipes.ts";

/** The commands in docs/operations.md, run on the lab as they stand there, and what the page says that they do. */

const recipes = recipesOf(readFileSync("docs/operations.md", "utf8"));
const stackFile = "Pulumi.dev.yaml";
const settings = readFileSync(stackFile, "utf8");

const workMem = async () => (await query("SHOW work_mem"))[0]?.work_mem;
const certificateEnd = async (member: string) =>
  (await status()).certificates.find(({ name }) => name === member)?.end;
const services = async () =>
  (await onHost("host-1", "docker service ls --format '{{.Name}}'")).split("\n").sort();

/** Has worker-1-1 lose the lead with a table that its standby never got. */
async function lostWrite(): Promise<void> {
  const [former, next] = [
    { name: "worker-1-1", host: "host-1" },
    { name: "worker-1-2", host: "host-2" },
  ];
  const lead = async (name: string) => expect((await membersOf("shard-1"))[0].name).toBe(name);
  if ((await membersOf("shard-1"))[0].name !== former.name) {
    const group = citus ? "postgres-cluster --group 1" : "shard-1";
    await inMember(
      former,
      `patronictl -c /etc/patroni/patroni.yml switchover ${group} --candidate ${former.name} --force`,
    );
    await eventually(60, () => lead(former.name));
  }
  await eventually(60, healthy);
  // What its leader sends does not arrive, but it votes.
  const drop = (verb: "A" | "D") =>
    onHost(
      next.host,
      `nsenter -n -t "$(docker inspect --format '{{.State.Pid}}' ${containerOf(next)})" iptables -${verb} INPUT -p tcp --sport 5432 -j DROP`,
    );
  try {
    await drop("A");
    // Without Citus a shard's members do not have the database; that it is made is lost, too.
    await inMember(
      former,
      "psql -Xqc 'CREATE DATABASE app STRATEGY file_copy' postgres || true; psql -Xqc 'CREATE TABLE public.only_here AS SELECT 1 AS one' app",
    );
    await onHost(former.host, `docker pause ${containerOf(former)}`);
    await eventually(90, () => lead(next.name));
  } finally {
    await drop("D");
    // Where it was not reached there is nothing to be undone.
    await onHost(former.host, `docker unpause ${containerOf(former)} || true`);
  }
  await eventually(120, healthy);
}

const kept = async () =>
  (await status()).groups.flatMap(({ members }) =>
    members.flatMap(({ name, diverged }) => (diverged ? [{ name, copies: diverged.copies }] : [])),
  );

/** What is done before a recipe; gives what has to be true after it. */
const effects: Record<string, () => Promise<(stdout: string) => Promise<void> | void>> = {
  "Check the cluster": async () => (stdout) => {
    expect(stdout).toMatch(/^healthy$/m);
    expect(stdout).toMatch(/^certificates: .* expires first, on /m);
    expect(stdout).toMatch(/http:\/\/10\.0\.0\.100:8404\//);
  },
  "Check the cluster (2)": async () => (stdout) => {
    for (const host of hosts) expect(stdout).toMatch(new RegExp(`${host} +Ready +Active`));
    expect(stdout).toMatch(/\| coord-1 .*\| (Leader|Quorum Standby) /);
  },
  "Change a setting": async () => {
    expect(await workMem()).not.toBe("64MB");
    return () => eventually(30, async () => expect(await workMem()).toBe("64MB"));
  },
  "Change the application's password": async () => {
    const old = await output("writeUrl");
    return async () => {
      await expect(query("SELECT 1", old)).rejects.toThrow(/authentication/);
      await query("SELECT 1");
    };
  },
  "Set a password for the statistics page": async () => {
    const page = await output("statsUrl");
    const answer = (...login: string[]) =>
      must(["curl", "-s", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", ...login, page]);
    expect(await answer()).toBe("200");
    return async (stdout) => {
      const password = stdout.trimEnd().split("\n").at(-1);
      expect(await answer()).toBe("401");
      expect(await answer("--user", "admin:another password")).toBe("401");
      expect(await answer("--user", `admin:${password}`)).toBe("200");
      expect(readFileSync(stackFile, "utf8")).not.toContain(password);
      expect(await must(["pulumi", "stack", "export"])).not.toContain(password);
      const inspected =
        "docker inspect $(docker ps -qf name=haproxy-1); docker config inspect --pretty $(docker config ls -q); ps axww";
      expect(await onHost("host-1", inspected)).not.toContain(password);
      await eventually(60, healthy);
    };
  },
  "Renew certificates": async () => {
    const old = await certificateEnd("coord-3");
    return async () => {
      expect(await certificateEnd("coord-3")).not.toBe(old);
      await eventually(60, healthy);
    };
  },
  "Writes that a failover lost": async () => {
    expect(await kept()).toEqual([]);
    await lostWrite();
    expect(await kept()).toEqual([{ name: "worker-1-1", copies: 1 }]);
    return (stdout) => expect(stdout).toMatch(/ only_here /);
  },
  "Writes that a failover lost (2)": async () => async () => expect(await kept()).toEqual([]),
  "A run was interrupted": async () => () => eventually(60, healthy),
  "Something was removed by hand": async () => {
    const before = await services();
    await onHost("host-1", "docker service rm haproxy-2");
    return async () => {
      expect(await services()).toEqual(before);
      await eventually(60, healthy);
    };
  },
  "Preview in CI": async () => (stdout) => expect(stdout).toMatch(/\d+ unchanged/),
};

/** Without a terminal Pulumi asks nobody. */
const env = { PULUMI_SKIP_CONFIRMATIONS: "true" };

function execute({ where, commands }: Recipe) {
  const strict = `set -euo pipefail\n${commands}`;
  return where === "host"
    ? run(["lab/lab", "ssh", "host-1", "bash -s"], { stdin: strict, timeout: 60 })
    : run(["bash", "-c", strict], { env, timeout: 400 });
}

beforeAll(async () => {
  await runningCluster();
  await eventually(60, healthy);
});

afterAll(async () => {
  writeFileSync(stackFile, settings);
  await must(["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]);
});

describe("docs/operations.md", () => {
  test("every effect is one of a recipe in the page", () => {
    expect(recipes.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(effects)));
  });

  test.each(recipes.filter(({ where }) => typeof where === "string"))("$name", async (recipe) => {
    const check = await effects[recipe.name]?.();
    const { status, output, stdout } = await execute(recipe);
    expect(status, output).toBe(0);
    await check?.(stdout);
  });
});
