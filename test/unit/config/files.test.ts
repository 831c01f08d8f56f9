import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { describeSettings, settingsIn } from "../../../config/describe.ts";
import { parseSettings } from "../../../config/parse.ts";
import { renderConfiguration } from "../../../docs/generate/renderConfiguration.ts";
import { hostsOf, keyOf, parse } from "./fixture.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

/** The settings in a stack's file, as Pulumi hands them over, keys known for the documented hosts. */
function configOf(file: string) {
  const { config } = parseYaml(read(file)) as { config: Record<string, unknown> };
  const settings = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^postgres-cluster:/, ""), value]),
  );
  const keys = hostsOf(3).map(({ address }, index) => `${address} ${keyOf(index)}`);
  return parseSettings(settings, {
    readFile: (path) => (path.endsWith("images.json") ? images : keys.join("\n")),
  });
}

const { citus, etcd, database, proxy } = parse().images;
const images = JSON.stringify({ citus, etcd, database, proxy });

test("docs/configuration.md is what the schema says; if not, npm run docs", () => {
  expect(read("docs/configuration.md")).toBe(renderConfiguration());
});

test("every setting says what it means, what it takes, and its default", () => {
  const settings = settingsIn(describeSettings());
  expect(settings.length).toBeGreaterThan(50);
  for (const { path, description, kind, defaultText, default: value, required } of settings) {
    expect(description, path).toMatch(/^[\w`].*\.$/s);
    expect(kind, path).toBeTypeOf("string");
    expect(required && (defaultText ?? value) !== undefined, path).toBe(false);
  }
  expect(settings.filter(({ required }) => required).map(({ path }) => path)).toEqual([
    "hosts[].name",
    "hosts[].address",
    "images.registries[].address",
    "images.registries[].user",
    "images.registries[].password",
  ]);
});

test("the lab's settings are valid, small, unencrypted and thrown away", () => {
  const config = configOf("Pulumi.dev.yaml");
  expect(config.network.encrypted).toBe(false);
  expect(config.deletionPolicy).toBe("delete");
  expect(config.images.insecureRegistries).toEqual(["10.0.0.1:5000"]);
  const { coordinator, worker, etcd, proxy } = config.resources;
  const memory = coordinator.memory + 2 * worker.memory + etcd.memory + proxy.memory;
  expect(memory).toBeLessThan(4 * 2 ** 30);
});

test("the production example is valid and but for the machines' sizes and its paths what the defaults are", () => {
  const { hosts, ssh, ...example } = configOf("Pulumi.production.example.yaml");
  const { hosts: plain, ssh: _, ...defaults } = parse();
  expect(example).toEqual(defaults);
  expect(hosts.map(({ capacity, ...host }) => host)).toEqual(plain.map(({ capacity, ...host }) => host));
  expect(hosts.every(({ capacity }) => capacity.cpus && capacity.memory && capacity.storage)).toBe(true);
  expect(ssh.privateKeyFile).toMatch(/^\/.*\/\.ssh\/id_ed25519$/);
});
