import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse as parseYaml } from "yaml";
import { type HostSettings, PostgresCluster, type PostgresClusterArgs } from "../../../components/index.ts";
import type { ClusterConfig } from "../../../config/ClusterConfig.ts";
import { parseSettings } from "../../../config/parse.ts";
import { hostsOf, keyOf, readerOf } from "../config/fixture.ts";

/** What the engine was asked to register. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  /** Name of the parent; undefined for the root. */
  readonly parent: string | undefined;
  /** Secrets are shown, unknown values are the text `UNKNOWN`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Top-level inputs that are secret, wholly or in part. */
  readonly secretInputs: readonly string[];
  readonly secretOutputs: readonly string[];
  /** Names, by `dependsOn` and by inputs alike. */
  readonly dependencies: readonly string[];
  readonly deletedWith: string | undefined;
  readonly beforeCreate: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Name of the explicit provider. */
  readonly provider: string | undefined;
}

export interface Recording<Made = PostgresCluster> {
  /** What was made. */
  readonly cluster: Made;
  readonly resources: ReadonlyMap<string, Recorded>;
  /** What components registered as their outputs, by name. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Names of those of them that are secret, as `component.output`. */
  readonly secretOutputs: readonly string[];
  /** The resource of that name, which must be there. */
  get(name: string): Recorded;
  /** All of a type, in the order of their registration. */
  ofType(type: string): readonly Recorded[];
}

export const UNKNOWN = "UNKNOWN";
/** Text in every secret that the mocked providers generate. */
export const SECRET = "SECRET";

/** The settings in one of the project's stack files, as Pulumi hands them over. */
export function settingsIn(file: string): Record<string, unknown> {
  const { config } = parseYaml(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^postgres-cluster:/, ""), value]),
  );
}

/**
 * The same without files: with a key for each documented host, an ssh agent, and pinned images with Citus. `change` replaces
 * settings.
 */
export function argsIn(file: string, change: Record<string, unknown> = {}): PostgresClusterArgs {
  const { hosts = hostsOf(3), images, ...settings } = settingsIn(file);
  return {
    ...settings,
    ssh: {},
    hosts: (hosts as HostSettings[]).map((host, index) => ({ ...host, hostKey: keyOf(index) })),
    images: { ...(images as object), ...JSON.parse(readerOf()("build/images.json")) },
    ...change,
  };
}

/** Their configuration. */
export function configIn(file: string, change: Record<string, unknown> = {}): ClusterConfig {
  return parseSettings(argsIn(file, change));
}

/** The shell variables that stand before a script. */
export function variablesOf({ inputs }: Recorded): Record<string, string> {
  const assignment = /^([A-Z_]+)='((?:[^']|'\\'')*)'\n/;
  const variables: Record<string, string> = {};
  let rest = String(inputs.stdin);
  for (let match = assignment.exec(rest); match; match = assignment.exec(rest)) {
    const [whole, name = "", value = ""] = match;
    variables[name] = value.replaceAll("'\\''", "'");
    rest = rest.slice(whole.length);
  }
  return variables;
}

/** What the providers answer, besides the inputs. */
function state(type: string, name: string, preview: boolean): Record<string, unknown> {
  // In a preview the real providers know none of these.
  if (preview) return {};
  switch (type) {
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPem: `${SECRET} key of ${name}` };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: `request of ${name}` };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: `certificate of ${name}` };
    case "random:index/randomPassword:RandomPassword":
      return { result: `${SECRET}OF${name.replaceAll("-", "")}` };
    case "command:local:Command":
      if (/(^|-)hosts-.*-docker$/.test(name))
        return { stdout: name.includes("host-2") ? "MTU 1450" : "MTU 1500" };
      return { stdout: `{"cluster":"c","token":"SWMTKN-${SECRET}-of-${name}","address":"a"}`, stderr: "" };
    default:
      return {};
  }
}

const nameIn = (urn: string) => urn.split("::").at(-1) as string;

/** Builds a whole cluster against providers that only write down what they are asked. */
export const record = (args: PostgresClusterArgs, options?: { preview?: boolean }): Promise<Recording> =>
  recordProgram(() => new PostgresCluster("cluster", args), options);

