import { containerOf, type Place } from "../cluster/cluster.ts";
import { hosts, lab, onHost } from "../cluster/lab.ts";
import { etcdctl } from "./places.ts";

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

const etcdData = ({ name }: Place) => `/var/lib/docker/volumes/${name}-data/_data`;

/** What it had is moved beside it. */
export const wipeEtcd = (place: Place) =>
  onHost(place.host, `cd ${etcdData(place)} && mv data wiped && docker kill ${containerOf(place)}`);

/** A member that came back has no use for its former disk; another one, which starts again and again, gets it back. */
export const afterWipe = (place: Place, what: "forget" | "restore") =>
  onHost(
    place.host,
    `cd ${etcdData(place)} && ${
      what === "forget"
        ? "rm -rf wiped"
        : `for _ in 1 2 3 4 5; do rm -rf data; mv -T wiped data && break; done; docker kill ${containerOf(place)} || true`
    }`,
  );

/** Until etcd refuses more; the first refusal ends it. */
export const fillEtcd = (place: Place) =>
  onHost(
    place.host,
    `docker exec ${containerOf(place)} sh -c 'for n in $(seq 1000); do
       head -c 1400000 /dev/zero | tr "\\0" x | ${etcdctl("--endpoints https://127.0.0.1:2379 put drill/$n")} >/dev/null 2>&1 || exit 0
     done; exit 1'`,
  );

/** Frees what was filled on every member, and has etcd take writes again. */
export const emptyEtcd = (place: Place, members: readonly string[]) => {
  const all = etcdctl(
    `--command-timeout 60s --endpoints ${members.map((name) => `https://${name}:2379`).join(",")}`,
  );
  const one = etcdctl("--endpoints https://127.0.0.1:2379");
  return onHost(
    place.host,
    `docker exec ${containerOf(place)} sh -c '${one} del --prefix drill/ &&
       ${one} compact $(${one} endpoint status --write-out fields | sed -n "s/^.Revision. : //p") && ${all} defrag && ${one} alarm disarm'`,
  );
};
