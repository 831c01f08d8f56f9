import type { HostConfig } from "../../config/ClusterConfig.ts";
import { type Flow, isAnswer } from "./lanFlows.ts";

/** What one host saw while all of them sent. */
export interface HostView {
  /** Lines of lan.pl: `EVENT PEER FLOW`. */
  readonly seen: ReadonlySet<string>;
  /** What may drop packets here, as lan.sh names it; empty when it found nothing. */
  readonly filters: { readonly in: string; readonly out: string };
}

/** Where a flow is dropped: at `host`, between it and `peer`. */
interface Loss {
  readonly place: "in" | "out" | "between" | "apart";
  readonly host: HostConfig;
  readonly peer: HostConfig;
  readonly what: string;
}

/** What is lost, where, why, and what to do: one sentence for each host and kind. Pure. */
export function lanFaults(
  hosts: readonly HostConfig[],
  flows: readonly Flow[],
  views: ReadonlyMap<HostConfig, HostView>,
  mtu: number,
): string[] {
  const view = (host: HostConfig) => views.get(host) as HostView;
  const losses = flows.flatMap((flow) => lossOf(hosts, flow, view(flow.from), view(flow.to)) ?? []);
  const told = [...grouped(losses)].map(({ place, host, peers, whats }) =>
    sentence(place, host, peers, whats, view(host)),
  );
  return [...told, ...sizeFaults(flows, view, mtu)];
}

const nameOf = (flow: string): string => {
  const [kind = "", number = ""] = flow.split("/");
  if (kind !== "ip") return `${kind.toUpperCase()} ${number}`;
  return number === "112" ? "VRRP (IP protocol 112)" : "ESP (IP protocol 50)";
};

function lossOf(hosts: readonly HostConfig[], flow: Flow, sender: HostView, receiver: HostView): Loss | null {
  const { from, to, name } = flow;
  const what = nameOf(name);
  const isTcp = name.startsWith("tcp/");
  const senders = (event: string) => sender.seen.has(`${event} ${to.address} ${name}`);
  const receivers = (event: string) => receiver.seen.has(`${event} ${from.address} ${name}`);
  if (isTcp ? senders("connected") : receivers("heard")) return null;
  // Docker does not run there yet; the LAN is fine.
  if (receiver.seen.has(`closed ${to.address} ${name}`)) return null;
  if (isApart(from, to, sender, receiver)) return { place: "apart", host: from, peer: to, what: "" };
  if (isAnswer(hosts, flow) && !senders("heard")) return null;
  if (!senders("left")) return { place: "out", host: from, peer: to, what };
  if (!receivers("came")) return { place: "between", host: from, peer: to, what };
  if (isTcp && receivers("answered")) {
    const answers = `the answers on ${what}`;
    return senders("back")
      ? { place: "in", host: from, peer: to, what: answers }
      : { place: "between", host: to, peer: from, what: answers };
  }
  return { place: "in", host: to, peer: from, what };
}

/** Whether nothing at all arrives although packets leave, or there is no route to the peer. */
function isApart(from: HostConfig, to: HostConfig, sender: HostView, receiver: HostView): boolean {
  const any = (view: HostView, start: string) => [...view.seen].some((line) => line.startsWith(start));
  if (any(receiver, `came ${from.address} `)) return false;
  return (
    ["left", "unreachable"].some((event) => any(sender, `${event} ${to.address} `)) ||
    sender.filters.out === ""
  );
}

interface Group {
  readonly place: Loss["place"];
  readonly host: HostConfig;
  readonly peers: readonly HostConfig[];
  readonly whats: readonly string[];
}

/** Groups losses at the same place of the same things, with the peers concerned. */
function grouped(losses: readonly Loss[]): Iterable<Group> {
  const byPair = Map.groupBy(losses, ({ place, host, peer }) => `${place} ${host.name} ${peer.name}`);
  const pairs = [...byPair.values()].map((of) => ({
    ...(of[0] as Loss),
    whats: [...new Set(of.map(({ what }) => what))],
  }));
  const groups = Map.groupBy(pairs, ({ place, host, whats }) => `${place} ${host.name} ${whats}`);
  return [...groups.values()].map((of) => ({
    ...(of[0] as (typeof pairs)[number]),
    peers: of.map(({ peer }) => peer),
  }));
}

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

