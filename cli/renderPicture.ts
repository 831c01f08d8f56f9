import { clientPorts } from "../components/host/preflight.ts";
import type { ClusterConfig, Size } from "../config/ClusterConfig.ts";
import { parseSettings } from "../config/parse.ts";
import type { Member } from "../config/topology.ts";
import { settingsOf } from "./stack.ts";

const column = { width: 220, gap: 24 };
const labels = 160;
const margin = 16;
const box = { width: column.width - 28, height: 38, gap: 8 };
const bandPadding = 12;
const top = 150;

/** The picture of the cluster that a stack's file describes; the hosts' keys are not needed for it. */
export function pictureOf(text: string): string {
  const settings = settingsOf(text, "the stack's file");
  const hosts = (settings.hosts as object[]).map((host, index) => ({
    ...host,
    hostKey: anyKey(index),
  }));
  return renderPicture(parseSettings({ ...settings, hosts }, { readFile: () => "" }));
}

/** A well-formed public key. */
function anyKey(number: number): string {
  const field = (data: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, data.length]), data]);
  const fields = [Buffer.from("ssh-ed25519"), Buffer.alloc(32, number)].map(field);
  return `ssh-ed25519 ${Buffer.concat(fields).toString("base64")}`;
}

/** The topology as SVG: hosts are columns, networks are bands across them, members are boxes where both meet. */
export function renderPicture(config: ClusterConfig): string {
  const { hosts, network, virtualIp, topology } = config;
  const leaders = new Set(topology.groups.map((group) => group.members[0]?.name));
  const left = (index: number) => margin + labels + index * (column.width + column.gap);
  const on = (host: string, members: readonly Member[]) => members.filter((member) => member.host === host);

  const [coordinators, ...workers] = topology.groups;
  const layers = [
    { name: "admin-net", subnet: network.admin, members: topology.proxies },
    {
      name: "coordinator-net",
      subnet: network.coordinators,
      members: [...(coordinators?.members ?? []), ...topology.etcd],
    },
    { name: "worker-net", subnet: network.workers, members: workers.flatMap(({ members }) => members) },
  ];
  let y = top;
  const bands = layers.map((layer) => {
    const rows = Math.max(1, ...hosts.map(({ name }) => on(name, layer.members).length));
    const band = { ...layer, y, height: rows * (box.height + box.gap) - box.gap + 2 * bandPadding };
    y += band.height + 10;
    return band;
  });
  const bottom = y + 4;
  const width = left(hosts.length) - column.gap + margin;
  const height = bottom + 44;

  const drawnBands = bands.flatMap(({ name, subnet, y, height }) => [
    `<rect class="band" x="${margin}" y="${y}" width="${width - 2 * margin}" height="${height}" rx="6"/>`,
    `<text class="strong" x="${margin + 12}" y="${y + height / 2 - 2}">${name}</text>`,
    `<text class="small" x="${margin + 12}" y="${y + height / 2 + 14}">${subnet}</text>`,
  ]);
  const drawnHosts = hosts.flatMap(({ name, address }, index) => [
    `<rect class="host" x="${left(index)}" y="${top - 54}" width="${column.width}" height="${bottom - top + 54}" rx="8"/>`,
    `<text class="title" x="${left(index) + column.width / 2}" y="${top - 32}">${name}</text>`,
    `<text class="small middle" x="${left(index) + column.width / 2}" y="${top - 16}">${address}</text>`,
  ]);
  const drawnMembers = bands.flatMap((band) =>
    hosts.flatMap((host, index) =>
      on(host.name, band.members).flatMap((member, row) => {
        const x = left(index) + (column.width - box.width) / 2;
        const at = band.y + bandPadding + row * (box.height + box.gap);
        const kind = leaders.has(member.name) || member === topology.proxies[0] ? "first" : "other";
        const volume = member.volume && member.volume !== member.name ? ` · ${member.volume}` : "";
        return [
          `<rect class="${kind}" x="${x}" y="${at}" width="${box.width}" height="${box.height}" rx="5"/>`,
          `<text class="strong middle" x="${x + box.width / 2}" y="${at + 16}">${member.name}${volume}</text>`,
          `<text class="small middle" x="${x + box.width / 2}" y="${at + 31}">${sizeText(member.size)}</text>`,
        ];
      }),
    ),
  );

  const clients = { x: margin + labels, y: 14, width: width - labels - 2 * margin, height: 40 };
  const drawnClients = [
    ...topology.proxies.map((proxy, index) => {
      const x = left(hosts.findIndex(({ name }) => name === proxy.host)) + column.width / 2;
      return `<line class="${index === 0 ? "active" : "passive"}" x1="${x}" y1="${clients.y + clients.height}" x2="${x}" y2="${top - 54}"/>`;
    }),
    `<rect class="clients" x="${clients.x}" y="${clients.y}" width="${clients.width}" height="${clients.height}" rx="20"/>`,
    `<text class="strong middle" x="${clients.x + clients.width / 2}" y="${clients.y + 17}">clients → ${virtualIp.address}</text>`,
    `<text class="small middle" x="${clients.x + clients.width / 2}" y="${clients.y + 32}">` +
      `${clientPorts.write} writes · ${clientPorts.read} reads · ${clientPorts.stats} statistics</text>`,
    `<text class="strong" x="${margin + 12}" y="${top - 32}">hosts</text>`,
    `<text class="small" x="${margin + 12}" y="${top - 16}">${network.hosts}</text>`,
  ];
  const legend = [
    "Filled: leader after the first deployment, active proxy. Outlined: standbys, etcd, passive proxy. Each member is drawn once:",
    "etcd, coordinators and workers are on both coordinator-net and worker-net, proxies on admin-net and coordinator-net.",
  ].map((words, row) => `<text class="small" x="${margin}" y="${bottom + 20 + 15 * row}">${words}</text>`);

  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    "<title>Hosts, networks and members of the cluster</title>",
    style,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...drawnBands,
    ...drawnHosts,
    ...drawnMembers,
    ...drawnClients,
    ...legend,
    "</svg>",
  ].join("\n")}\n`;
}

const style = `<style>
text { font: 13px sans-serif; fill: #1c2733 }
.small { font-size: 11px; fill: #5a6775 }
.strong { font-weight: bold; font-size: 12px }
.title { font-weight: bold; font-size: 15px; text-anchor: middle }
.middle { text-anchor: middle }
.band { fill: #eef3f8 }
.host { fill: none; stroke: #5a6775; stroke-width: 1.5 }
.first { fill: #cfe6d5; stroke: #3c8054 }
.other { fill: #fff; stroke: #3c8054 }
.clients { fill: #fdf0d2; stroke: #b98a1f }
.active { stroke: #b98a1f; stroke-width: 2 }
.passive { stroke: #b98a1f; stroke-width: 2; stroke-dasharray: 5 4 }
</style>`;

/** Binary units, as everywhere in the settings. */
function bytesText(bytes: number): string {
  const units = ["MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(bytes) / 10) - 2));
  return `${Number((bytes / 2 ** (10 * (power + 2))).toFixed(1))}${units[power]}`;
}

function sizeText({ cpus, memory, storage }: Size): string {
  return `${cpus} CPU · ${bytesText(memory)} · ${bytesText(storage)}`;
}
