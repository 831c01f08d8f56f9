import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig, ImagesConfig } from "../config/ClusterConfig.ts";
import { formatPath, SettingsError } from "../config/errors.ts";
import { parseSettings } from "../config/parse.ts";
import type { HostsPlan } from "./host/HostsPlan.ts";
import { keyFile } from "./host/ssh.ts";
import type { PostgresClusterArgs } from "./PostgresClusterArgs.ts";
import type { RegistryPlan } from "./swarm/Swarm.ts";

/** The whole cluster, validated, with every default filled in. Each layer takes its part of it. */
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

/** An output among the args, and its path. */
interface Later {
  readonly path: Path;
  readonly value: pulumi.Output<unknown>;
}

/**
 * Checks the args: plain values at once, outputs as soon as they are known. During an update the plan's values are known only
 * when all outputs are known and valid, so that no host is touched before.
 *
 * Throws an `InputPropertiesError` that lists every error with its path; an output of the plan fails with the same.
 */
export function clusterPlan(args: PostgresClusterArgs): ClusterPlan {
  const later: Later[] = [];
  const plain = withoutOutputs(args, [], later);
  const config = parse(plain, later);
  /** Known when all outputs are, and valid; what is plain was checked above. */
  const allKnown =
    later.length > 0 &&
    pulumi.unsecret(
      pulumi
        .all(later.map(({ value }) => value))
        .apply((values) =>
          parse(later.reduce((whole, { path }, index) => placed(whole, path, values[index]), plain)),
        ),
    );

  const laterAt = (path: Path) => later.find((other) => formatPath(other.path) === formatPath(path));
  /** The plan's value for the one at that path of the args. */
  const valueAt = (path: Path, pick: (config: ClusterConfig) => string): pulumi.Input<string> => {
    if (!allKnown) return pick(config);
    const own = laterAt(path);
    const others = later.filter((other) => other !== own);
    const value = own
      ? own.value.apply((value) => pick(parse(placed(plain, path, value), others)))
      : pulumi.output(pick(config));
    // A preview shows as much as is known.
    return pulumi.runtime.isDryRun() ? value : pulumi.all([value, allKnown]).apply(([value]) => value);
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
        // A key that is not given is looked up by the address.
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

/** The args with null in place of outputs and promises, which it adds to `later`. */
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

/** Pulumi prints it without a stack trace, whether a program or a packaged component throws it. */
class WrongArgs extends pulumi.InputPropertiesError {
  readonly __pulumiRunError = true;

  constructor({ message, errors }: SettingsError) {
    super({ message, errors: errors.map(({ path, reason }) => ({ propertyPath: path, reason })) });
    // The SDK would prepend the name of every property that depends on the value.
    Object.defineProperty(this, "message", { get: () => message, set: () => {} });
  }
}

/** A copy of the value in which the part at that path is another one. */
function placed(value: unknown, [key, ...rest]: Path, inner: unknown): unknown {
  if (key === undefined) return inner;
  if (Array.isArray(value))
    return value.map((item, index) => (index === key ? placed(item, rest, inner) : item));
  const group = value as Record<PropertyKey, unknown>;
  return { ...group, [key]: placed(group[key], rest, inner) };
}