/** The same for any program. */
export async function recordProgram<Made>(
  program: () => Made | Promise<Made>,
  { preview = false, project = "postgres-cluster" }: { preview?: boolean; project?: string } = {},
): Promise<Recording<Made>> {
  const resources = new Map<string, Recorded>();
  const outputs = new Map<string, Readonly<Record<string, unknown>>>();
  const secretOutputs: string[] = [];
  let request: Request;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const made = state(type, name, preview);
        for (const key of request.getAdditionalsecretoutputsList()) {
          if (key in made) made[key] = pulumi.secret(made[key]);
        }
        return { id: preview ? "" : `${name}-id`, state: { ...inputs, ...made } };
      },
      call: () => ({}),
    },
    project,
    "test",
    preview,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const { registerResource, registerResourceOutputs } = monitor;
  monitor.registerResource = (req, callback) => {
    request = req;
    const name = req.getName();
    if (resources.has(name)) throw new Error(`two resources are called ${name}`);
    resources.set(name, recorded(req));
    registerResource.call(monitor, req, callback);
  };
  monitor.registerResourceOutputs = (req, callback) => {
    const name = nameIn(req.getUrn());
    const values = req.getOutputs().toJavaScript();
    outputs.set(name, plain(values) as Record<string, unknown>);
    secretOutputs.push(...secretKeys(values).map((key) => `${name}.${key}`));
    registerResourceOutputs.call(monitor, req, callback);
  };
  monitor.registerResourceHook = (_, callback) => callback(null, {});

  const cluster = await program();
  await pulumi.runtime.disconnect();
  return {
    cluster,
    resources,
    outputs,
    secretOutputs,
    get: (name) => {
      const found = resources.get(name);
      if (!found) throw new Error(`there is no ${name}, only ${[...resources.keys()].join(", ")}`);
      return found;
    },
    ofType: (type) => [...resources.values()].filter((resource) => resource.type === type),
  };
}

function recorded(req: Request): Recorded {
  const inputs = req.getObject().toJavaScript();
  const provider = req.getProvider();
  return {
    type: req.getType(),
    name: req.getName(),
    parent: req.getParent() ? nameIn(req.getParent()) : undefined,
    inputs: plain(inputs) as Record<string, unknown>,
    secretInputs: secretKeys(inputs),
    secretOutputs: req.getAdditionalsecretoutputsList(),
    dependencies: req.getDependenciesList().map(nameIn),
    deletedWith: req.getDeletedwith() ? nameIn(req.getDeletedwith()) : undefined,
    beforeCreate: req.getHooks()?.getBeforeCreateList() ?? [],
    ignoreChanges: req.getIgnorechangesList(),
    deleteBeforeReplace: req.getDeletebeforereplace(),
    // URN::id
    provider: provider ? provider.split("::").at(-2) : undefined,
  };
}

// How Pulumi's protocol marks a secret and an unknown value (sdk/nodejs/runtime/rpc.ts).
const signature = "4dabf18193072939515e22adb298388d";
const secret = "1b47061264138c4ac30d75fd1eb44270";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function plain(value: unknown): unknown {
  if (value === unknown) return UNKNOWN;
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  if (value[signature] === secret) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

function holdsSecret(value: unknown): boolean {
  return isObject(value) && (value[signature] === secret || Object.values(value).some(holdsSecret));
}

const secretKeys = (values: Record<string, unknown>) =>
  Object.keys(values).filter((key) => holdsSecret(values[key]));

/** What is used of the SDK's own, untyped protocol classes. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getObject(): { toJavaScript(): Record<string, unknown> };
  getDependenciesList(): string[];
  getDeletedwith(): string;
  getHooks(): { getBeforeCreateList(): string[] } | undefined;
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getDeletebeforereplace(): boolean;
  getProvider(): string;
}

type Callback = (error: Error | null, response: unknown) => void;

interface Monitor {
  registerResource(request: Request, callback: Callback): void;
  registerResourceOutputs(
    request: { getUrn(): string; getOutputs(): { toJavaScript(): Record<string, unknown> } },
    callback: Callback,
  ): void;
  registerResourceHook(request: unknown, callback: Callback): void;
}
