import { isIPv6 } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { nearest } from "./errors.ts";
import { enclosingSubnet, formatSize, isAddress, overlaps, parseSize } from "./units.ts";

/** The kinds of values that settings have. Each says in one sentence what is wrong with a value and what to write. */

/** A noun phrase with its article, and an example value. */
interface Kind {
  readonly expected: string;
  readonly example: string;
}

type Input = { readonly input?: unknown };

const wrong =
  ({ expected, example }: Kind) =>
  ({ input }: Input) =>
    input === undefined
      ? `required; set ${expected}, for example ${example}`
      : `not ${expected}; write one such as ${example}`;

/** Text of that kind; `problem` returns what is wrong with a text, or undefined. */
function text(kind: Kind, problem: (value: string) => string | undefined) {
  return z
    .string({ error: wrong(kind) })
    .superRefine((value, context) => {
      const message = problem(value);
      if (message) context.addIssue({ code: "custom", message });
    })
    .meta({ kind: kind.expected.replace(/^an? /, "") });
}

function matching(kind: Kind, pattern: RegExp) {
  return text(kind, (value) => (pattern.test(value) ? undefined : wrong(kind)({ input: value })));
}

export function boolean() {
  return z
    .boolean({
      error: ({ input }: Input) =>
        input === "true" || input === "false"
          ? `text, not true or false; write ${input} without quotes`
          : "not true or false; write one of the two",
    })
    .meta({ kind: "true or false" });
}

/** A number. A number as text is accepted too, because `pulumi config set` stores fractions and secrets as text. */
function number<S extends z.ZodType<number>>(schema: S) {
  return z.preprocess(
    (value) => (typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value),
    schema,
  );
}

/** `unit` is a plural such as seconds; `below` replaces the message for a whole number under `min`. */
export function integer(min: number, max: number, { unit, below }: { unit?: string; below?: string } = {}) {
  const range = `not a whole number from ${min} to ${max}; set one in this range`;
  const error = ({ input }: Input) =>
    unit && typeof input === "string" && /^\d+(\.\d+)? *[a-z]+$/i.test(input)
      ? `has a unit, but it is a number of ${unit}; write a whole number from ${min} to ${max}`
      : range;
  return number(
    z
      .int({ error })
      .min(min, { error: below ?? range })
      .max(max, { error: range }),
  ).meta({
    kind: `whole number, ${min} to ${max}`,
    ...(unit && { unit }),
  });
}

const MIN_CPUS = 0.1;
const MAX_CPUS = 1024;

export function cpus() {
  const error = `not a number of cores from ${MIN_CPUS} to ${MAX_CPUS}; write one such as 0.5 or 4`;
  return number(z.number({ error }).min(MIN_CPUS, { error }).max(MAX_CPUS, { error })).meta({
    kind: `number of cores, from ${MIN_CPUS}`,
  });
}

/** A size as Docker writes it; bytes once parsed. */
export function size(min: string) {
  const kind: Kind = { expected: "a size with its unit", example: "512MB or 8GB" };
  const least = parseSize(min) ?? 0;
  return text(kind, (value) => {
    const bytes = parseSize(value);
    if (bytes === undefined) return wrong(kind)({ input: value });
    return bytes < least ? `too small to work with; set at least ${formatSize(least)}` : undefined;
  })
    .transform((value) => parseSize(value) ?? 0)
    .meta({ kind: `size, at least ${formatSize(least)}` });
}

export function ipv4() {
  const kind: Kind = { expected: "an IPv4 address", example: "10.0.0.10" };
  return text(kind, (value) => (isAddress(value) ? undefined : wrong(kind)({ input: value })));
}

/** Ranges that no LAN or overlay can use: this network, loopback, link-local, multicast and reserved. */
const UNUSABLE = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"];

export function cidr() {
  const kind: Kind = { expected: "an IPv4 subnet", example: "10.0.1.0/26" };
  return text(kind, (value) => {
    const subnet = enclosingSubnet(value);
    if (!subnet) return wrong(kind)({ input: value });
    if (value !== subnet) {
      return `an address within a subnet, not a subnet; write ${subnet}, the subnet that it is in`;
    }
    const taken = UNUSABLE.find((range) => overlaps(subnet, range));
    return (
      taken &&
      `within ${taken}, which is reserved for other uses; choose a private subnet such as 10.0.1.0/26`
    );
  });
}

/** A shorter prefix is not a private network, but a large part of the internet. */
const SHORTEST = { ipv4: 8, ipv6: 7 };

/** A range of addresses that clients have, IPv4 or IPv6. */
export function clientRange() {
  const kind: Kind = { expected: "an IPv4 or IPv6 range", example: "192.168.7.0/24 or 2001:db8:7::/48" };
  return text(kind, (value) => {
    const [address = "", length = "", ...rest] = value.split("/");
    const prefix = Number(length);
    const ipv6 = isIPv6(address) && rest.length === 0 && /^\d{1,3}$/.test(length) && prefix <= 128;
    const ipv4 = enclosingSubnet(value);
    if (!ipv4 && !ipv6) return wrong(kind)({ input: value });
    if (ipv4 && value !== ipv4) {
      return `an address within a range, not a range; write ${ipv4}, the range that it is in, or ${address}/32`;
    }
    return prefix < (ipv4 ? SHORTEST.ipv4 : SHORTEST.ipv6)
      ? "opens the database to a large part of the internet; list the networks that your clients are in"
      : undefined;
  });
}

