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

/** ssh takes an option's first value: a host that does not answer is given up sooner than in a deployment. */
const impatience = ["ConnectTimeout=3", "ServerAliveInterval=2", "ServerAliveCountMax=2"].flatMap((text) => [
  "-o",
  text,
]);

/**
 * Asks every host for its own part, all at the same time, and the first fit one for the cluster's. A host that is lost
 * or talks nonsense costs seconds and its own part.
 */
export async function collect(config: ClusterConfig): Promise<Facts> {
  const variables = variablesOf(config);
  const ask = <Answer>(verb: "host" | "cluster", host: HostConfig, answer: z.ZodType<Answer>) =>
    run(config, host, verb, variables).then((text) => {
      try {
        return answer.parse(JSON.parse(text));
      } catch {
        throw new Error(
          `${host.name}: it answers with something else than its status: ${text.trim().slice(0, 200)}`,
        );
      }
    });

  const answers = config.hosts.map((host) =>
    ask("host", host, hostFacts).catch((error: Error): HostAnswer => ({ error: error.message })),
  );
  const fit = answers.map(async (answer, index) => {
    const facts = await answer;
    if ("error" in facts || !facts.manages || !facts.runsDatabase) throw new Error("not fit");
    return config.hosts[index] as HostConfig;
  });
  const lan = checkLan(config, config.topology, impatience);
  const askCluster = (host: HostConfig) => ask("cluster", host, clusterFacts).catch(() => null);

  const first = await Promise.any(fit).catch(() => undefined);
  let cluster: ClusterFacts | null = first ? await askCluster(first) : null;
  const settled = await Promise.all(answers);
  // What the first could not tell, another may.
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
    // Of two values of a keyword libpq takes the last.
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
    target: { ...target, options: [...impatience, ...target.options] },
    script,
    variables,
    timeout: verb === "host" ? 10 : 30,
  });
}
