import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { keyLink } from "../components/host/ssh.ts";
import type { ClusterConfig } from "../config/ClusterConfig.ts";
import { parseSettings } from "../config/parse.ts";
import { PREFIX, stackSettings } from "../config/stack.ts";

/** Images like any others, with all that settings can ask of them; no image has to be built to look at a cluster. */
const anyImage = `any@sha256:${"0".repeat(64)}`;
const anyImages = { etcd: anyImage, database: anyImage, proxy: anyImage, ruvector: "0.0.0" };

type Settings = Record<string, unknown>;

/** What only `pulumi up` needs: the images, and the proxies' secret. */
const unread = ["images", "proxy"];

/** The settings in the text of a stack's file, as `parseSettings` takes them, as far as looking at a cluster needs them. */
export function settingsOf(text: string, file: string, project = ""): Settings {
  const { config } = (parse(text) ?? {}) as { config?: Settings };
  const given = stackSettings(config ?? {}, project);
  if (Object.keys(given).length === 0) {
    throw new Error(
      `${file} has no settings (${PREFIX}…), so the program has them elsewhere; write them into a file and name it by --settings`,
    );
  }
  return readable(given, file, PREFIX);
}

/** Without what is not read; what is encrypted cannot be. */
function readable(given: Settings, file: string, prefix: string): Settings {
  const entries = Object.entries(given)
    .filter(([key]) => !unread.includes(key))
    .map(([key, value]): [string, unknown] => (key === "ssh" ? [key, withoutKey(value)] : [key, value]));
  for (const [key, value] of entries) {
    if (!isEncrypted(value)) continue;
    throw new Error(
      `${file}: ${prefix}${key} is encrypted, which only Pulumi reads; set it as plain text, the only secret settings are ssh.privateKey, images.registries and proxy.statistics.password`,
    );
  }
  return { ...Object.fromEntries(entries), images: anyImages };
}

function withoutKey(ssh: unknown): unknown {
  if (typeof ssh !== "object" || ssh === null || !("privateKey" in ssh)) return ssh;
  const { privateKey: _, ...rest } = ssh;
  return rest;
}

/** The configuration of readable settings; a key that they had themselves lies where the last run on this machine has put it. */
function configOf(settings: Settings): ClusterConfig {
  const config = parseSettings(settings);
  const link = join(userInfo().homedir, keyLink(config.hosts.slice(0, 1)));
  if (config.ssh.privateKeyFile !== undefined || !existsSync(link)) return config;
  return { ...config, ssh: { ...config.ssh, privateKeyFile: link } };
}

/** The configuration of a stack by its file in the working directory, without Pulumi. */
export function stackConfig(stack: string): ClusterConfig {
  // organization/project/stack is a stack's name too.
  const file = `Pulumi.${stack.split("/").at(-1)}.yaml`;
  if (!existsSync(file)) {
    throw new Error(`no ${file} here; run this in the project's folder, and name the stack by --stack`);
  }
  const project = existsSync("Pulumi.yaml") ? parse(readFileSync("Pulumi.yaml", "utf8")) : undefined;
  return configOf(settingsOf(readFileSync(file, "utf8"), file, project?.name));
}

/** The configuration of settings in a file, as a program hands them to `PostgresCluster`. */
export function fileConfig(file: string): ClusterConfig {
  const settings: unknown = parse(readFileSync(file, "utf8"));
  if (typeof settings !== "object" || settings === null || Object.keys(settings).length === 0) {
    throw new Error(
      `${file} has no settings; write them as docs/configuration.md has them, without ${PREFIX}`,
    );
  }
  return configOf(readable(settings as Settings, file, ""));
}

/** Pulumi writes a secret as `{secure: …}`, at any depth. */
function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(isEncrypted);
}
