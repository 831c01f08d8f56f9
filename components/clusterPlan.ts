import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig, ImagesConfig } from "../config/ClusterConfig.ts";
import { formatPath, SettingsError } from "../config/errors.ts";
import { parseSettings } from "../config/parse.ts";
import type { HostsPlan } from "./host/HostsPlan.ts";
import { keyFile } from "./host/ssh.ts";
import type { PostgresClusterArgs } from "./PostgresClusterArgs.ts";
import type { RegistryPlan } from "./swarm/Swarm.ts";

/** The whole cluster, validated and with every default: what the layers are given their parts of. */
export interface ClusterPlan
  extends Omit<ClusterConfig, "ssh" | "hosts" | "virtualIp" | "images" | "proxy">,
    HostsPlan {
  readonly images: Omit<ImagesConfig, "etcd" | "database" | "proxy" | "registries"> & {
    readonly etcd: pulumi.Input<string>;
    readonly database: pulumi.Input<string>;
    readonly proxy: pulumi.Input<string>;
    readonly registries: readonly RegistryPlan[];
  };
  readonly proxy: { readonly statistics: { readonly password?: pulumi.Input<string> | undefined } };
}

type Path = readonly PropertyKey[];

/** A value that is known only later, and where it stands in the args. */
interface Later {
  readonly path: Path;
  readonly value: pulumi.Output<unknown>;
}

/**
 * Checks args, plain values at once and outputs when they are known. No output of the plan is known during an update before all
 * of them are, and right: so no host is touched before.
 *
 * Throws an `InputPropertiesError` that lists every error with its path, as does each output of the plan.
 */
export function clusterPlan(args: PostgresClusterArgs): ClusterPlan {
  const later: Later[] = [];
  const plain = withoutOutputs(args, [], later);
  const config = parse(plain, later);
  const all = pulumi.unsecret(
    pulumi
      .all(later.map(({ value }) => value))
      .apply((values) =>
        parse(later.reduce((whole, { path }, index) => placed(whole, path, values[index]), plain)),
      ),
  );

  const laterAt = (path: Path) => later.find((other) => formatPath(other.path) === formatPath(path));
  /** What the plan has of the value at that path of the args. */
  const valueAt = (path: Path, pick: (config: ClusterConfig) => string): pulumi.Input<string> => {
    if (later.length === 0) return pick(config);
    const own = laterAt(path);
    const others = later.filter((other) => other !== own);
    const value = own
      ? own.value.apply((value) => pick(parse(placed(plain, path, value), others)))
      : pulumi.output(pick(config));
    // A preview shows what is known.
    return pulumi.runtime.isDryRun() ? value : pulumi.all([value, all]).apply(([value]) => value);
  };

  const { privateKeyFile, privateKey } = config.ssh;
  return {
    ...config,
    ssh: {
      user: config.ssh.user,
      privateKeyFile:
        privateKey === undefined
          ? privateKeyFile
          : pulumi.unsecret(
              pulumi
                .output(valueAt(["ssh", "privateKey"], ({ ssh }) => ssh.privateKey as string))
                .apply(keyFile),
            ),
    },
    hosts: config.hosts.map((host, index) => {
      const at = (key: "address" | "hostKey") => ["hosts", index, key];
      return {
        ...host,
        address: valueAt(at("address"), ({ hosts }) => hosts[index]?.address as string),
        // One that is not given is looked up by the address.
        hostKey: valueAt(
          at(host.hostKey !== undefined || laterAt(at("hostKey")) ? "hostKey" : "address"),
          ({ hosts }) => hosts[index]?.hostKey as string,
        ),
      };
    }),
    virtualIp: {
      ...config.virtualIp,
      address: valueAt(["virtualIp", "address"], ({ virtualIp }) => virtualIp.address),
    },
    images: {
      ...config.images,
      etcd: valueAt(["images", "etcd"], ({ images }) => images.etcd),
      database: valueAt(["images", "database"], ({ images }) => images.database),
      proxy: valueAt(["images", "proxy"], ({ images }) => images.proxy),
      registries: config.images.registries.map((registry, index) => ({
        ...registry,
        password: pulumi.secret(
          valueAt(
            ["images", "registries", index, "password"],
            ({ images }) => images.registries[index]?.password as string,
          ),
        ),
      })),
    },
    proxy: {
      statistics: {
        password:
          config.proxy.statistics.password === undefined
            ? undefined
            : pulumi.secret(
                valueAt(
                  ["proxy", "statistics", "password"],
                  ({ proxy }) => proxy.statistics.password as string,
                ),
              ),
      },
    },
  };
}

/** The args with null in place of outputs and promises, which are added to `later`. */
function withoutOutputs(value: unknown, path: Path, later: Later[]): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) {
    later.push({ path, value: pulumi.output(value) });
    return null;
  }
  if (Array.isArray(value)) return value.map((item, index) => withoutOutputs(item, [...path, index], later));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, withoutOutputs(part, [...path, key], later)]),
  );
}

function parse(settings: unknown, unknown: readonly Later[] = []): ClusterConfig {
  try {
    return parseSettings(settings, { unknown: unknown.map(({ path }) => path) });
  } catch (error) {
    throw error instanceof SettingsError ? new WrongArgs(error) : error;
  }
}

/** Pulumi prints it without a stack trace, in a program and from a component of a package alike. */
class WrongArgs extends pulumi.InputPropertiesError {
  readonly __pulumiRunError = true;

  constructor({ message, errors }: SettingsError) {
    super({ message, errors: errors.map(({ path, reason }) => ({ propertyPath: path, reason })) });
    // The SDK puts the name of each property that would have had the value before it.
    Object.defineProperty(this, "message", { get: () => message, set: () => {} });
  }
}

/** A copy of a value with another one at a path. */
function placed(value: unknown, [key, ...rest]: Path, inner: unknown): unknown {
  if (key === undefined) return inner;
  if (Array.isArray(value))
    return value.map((item, index) => (index === key ? placed(item, rest, inner) : item));
  const group = value as Record<PropertyKey, unknown>;
  return { ...group, [key]: placed(group[key], rest, inner) };
}
