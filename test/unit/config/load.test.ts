import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError, runtime } from "@pulumi/pulumi";
import { afterAll, afterEach, expect, test } from "vitest";
import { loadSettings } from "../../../config/load.ts";
import { DIGEST, hostsOf, keyOf } from "./fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "load-config-"));
const knownHosts = join(folder, "known_hosts");
writeFileSync(
  knownHosts,
  hostsOf(3)
    .map(({ address }, index) => `${address} ${keyOf(index)}\n`)
    .join(""),
);
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  delete process.env.PULUMI_CONFIG_SECRET_KEYS;
});

const VALID = {
  "postgres-cluster:ssh": JSON.stringify({ knownHostsFile: knownHosts }),
  "postgres-cluster:images": JSON.stringify({
    etcd: `e${DIGEST}`,
    database: `d${DIGEST}`,
    proxy: `p${DIGEST}`,
  }),
};

function load(settings: Readonly<Record<string, string>>) {
  runtime.setAllConfig({ ...VALID, ...settings });
  return loadSettings();
}

function reportOn(settings: Readonly<Record<string, string>>): string {
  try {
    load(settings);
  } catch (error) {
    expect(RunError.isInstance(error)).toBe(true);
    return (error as Error).message;
  }
  return expect.fail("the settings were accepted");
}

test("groups come as JSON, single values as text, other namespaces are not ours", () => {
  const settings = load({
    "postgres-cluster:timing": '{"proxyCheckMs":500}',
    "postgres-cluster:deletionPolicy": "delete",
    "pulumi:tags": "{}",
    "docker:host": "unix:///nowhere",
  });
  expect(settings).toMatchObject({ timing: { proxyCheckMs: 500 }, deletionPolicy: "delete" });
  expect(Object.keys(settings).sort()).toEqual(["deletionPolicy", "images", "ssh", "timing"]);
});

test("every error is in one report that Pulumi prints without a stack trace", () => {
  const report = reportOn({
    "postgres-cluster:host": '[{"name":"a"}]',
    "postgres-cluster:network": "10.0.0.0/24",
    "postgres-cluster:timing": '{"ttl":',
  });
  expect(report).toBe(
    [
      "The configuration has 3 errors; nothing was changed.",
      "  host: value not shown: unknown setting; did you mean hosts?",
      '  network: value "10.0.0.0/24": not a group of settings; write its keys on lines of their own, indented, or remove it',
      "  timing: value {…}: not a group of settings; write its keys on lines of their own, indented, or remove it",
    ].join("\n"),
  );
});

test("settings under the project's name or a mistyped one are not ignored", async () => {
  await runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) }, "my-db");
  expect(
    reportOn({
      "my-db:deletionPolicy": "delete",
      "my-db:placement.workerGroups": "4",
      "postgrescluster:timing": "{}",
      "my-db:greeting": "hello",
      "docker:host": "unix:///nowhere",
      "libvirt:network": "lan",
    }),
  ).toBe(
    [
      "The configuration has 3 errors; nothing was changed.",
      ...["my-db:deletionPolicy", "my-db:placement.workerGroups", "postgrescluster:timing"].map(
        (key) =>
          `  ${key}: value not shown: not read, because settings begin with postgres-cluster:, whatever the project is called; ` +
          `rename it to postgres-cluster:${key.split(":")[1]} in the stack's file, and write postgres-cluster: before keys in ` +
          "pulumi config set",
      ),
    ].join("\n"),
  );
  expect(load({ "my-db:greeting": "hello" })).not.toHaveProperty("greeting");
});

test("a password that is not encrypted is refused and not shown", () => {
  const settings = { "postgres-cluster:proxy": '{"statistics":{"password":"hunter2hunter2"}}' };
  expect(reportOn(settings)).toBe(
    [
      "The configuration has 1 error; nothing was changed.",
      "  proxy.statistics.password: value not shown: plain text; set a new one, encrypted: " +
        "pulumi config set --secret --path postgres-cluster:proxy.statistics.password",
    ].join("\n"),
  );
  process.env.PULUMI_CONFIG_SECRET_KEYS = '["postgres-cluster:proxy"]';
  expect(load(settings)).toMatchObject({ proxy: { statistics: { password: "hunter2hunter2" } } });
});

test("secret settings are not shown", () => {
  process.env.PULUMI_CONFIG_SECRET_KEYS = '["postgres-cluster:deletionPolicy"]';
  expect(reportOn({ "postgres-cluster:deletionPolicy": "hunter2" })).toContain(
    "deletionPolicy: value not shown: not one of",
  );
});