/** A text whose meaning is the operator's; the program only compares it. */
export function note() {
  return matching({ expected: "a short text of one line", example: '"2026-11-25"' }, /^[\w .:+-]{0,64}$/);
}

/** A password that is typed or pasted into a browser. */
export function password() {
  return matching(
    {
      expected: "a password of 12 to 128 characters of ASCII without spaces",
      example: "openssl rand -base64 24 prints",
    },
    /^[!-~]{12,128}$/,
  );
}

/** A name that is also a DNS label. */
export function hostName() {
  return matching(
    { expected: "a host name of lower-case letters, digits and hyphens", example: "host-1" },
    /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
  );
}

export function loginName() {
  return matching({ expected: "a login name", example: "root" }, /^[a-z_][a-z0-9_-]{0,31}$/);
}

/** A path on the operator's machine; `~/` is the home folder. */
export function file() {
  return matching({ expected: "a path of a file", example: "~/.ssh/id_ed25519" }, /^[^\n\0]+$/).transform(
    (path) => (path.startsWith("~/") ? join(homedir(), path.slice(2)) : path),
  );
}

const HOST_KEY_TYPES = "ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa";
const HOST_KEY = new RegExp(`^(${HOST_KEY_TYPES}) ([A-Za-z0-9+/]{40,}={0,2})( .*)?\\s*$`);

/** A public host key, without its comment and line end. */
export function hostKey() {
  const kind: Kind = { expected: "a public host key", example: "ssh-ed25519 AAAA…" };
  return text(kind, (value) => {
    const [, type, data] = HOST_KEY.exec(value) ?? [];
    if (!type || !data) return `${wrong(kind)({ input: value })}, as ssh-keyscan prints it after the address`;
    // The key's own type comes first in its data, after four bytes of length.
    return Buffer.from(data, "base64")
      .subarray(4, 4 + type.length)
      .toString("latin1") === type
      ? undefined
      : `its data is not of the type ${type}; copy the whole line that ssh-keyscan prints after the address`;
  }).transform((value) => value.trim().split(" ", 2).join(" "));
}

/** A reference pinned by digest, so that the same settings are always the same bytes. */
export function image() {
  return matching(
    {
      expected: "an image pinned by digest",
      example: "registry.example.org/etcd:3.5@sha256:<64 hex digits>",
    },
    /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*(:[\w.-]+)?@sha256:[0-9a-f]{64}$/,
  );
}

const PORT = "([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])";
const REGISTRY = "[a-z0-9]([a-z0-9.-]*[a-z0-9])?";

export function registry() {
  return matching(
    { expected: "a registry as host:port", example: "10.0.0.1:5000" },
    new RegExp(`^${REGISTRY}:${PORT}$`),
  );
}

/** A registry, as in an image reference. */
export function registryName() {
  return matching(
    { expected: "a registry", example: "registry.example.com or 10.0.0.1:5000" },
    new RegExp(`^${REGISTRY}(:${PORT})?$`),
  );
}

/** The name of a registry's user. */
export function userName() {
  return matching({ expected: "a user name of one line", example: "deploy" }, /^[^\s:][^\n\0:]*$/);
}

/** A password or an access token that another service has created. */
export function token() {
  return matching(
    { expected: "a password or token of one line", example: "the registry gives out" },
    /^[^\n\0]+$/,
  );
}

/** A private key as ssh-keygen writes it. */
export function privateKey() {
  return matching(
    { expected: "a private key in PEM form", example: "ssh-keygen -t ed25519 writes" },
    /^-----BEGIN [A-Z ]*PRIVATE KEY-----\n[\s\S]+\n-----END [A-Z ]*PRIVATE KEY-----\s*$/,
  );
}

export function version() {
  return matching({ expected: "a version in quotes", example: '"14.0.0"' }, /^\d+(\.\d+)*$/);
}

/** An SQL name that needs no quotes and means nothing else. */
export function identifier(reserved: readonly string[]) {
  const kind: Kind = {
    expected: "a plain SQL name of lower-case letters, digits and underscores",
    example: "app",
  };
  return text(kind, (value) => {
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(value)) return wrong(kind)({ input: value });
    return reserved.includes(value) || value.startsWith("pg_")
      ? "reserved for PostgreSQL or the cluster itself; choose another name such as app"
      : undefined;
  });
}

export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z
    .enum(values, {
      error: ({ input }: Input) => {
        const meant = nearest(String(input), values);
        return `not one of ${values.join(", ")}; ${meant ? `did you mean ${meant}?` : "choose one of them"}`;
      },
    })
    .meta({ kind: values.join(" or ") });
}
