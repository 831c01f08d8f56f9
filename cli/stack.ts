import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { keyLink } from "../components/host/ssh.ts";
import type { ClusterConfig } from "../config/ClusterConfig.ts";
import { parseSettings } from "../config/parse.ts";
import { PREFIX, stackSettings } from "../config/stack.ts";

/** Stand-ins for the images, which `status` does not need. */
const anyImage = `any@sha256:${"0".repeat(64)}`;
const anyImages = { etcd: anyImage, database: anyImage, proxy: anyImage, ruvector: "0.0.0" };

type Settings = Record<string, unknown>;

/** Settings that only `pulumi up` needs: the images and the proxies' secret. */
const unread = ["images", "proxy"];

/** The settings in the text of a stack's file, for `parseSettings`: those that `status` needs. */
export function settingsOf(text: string, file: string, project = ""): Settings {
  const { config } = (parse(text) ?? {}) as { config?: Settings };
  const given = stackSettings(config ?? {}, project);
  if (Object.keys(given).length === 0) {
    throw new Error(
      `${file} has no settings (${PREFIX}…), so the program gets them from elsewhere; write them into a file and name it with --settings`,
    );
  }
  return readable(given, file, PREFIX);
}

/** Leaves out the settings that are not needed. Throws if one of the others is encrypted. */
function readable(given: Settings, file: string, prefix: string): Settings {
  const entries = Object.entries(given)
    .filter(([key]) => !unread.includes(key))
    .map(([key, value]): [string, unknown] => (key === "ssh" ? [key, withoutKey(value)] : [key, value]));
  for (const [key, value] of entries) {
    if (!isEncrypted(value)) continue;
    throw new Error(
      `${file}: ${prefix}${key} is encrypted, so only Pulumi can read it; set it as plain text, the only secret settings are ssh.privateKey, images.registries and proxy.statistics.password`,
    );
  }
  return { ...Object.fromEntries(entries), images: anyImages };
}

function withoutKey(ssh: unknown): unknown {
  if (typeof ssh !== "object" || ssh === null || !("privateKey" in ssh)) return ssh;
  const { privateKey: _, ...rest } = ssh;
  return rest;
}

/** The configuration from readable settings. If they contain a private key, the copy of the last run on this machine is used. */
function configOf(settings: Settings): ClusterConfig {
  const config = parseSettings(settings);
  const link = join(userInfo().homedir, keyLink(config.hosts.slice(0, 1)));
  if (config.ssh.privateKeyFile !== undefined || !existsSync(link)) return config;
  return { ...config, ssh: { ...config.ssh, privateKeyFile: link } };
}

/** The configuration of a stack, from its file in the working directory, without Pulumi. */
export function stackConfig(stack: string): ClusterConfig {
  // A stack's name may be organization/project/stack.
  const file = `Pulumi.${stack.split("/").at(-1)}.yaml`;
  if (!existsSync(file)) {
    throw new Error(`no ${file} here; run this in the project's folder, and name the stack with --stack`);
  }
  const project = existsSync("Pulumi.yaml") ? parse(readFileSync("Pulumi.yaml", "utf8")) : undefined;
  return configOf(settingsOf(readFileSync(file, "utf8"), file, project?.name));
}

/** The configuration from a file with the settings that a program passes to `PostgresCluster`. */
export function fileConfig(file: string): ClusterConfig {
  const settings: unknown = parse(readFileSync(file, "utf8"));
  if (typeof settings !== "object" || settings === null || Object.keys(settings).length === 0) {
    throw new Error(`${file} has no settings; write them as in docs/configuration.md, without ${PREFIX}`);
  }
  return configOf(readable(settings as Settings, file, ""));
}

/** Pulumi writes a secret as `{secure: …}`, at any depth. */
function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(isEncrypted);
}
