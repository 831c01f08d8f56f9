import { readFileSync } from "node:fs";
import type { ClusterConfig, HostConfig } from "./ClusterConfig.ts";
import { CHECKS } from "./checks/index.ts";
import { planOf } from "./checks/plan.ts";
import { draftParser } from "./draft.ts";
import { type Fault, reportLines, SettingsError } from "./faults.ts";
import { type FileContents, type ReadFile, readFiles } from "./files.ts";
import { resolvePlacement } from "./placement.ts";
import { type Settings, settingsSchema } from "./schema.ts";
import { parseShape } from "./shape.ts";

export { SettingsError } from "./faults.ts";

const parseDraft = draftParser(settingsSchema);

/**
 * Turns a stack's settings into the configuration of the cluster; pure but for the files that the settings name.
 * Throws one SettingsError that lists every fault. `secrets` are a stack's top-level keys with encrypted values: nothing under
 * them is ever shown, and what has to be encrypted is refused elsewhere. Without it nothing is asked to be encrypted.
 */
export function parseSettings(
  input: unknown,
  readFile: ReadFile = (path) => readFileSync(path, "utf8"),
  secrets?: ReadonlySet<string>,
): ClusterConfig {
  const shape = parseShape(input);
  const draft = parseDraft(input);
  const files = draft && readFiles(draft, readFile);
  const plan = files && planOf(draft, files.hostKeys);
  const checked = plan ? CHECKS.flatMap(([, check]) => [...check(plan)]) : [];
  const plain = secrets ? plainSecrets(draft, secrets) : [];
  const faults = [...shape.faults, ...(files?.faults ?? []), ...checked, ...plain];
  if (!shape.settings || !files?.images || faults.length > 0) {
    throw new SettingsError(
      reportLines(faults, {
        given: input,
        complete: { ...draft, hosts: plan?.hosts },
        secrets: secrets ?? new Set(),
      }),
    );
  }
  return deepFreeze(configOf(shape.settings, files.hostKeys, files.images));
}

/** What stands in a stack's settings as plain text and must not. */
function plainSecrets(draft: ReturnType<typeof parseDraft>, secrets: ReadonlySet<string>): Fault[] {
  if (!draft?.proxy?.statistics?.password || secrets.has("proxy")) return [];
  const path = ["proxy", "statistics", "password"];
  const command = `pulumi config set --secret --path postgres-cluster:${path.join(".")}`;
  return [{ path, message: `plain text; set another one, encrypted: ${command}` }];
}

/** The configuration that faultless settings amount to. */
function configOf(
  settings: Settings,
  hostKeys: FileContents["hostKeys"],
  images: NonNullable<FileContents["images"]>,
): ClusterConfig {
  const { ssh } = settings;
  return {
    ssh: { user: ssh.user, ...(ssh.privateKeyFile && { privateKeyFile: ssh.privateKeyFile }) },
    hosts: settings.hosts.map((host, index): HostConfig => {
      const { name, address, sshPort, cpus, memory, storage } = host;
      const capacity = { ...(cpus && { cpus }), ...(memory && { memory }), ...(storage && { storage }) };
      // A host without a key is a fault, so here every host has one.
      return { name, address, sshPort, hostKey: hostKeys[index] as string, capacity };
    }),
    network: settings.network,
    virtualIp: settings.virtualIp,
    placement: resolvePlacement(
      settings.placement,
      settings.hosts.map(({ name }) => name),
    ),
    resources: settings.resources,
    images: { ...images, insecureRegistries: settings.images.insecureRegistries },
    proxy: settings.proxy,
    database: settings.database,
    timing: settings.timing,
    monitoring: settings.monitoring,
    dataPolicy: settings.dataPolicy,
    dockerUpdate: settings.dockerUpdate,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
