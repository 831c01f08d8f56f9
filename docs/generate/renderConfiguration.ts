import { CHECKS } from "../../config/checks/index.ts";
import { type Description, describeSettings, type Setting, settingsIn } from "../../config/describe.ts";

/** docs/configuration.md, from the schema and the checks. */
export function renderConfiguration(): string {
  const sections = Object.entries(describeSettings().properties ?? {});
  return [INTRODUCTION, ...sections.map(renderSection), renderChecks()].join("\n");
}

const INTRODUCTION = `# Configuration

<!-- Generated from config/schema.ts: change that, then run npm run docs. -->

A stack's settings are the keys of \`Pulumi.<stack>.yaml\` that begin with \`postgres-cluster:\`. Every setting has a
default, except those marked *required*. The defaults are those of the [reference architecture](reference-architecture.md),
so a file is short. After \`make images\`, this one is complete if the machines have the default names and addresses:

\`\`\`yaml
config:
  postgres-cluster:ssh:
    privateKeyFile: ~/.ssh/id_ed25519
    knownHostsFile: ~/.ssh/known_hosts
\`\`\`

For other machines, set their names and addresses, and their LAN:

\`\`\`yaml
config:
  postgres-cluster:hosts:
    - { name: db-1, address: 192.168.7.21, hostKey: ssh-ed25519 AAAA…, cpus: 16, memory: 64GB, storage: 2TB }
    - { name: db-2, address: 192.168.7.22, hostKey: ssh-ed25519 AAAA…, cpus: 16, memory: 64GB, storage: 2TB }
    - { name: db-3, address: 192.168.7.23, hostKey: ssh-ed25519 AAAA…, cpus: 16, memory: 64GB, storage: 2TB }
  postgres-cluster:network: { hosts: 192.168.7.0/24 }
  postgres-cluster:virtualIp: { address: 192.168.7.100 }
\`\`\`

Sizes have a unit, such as \`512MB\`, \`1.5GiB\` or \`1TB\`. As in Docker, both spellings are binary units: \`8GB\` is
8 × 2³⁰ bytes. To change a setting on the command line, name its path, for example
\`pulumi config set --path postgres-cluster:timing.proxyCheckMs 500\`.

Nothing is changed before the whole configuration is valid. All errors are reported together, each as
\`path: value: what is wrong; what to do\`.
`;

function renderSection([name, section]: [string, Description]): string {
  return [
    `## ${name}`,
    "",
    // The entry of a section that is a single setting has its description.
    ...(section.properties ? [section.description, ""] : []),
    ...settingsIn(section, name).flatMap(renderSetting),
    "",
  ].join("\n");
}

/** A setting as an entry of a list: its type and default, what it means, where the default comes from. */
function renderSetting(setting: Setting): string[] {
  const { path, kind, unit, description, source } = setting;
  const type = unit ? `${kind} ${unit}` : kind;
  const meaning = source ? `${description} Source of the default: ${linked(source)}.` : description;
  return [`- **\`${path}\`**: ${type}; ${defaultOf(setting)}.`, `  ${meaning}`];
}

/** `docs/page.md, Section`, as the schema cites it, as a link from a page of docs. */
function linked(source: string): string {
  return source.replace(
    /^docs\/(\S+), (.+)$/,
    (_, page, section) => `[${section}](${page}#${section.toLowerCase().replaceAll(" ", "-")})`,
  );
}

/** The default as a user would write it, or in words. */
function defaultOf({ required, defaultText, default: value }: Setting): string {
  if (required) return "*required*";
  if (defaultText) return `default: ${defaultText}`;
  if (value === undefined) return "default: none";
  return `default: \`${typeof value === "string" && value !== "" ? value : JSON.stringify(value)}\``;
}

function renderChecks(): string {
  const sentences = CHECKS.map(([sentence]) => `- ${sentence}`);
  return [
    "## Checks",
    "",
    "Besides the type of every value, these rules are checked:",
    "",
    ...sentences,
    "",
  ].join("\n");
}
