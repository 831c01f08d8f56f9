import type { z } from "zod";
import { readScript } from "../components/host/HostScript.ts";
import { checkLan } from "../components/host/lan.ts";
import { clientPorts } from "../components/host/preflight.ts";
import { runScript } from "../components/host/runScript.ts";
import { hostTarget } from "../components/host/ssh.ts";
import { leaderConninfo } from "../components/postgres/patroni.ts";
import { monitorPassfile, monitorRole } from "../components/postgres/roles.ts";
import { certificatePaths } from "../components/security/CertificateAuthority.ts";
import type { ClusterConfig, HostConfig } from "../config/ClusterConfig.ts";
import type { Group } from "../config/topology.ts";
import { type ClusterFacts, clusterFacts, type Facts, type HostAnswer, hostFacts } from "./facts.ts";

const script = readScript("on-host/status.sh", import.meta.url);

/** Shorter than in a deployment. ssh takes the first value of an option, so these come before the target's own options. */
const shortTimeouts = ["ConnectTimeout=3", "ServerAliveInterval=2", "ServerAliveCountMax=2"].flatMap(
  (text) => ["-o", text],
);

/**
 * Asks all hosts at the same time about themselves, and the first suitable one about the cluster. If a host is lost or gives
 * an invalid answer, only its own part is missing.
 */
export async function collect(config: ClusterConfig): Promise<Facts> {
  const variables = variablesOf(config);
  const ask = <Answer>(verb: "host" | "cluster", host: HostConfig, answer: z.ZodType<Answer>) =>
    run(config, host, verb, variables).then((text) => {
      try {
        return answer.parse(JSON.parse(text));
      } catch {
        throw new Error(`${host.name}: its answer is not a status report: ${text.trim().slice(0, 200)}`);
      }
    });

  const answers = config.hosts.map((host) =>
    ask("host", host, hostFacts).catch((error: Error): HostAnswer => ({ error: error.message })),
  );
  const suitable = answers.map(async (answer, index) => {
    const facts = await answer;
    if ("error" in facts || !facts.manages || !facts.runsDatabase) throw new Error("not suitable");
    return config.hosts[index] as HostConfig;
  });
  const lan = checkLan(config, config.topology, shortTimeouts);
  const askCluster = (host: HostConfig) => ask("cluster", host, clusterFacts).catch(() => null);

  const first = await Promise.any(suitable).catch(() => undefined);
  let cluster: ClusterFacts | null = first ? await askCluster(first) : null;
  const settled = await Promise.all(answers);
  // Another host may know what the first did not.
  for (const [index, host] of config.hosts.entries()) {
    if (cluster?.swarm && cluster.groups) break;
    const facts = settled[index];
    if (host === first || !facts || "error" in facts) continue;
    const other = await askCluster(host);
    cluster = cluster && other ? merge(cluster, other) : (cluster ?? other);
  }
  return {
    hosts: Object.fromEntries(config.hosts.map((host, index) => [host.name, settled[index] as HostAnswer])),
    cluster,
    lan: await lan,
  };
}

function merge(one: ClusterFacts, other: ClusterFacts): ClusterFacts {
  const [told, rest] = one.groups ? [one, other] : [other, one];
  return { ...told, swarm: told.swarm ?? rest.swarm };
}

function variablesOf(config: ClusterConfig): Record<string, string> {
  const { topology } = config;
  const addresses = new Map(config.hosts.map(({ name, address }) => [name, address]));
  const members = topology.groups.map((group) => [group.name, ...group.members.map(({ name }) => name)]);
  return {
    VIP: config.virtualIp.address,
    VOLUMES: topology.groups.flatMap((group) => group.members.map(({ volume }) => volume)).join(" "),
    MEMBERS: members.map((words) => words.join(" ")).join("\n"),
    // If a keyword is there twice, libpq takes the last value.
    LEADER: `${leaderConninfo(topology.groups[0] as Group, monitorRole)} dbname=${config.database.name}`,
    CLIENT:
      `host=${config.virtualIp.address} user=${monitorRole} dbname=${config.database.name} connect_timeout=3 ` +
      `passfile=${monitorPassfile} sslmode=verify-full sslrootcert=${certificatePaths.ca}`,
    WRITE_PORT: String(clientPorts.write),
    READ_PORT: String(clientPorts.read),
    PROXIES: topology.proxies.map(({ name, host }) => `${name}=${addresses.get(host)}`).join(" "),
    STATS_PORT: String(clientPorts.stats),
  };
}

/** The script's stdout on one host. */
function run(config: ClusterConfig, host: HostConfig, verb: string, variables: Record<string, string>) {
  const target = hostTarget(config.ssh, host);
  return runScript(verb, {
    target: { ...target, options: [...shortTimeouts, ...target.options] },
    script,
    variables,
    timeout: verb === "host" ? 10 : 30,
  });
}