const named = (hosts: readonly HostConfig[]) =>
  list(hosts.map(({ name, address }) => `${name} (${address})`));

function sentence(
  place: Loss["place"],
  host: HostConfig,
  peers: readonly HostConfig[],
  whats: readonly string[],
  { filters }: HostView,
): string {
  const what = list(whats);
  const others = named(peers);
  const addresses = peers.map(({ address }) => address);
  switch (place) {
    case "apart":
      return `${host.name}: nothing that it sends arrives at ${others}: connect both to the same LAN, or correct hosts[].address`;
    case "between":
      return `${host.name}: on the way to ${others} get lost ${what}: open them in the firewall between the hosts (a provider's, a switch's, a hypervisor's)`;
    case "in":
      return `${host.name}: ${filterName(filters.in)} drops ${what} from ${others}: ${openIn(filters.in, addresses)}`;
    case "out":
      return `${host.name}: ${filterName(filters.out)} drops ${what} to ${others}: ${openOut(filters.out, addresses)}`;
  }
}

const chainPattern = /chain (\S+) of table (\S+) ([^\s,]+)/g;

function filterName(filter: string): string {
  if (filter === "") return "something (not its packet filter: perhaps rp_filter)";
  return filter.startsWith("chain ") ? `its packet filter (${filter})` : filter;
}

const run = (commands: readonly string[]) => `run there ${commands.join(" && ")}`;

function openIn(filter: string, peers: readonly string[]): string {
  if (filter === "ufw") return run(peers.map((peer) => `ufw allow from ${peer}`));
  if (filter === "firewalld") {
    const sources = peers.map((peer) => `--add-source=${peer}`).join(" ");
    return run([`firewall-cmd --permanent --zone=trusted ${sources}`, "firewall-cmd --reload"]);
  }
  return openChains(filter, "saddr", "-s", peers);
}

function openOut(filter: string, peers: readonly string[]): string {
  if (filter === "ufw") return run(peers.map((peer) => `ufw allow out to ${peer}`));
  return openChains(filter, "daddr", "-d", peers);
}

function openChains(filter: string, nft: string, iptables: string, peers: readonly string[]): string {
  const commands = [...filter.matchAll(chainPattern)].map(([, chain = "", family = "", table = ""]) =>
    family === "ip" && table === "filter" && chain === chain.toUpperCase()
      ? `iptables -I ${chain} ${iptables} ${peers.join(",")} -j ACCEPT`
      : `nft insert rule ${family} ${table} ${chain} ip ${nft} { ${peers.join(", ")} } accept`,
  );
  if (commands.length === 0) return "see what drops it on this host, and let it through";
  return `${run(commands)}, and put the same where the rules are kept`;
}

/** Pairs between which packets of the LAN's size are lost, while smaller ones arrive. */
function sizeFaults(
  flows: readonly Flow[],
  view: (host: HostConfig) => HostView,
  mtu: number,
): readonly string[] {
  return flows
    .filter(({ name }) => name === "udp/4789")
    .flatMap(({ from, to }) => {
      const start = `heard ${from.address} `;
      const heard = [...view(to).seen].filter((line) => line.startsWith(start));
      const sizes = heard.flatMap((line) => /size\/(\d+)$/.exec(line)?.[1] ?? []).map(Number);
      const largest = Math.max(...sizes);
      // If no packet arrived, their size is not the reason.
      if (sizes.length === 0 || largest >= mtu) return [];
      return [
        `${from.name}: packets of ${mtu} bytes to ${named([to])} are lost on the way, and packets of ${largest} bytes arrive: set the MTU of every host's interface in the LAN to ${largest}`,
      ];
    });
}
