import { containerOf, type Place } from "../lab/cluster.ts";
import { hosts, lab, onHost } from "../lab/lab.ts";

/** What is done to hosts, containers and processes. */

/** Programs by how they are found among the processes of their container: process 1 (`$init`), or a child of it. */
const programs = {
  postgres: 'pgrep -x -P "$init" postgres',
  pgbouncer: 'pgrep -x -P "$init" pgbouncer',
  // The member's first child; the others are its watches.
  patroni: 'pgrep -o -P "$init"',
  // The master and the worker that serves.
  haproxy: 'echo "$init"; pgrep -P "$init"',
  etcd: 'echo "$init"',
} as const;

export const signal = (place: Place, program: keyof typeof programs, name: "KILL" | "STOP" | "CONT") =>
  onHost(
    place.host,
    `init=$(docker inspect -f '{{.State.Pid}}' ${containerOf(place)}) && kill -${name} $(${programs[program]})`,
  );

export const kill = (host: string) => lab("kill", host);
export const start = (host: string) => lab("start", host);
export const cut = (host: string, way?: "from" | "to") => lab("cut", host, ...(way ? [way] : []));
export const heal = (host: string) => lab("heal", host);
export const killAll = (which: readonly string[]) => Promise.all(which.map(kill));
/** All that are off, at once. */
export const startAll = () => lab("up");

export const keepalived = (host: string, name: "KILL" | "STOP" | "CONT") =>
  onHost(host, `systemctl kill -s ${name} postgres-cluster-virtual-ip`);

export const removeContainer = (place: Place) => onHost(place.host, `docker rm -f ${containerOf(place)}`);

const daemons = "systemctl restart containerd docker";
export const restartDocker = (host: string) => onHost(host, daemons);
export const restartDockerEverywhere = () => Promise.all(hosts.map(restartDocker));

/** ssh ends with the host, so it is told to wait a moment. */
export const reboot = (host: string) => onHost(host, "systemd-run -q --on-active=100ms systemctl reboot");

/** The lab's kernel has no netem; a share of what arrives at the host is dropped instead. */
export const losePackets = (host: string, percent: number) =>
  onHost(
    host,
    `nft 'add table inet drill; add chain inet drill loss { type filter hook input priority -400; }; add rule inet drill loss ip saddr 10.0.0.10-10.0.0.12 numgen random mod 100 < ${percent} drop'`,
  );
export const losePacketsNoMore = (host: string) => onHost(host, "nft delete table inet drill");
