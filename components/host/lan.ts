import { randomBytes } from "node:crypto";
import type { HostConfig } from "../../config/ClusterConfig.ts";
import type { Topology } from "../../config/topology.ts";
import { readScript } from "./HostScript.ts";
import type { HostsConfig } from "./HostsPlan.ts";
import { type HostView, lanFaults } from "./lanFaults.ts";
import { flowsOf, isAnswer, tcpPorts } from "./lanFlows.ts";
import { runScript } from "./runScript.ts";
import { hostTarget } from "./ssh.ts";

/** What the check of the LAN between the hosts found. */
export interface LanReport {
  /** What does not get through, one sentence each. */
  readonly faults: readonly string[];
  /** MTU of each host's interface, by the host's name. */
  readonly mtus: Readonly<Record<string, number>>;
  /** Hosts that could not be checked, by name, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

/** Packet sizes to try: the MTUs of PPPoE, tunnels, VXLAN and WireGuard. The LAN's own comes first. */
const sizes = [9000, 4000, 1500, 1492, 1480, 1476, 1450, 1420, 1400, 1350, 1280, 1200, 1000, 576];

const script = readScript("on-host/lan.sh", import.meta.url);
const program = readScript("on-host/lan.pl", import.meta.url);

/** When these change, the check runs again. */
export const lanScripts: readonly string[] = [script, program];

/**
 * Sends from each host to each other what the cluster will send, and reports what does not get through, and why. It changes
 * nothing and does not disturb a running cluster. All hosts listen before the first one sends.
 */
export async function checkLan(
  plan: HostsConfig,
  topology: Topology,
  sshOptions: readonly string[] = [],
): Promise<LanReport> {
  const token = randomBytes(6).toString("hex");
  const ask = (host: HostConfig, verb: string, variables: Record<string, string>) => {
    const target = hostTarget(plan.ssh, host);
    return runScript(verb, {
      target: { ...target, options: [...sshOptions, ...target.options] },
      script,
      variables: { HOST: host.name, ADDRESS: host.address, PROGRAM: program, TOKEN: token, ...variables },
      timeout: 20,
    });
  };
  const absent: Record<string, string> = {};
  /** Runs one verb on some hosts in parallel; hosts that fail take no further part. */
  const round = async (
    verb: string,
    hosts: readonly HostConfig[],
    variables: (host: HostConfig) => Record<string, string> = () => ({}),
  ): Promise<Map<HostConfig, string>> => {
    const answers = new Map<HostConfig, string>();
    await Promise.all(
      hosts.map((host) =>
        ask(host, verb, variables(host)).then(
          (answer) => answers.set(host, answer),
          (error: Error) => {
            absent[host.name] = error.message;
          },
        ),
      ),
    );
    return answers;
  };

  const addresses = plan.hosts.map(({ address }) => address);
  const listening = await round("listen", plan.hosts, ({ address }) => ({
    PORTS: tcpPorts.join(","),
    PEERS: addresses.filter((other) => other !== address).join(" "),
  }));
  const mtuOf = (host: HostConfig) => Number(listening.get(host));
  for (const host of listening.keys()) {
    if (Number.isInteger(mtuOf(host))) continue;
    absent[host.name] = `${host.name}: it answers with something else than its MTU`;
    listening.delete(host);
  }
  const present = plan.hosts.filter((host) => listening.has(host));
  const mtu = Math.min(...present.map(mtuOf));
  const flows = flowsOf(plan, topology).filter(({ from, to }) => listening.has(from) && listening.has(to));
  const sent = await round("send", present, (host) => ({
    FLOWS: [
      ...flows
        .filter((flow) => flow.from === host && !isAnswer(plan.hosts, flow))
        .map(({ to, name }) => `${to.address}/${name}`),
      ...present
        .filter((to) => to !== host)
        .flatMap(({ address }) =>
          [mtu, ...sizes.filter((size) => size < mtu)].map((size) => `${address}/size/${size}`),
        ),
    ].join(" "),
  }));
  const reported = await round("report", present);
  const views = new Map<HostConfig, HostView>();
  for (const [host, report] of reported) {
    if (sent.has(host)) views.set(host, viewOf(`${sent.get(host)}${report}`));
  }
  return {
    faults: lanFaults(
      plan.hosts,
      flows.filter(({ from, to }) => views.has(from) && views.has(to)),
      views,
      mtu,
    ),
    mtus: Object.fromEntries(present.map((host) => [host.name, mtuOf(host)])),
    absent,
  };
}

function viewOf(report: string): HostView {
  const lines = report.split("\n");
  const filter = (direction: string) => {
    const start = `filter ${direction} `;
    return lines.find((line) => line.startsWith(start))?.slice(start.length) ?? "";
  };
  return { seen: new Set(lines), filters: { in: filter("in"), out: filter("out") } };
}
