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
default but those marked *required*; the defaults are those of the [reference architecture](reference-architecture.md), so a
file is short. This one is complete where the machines have the documented names and addresses and \`make images\` has run:

\`\`\`yaml
config:
  postgres-cluster:ssh:
    privateKeyFile: ~/.ssh/id_ed25519
    knownHostsFile: ~/.ssh/known_hosts
\`\`\`

With other machines, name them, and their LAN:

\`\`\`yaml
config:
  postgres-cluster:hosts:
    - { name: db-1, address: 192.168.7.21, hostKey: ssh-ed25519 AAAA…, cpus: 16, memory: 64GB, storage: 2TB }
    - { name: db-2, address: 192.168.7.22, hostKey: ssh-ed25519 AAAA…, cpus: 16, memory: 64GB, storage: 2TB }
    - { name: db-3, address: 192.168.7.23, hostKey: ssh-ed25519 AAAA…, cpus: 16, memory: 64GB, storage: 2TB }
  postgres-cluster:network: { hosts: 192.168.7.0/24 }
  postgres-cluster:virtualIp: { address: 192.168.7.100 }
\`\`\`

Sizes are written with a unit, such as \`512MB\`, \`1.5GiB\` or \`1TB\`. Units are binary with either spelling, as Docker's:
\`8GB\` is 8 × 2³⁰ bytes. From the command line a setting is changed by its path, for example
\`pulumi config set --path postgres-cluster:timing.proxyCheckMs 500\`.

Nothing is changed anywhere before the whole configuration is valid. All errors are reported at once, each as
\`path: value: what is wrong; what to do\`.
`;

function renderSection([name, section]: [string, Description]): string {
  const rows = settingsIn(section, name).map((setting) => {
    const { path, kind, unit, description, source } = setting;
    const cells = [
      `\`${path}\``,
      unit ? `${kind} ${unit}` : kind,
      defaultOf(setting),
      source ? `${description} (${linked(source)})` : description,
    ];
    return `| ${cells.map((cell) => cell?.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [
    `## ${name}`,
    "",
    // A section that is a single setting says in its row what it means.
    ...(section.properties ? [section.description, ""] : []),
    "| Key | Type | Default | Meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
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
  if (defaultText) return defaultText;
  if (value === undefined) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text && `\`${text}\``;
}

function renderChecks(): string {
  const sentences = CHECKS.map(([sentence]) => `- ${sentence}`);
  return ["## Checks", "", "Beside the type of every value these are checked:", "", ...sentences, ""].join(
    "\n",
  );
}
