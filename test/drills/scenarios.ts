import { say } from "../../bench/say.ts";
import type { Place } from "../cluster/cluster.ts";
import { hosts } from "../cluster/lab.ts";
import { monotonic } from "../cluster/writer.ts";
import type { Drill } from "./drill.ts";
import * as faults from "./faults.ts";
import {
  apart,
  etcdComplete,
  etcdFollower,
  etcdLeader,
  groupOf,
  groupsLedOn,
  leaderOf,
  membersNow,
  shardApart,
  switchOver,
  together,
  topology,
} from "./places.ts";

/** Where a fault is, and the group whose writers are watched. */
export interface Spot extends Place {
  readonly group: string;
  /** The shards that the fault concerns; all if it concerns the coordinators. Default: the group alone. */
  readonly concerned?: readonly string[];
  /** Of the scenario's runs, from 0. */
  readonly run: number;
}

export interface Scenario {
  readonly name: string;
  /** What happens, as docs/reliability.md says it. */
  readonly what: string;
  /** Milliseconds until the next committed write; none where only healing and losses count. */
  readonly target?: { readonly medianMs: number; readonly worstMs: number };
  /** Finds or makes the place, in a healthy cluster. */
  readonly where: () => Promise<Omit<Spot, "run">>;
  /**
   * Most faults heal by themselves; others are taken back by what they give to `drill.undo`, once clients are served again.
   * Either way the cluster has to become healthy by itself, as `make status` and etcd say it.
   */
  readonly fault: (spot: Spot, drill: Drill) => Promise<unknown>;
  /** How many seconds clients are watched at least; by default 15, for some faults take effect late. */
  readonly seconds?: number;
  /** Clients reach shards with Citus only. */
  readonly needsCitus?: boolean;
  /** What the cluster cannot heal by itself would end every soak. */
  readonly notInSoak?: boolean;
}

const coordinators = "coordinators";
const withCoordinators = async (place: Promise<Place>) => ({ ...(await place), group: coordinators });
const coordinatorsLeader = () => withCoordinators(leaderOf(coordinators));
const allTogether = () => withCoordinators(together());

async function loseHost({ host }: Place, drill: Drill): Promise<void> {
  drill.undo(() => faults.start(host));
  await faults.kill(host);
}

async function freeze(spot: Spot, drill: Drill, program: "pgbouncer" | "patroni" | "postgres" | "haproxy") {
  // Normally nothing is left that could go on.
  drill.undo(() => faults.signal(spot, program, "CONT"));
  await faults.signal(spot, program, "STOP");
}

async function cutOff({ host }: Place, drill: Drill, way?: "from" | "to"): Promise<void> {
  const inside = drill.recorder.addInside(host);
  drill.undo(() => inside.stop());
  await drill.pause(2);
  drill.undo(() => faults.heal(host));
  drill.mark();
  await faults.cut(host, way);
}

export const scenarios: readonly Scenario[] = [
  {
    name: "coordinator-crash",
    what: "PostgreSQL of the coordinators' leader killed",
    target: { medianMs: 1500, worstMs: 3000 },
    where: coordinatorsLeader,
    fault: (spot) => faults.signal(spot, "postgres", "KILL"),
  },
  {
    name: "coordinator-host-loss",
    what: "host of the coordinators' leader killed, virtual IP and etcd leader on it too",
    target: { medianMs: 4000, worstMs: 6000 },
    where: allTogether,
    fault: loseHost,
  },
  {
    name: "host-cut",
    what: "that host cut off from the others, with a client on its side",
    target: { medianMs: 4000, worstMs: 6000 },
    where: allTogether,
    fault: (spot, drill) => cutOff(spot, drill),
    // Until its side, too, knows that it is alone.
    seconds: 40,
  },
  {
    name: "worker-crash",
    what: "PostgreSQL of a shard's leader killed",
    target: { medianMs: 2000, worstMs: 4000 },
    where: shardApart,
    fault: (spot) => faults.signal(spot, "postgres", "KILL"),
    needsCitus: true,
  },
  {
    name: "worker-host-loss",
    what: "host of a shard's leader killed",
    target: { medianMs: 4000, worstMs: 6000 },
    where: async () => {
      const spot = await shardApart();
      return { ...spot, concerned: await groupsLedOn(spot.host) };
    },
    fault: loseHost,
    needsCitus: true,
  },
  {
    name: "switchover",
    what: "planned switchover of the coordinators",
    target: { medianMs: 1000, worstMs: 2000 },
    where: coordinatorsLeader,
    fault: async (spot) => {
      const next = groupOf(coordinators).members.find(({ name }) => name !== spot.name);
      await switchOver(coordinators, next?.name ?? "");
    },
  },
  {
    name: "host-reboot",
    what: "orderly reboot of the host of the coordinators' leader, with the virtual IP and etcd's leader",
    target: { medianMs: 1000, worstMs: 2000 },
    where: allTogether,
    fault: async ({ host }, drill) => {
      drill.undo(() => faults.start(host));
      await faults.reboot(host);
    },
    seconds: 40,
  },
  {
    name: "pooler-hang",
    what: "PgBouncer of the coordinators' leader frozen",
    target: { medianMs: 4000, worstMs: 6000 },
    where: coordinatorsLeader,
    fault: (spot, drill) => freeze(spot, drill, "pgbouncer"),
  },
  {
    name: "patroni-hang",
    what: "Patroni of the coordinators' leader frozen beside a living PostgreSQL",
    target: { medianMs: 4000, worstMs: 6000 },
    where: coordinatorsLeader,
    fault: (spot, drill) => freeze(spot, drill, "patroni"),
    seconds: 30,
  },
  {
    name: "proxy-loss",
    what: "HAProxy with the virtual IP killed, or, in every second run, its host, without any leader of coordinators or etcd",
    target: { medianMs: 1500, worstMs: 3000 },
    where: () => withCoordinators(apart()),
    fault: (spot, drill) =>
      spot.run % 2 === 0 ? faults.signal(spot, "haproxy", "KILL") : loseHost(spot, drill),
  },
  {
    name: "etcd-leader-loss",
    what: "etcd's leader killed; no group may fail over",
    target: { medianMs: 1000, worstMs: 1000 },
    where: () => withCoordinators(etcdLeader()),
    fault: async (spot, drill) => {
      const before = await leaders();
      drill.check(async () => {
        const after = await leaders();
        if (after !== before) throw new Error(`the leaders were ${before} and are ${after}`);
      });
      drill.mark();
      await faults.signal(spot, "etcd", "KILL");
    },
  },
  {
    name: "docker-restart-everywhere",
    what: "containerd and dockerd restarted on all hosts at once",
    target: { medianMs: 25_000, worstMs: 40_000 },
    where: coordinatorsLeader,
    fault: faults.restartDockerEverywhere,
    seconds: 40,
  },
  {
    name: "two-hosts-loss",
    what: "two hosts lost, those of the coordinators' leader and without a proxy; from the return of the first",
    target: { medianMs: 20_000, worstMs: 40_000 },
    where: allTogether,
    fault: async (spot, drill) => {
      const other = hosts.find((host) => !topology().proxies.some((proxy) => proxy.host === host)) ?? "";
      drill.undo(faults.startAll);
      await faults.killAll([spot.host, other]);
      await drill.pause(30);
      const alone = drill.recorder.writersOf(coordinators).flat();
      // By then every lease has run out, and whoever still takes writes does so beside the majority that may come back.
      const late = monotonic() - 5000;
      if (alone.some(({ begun, error }) => begun > late && error === undefined))
        throw new Error("writes are acknowledged with two of three hosts lost");
      const reads = drill.recorder
        .reads()
        .flat()
        .filter(({ begun }) => begun > late);
      const answered = reads.filter(({ error }) => error === undefined).length;
      say(
        `  with two hosts lost ${answered} reads are answered and ${reads.length - answered} fail, with ${reads.find(({ error }) => error)?.error ?? "nothing"}`,
      );
      drill.mark();
      await faults.start(spot.host);
    },
  },
  {
    name: "power-cut",
    what: "all hosts stopped and started; from the start on, boot included",
    target: { medianMs: 25_000, worstMs: 40_000 },
    where: coordinatorsLeader,
    fault: async (_, drill) => {
      drill.undo(faults.startAll);
      await faults.killAll(hosts);
      await drill.pause(3);
      drill.mark();
      await faults.startAll();
    },
  },
  {
    name: "leader-again",
    what: "the host of the coordinators' leader killed while a standby has just rejoined, and PostgreSQL of the next leader during the failover; from the last kill",
    target: { medianMs: 6000, worstMs: 10_000 },
    where: coordinatorsLeader,
    fault: async (spot, drill) => {
      const [standby] = (await membersNow(coordinators)).filter(({ role }) => role !== "leader");
      const member = groupOf(coordinators).members.find(({ name }) => name === standby?.name);
      if (!member) throw new Error("the coordinators have no standby");
      await faults.removeContainer(member);
      await drill.until(60, async () => {
        const now = (await membersNow(coordinators)).find(({ name }) => name === member.name);
        if (now?.state !== "streaming") throw new Error(`${member.name} does not stream`);
      });
      await loseHost(spot, drill);
      const next = await drill.until(60, async () => {
        const now = await leaderOf(coordinators);
        if (now.name === spot.name) throw new Error(`${spot.name} still leads`);
        return now;
      });
      drill.mark();
      await faults.signal(next, "postgres", "KILL");
    },
  },
  {
    name: "pooler-crash",
    what: "PgBouncer of the coordinators' leader killed",
    where: coordinatorsLeader,
    fault: (spot) => faults.signal(spot, "pgbouncer", "KILL"),
  },
  {
    name: "patroni-crash",
    what: "Patroni of the coordinators' leader killed",
    where: coordinatorsLeader,
    fault: (spot) => faults.signal(spot, "patroni", "KILL"),
  },
  {
    name: "rolling-loss",
    what: "hosts 1, 2 and 3 killed one after another, with recovery between; the longest of the interruptions",
    where: coordinatorsLeader,
    fault: async (_, drill) => {
      for (const host of hosts) {
        await loseHost({ name: "", host }, drill);
        await drill.pause(15);
        await drill.settled(0);
        await faults.start(host);
        await drill.healthy();
      }
    },
  },
  {
    name: "postgres-hang",
    what: "PostgreSQL of the coordinators' leader frozen",
    where: coordinatorsLeader,
    fault: (spot, drill) => freeze(spot, drill, "postgres"),
    seconds: 30,
  },
  {
    name: "proxy-hang",
    what: "HAProxy with the virtual IP frozen",
    where: () => withCoordinators(apart()),
    fault: (spot, drill) => freeze(spot, drill, "haproxy"),
  },
  {
    name: "keepalived-hang",
    what: "keepalived frozen on the host that has the virtual IP",
    where: () => withCoordinators(apart()),
    fault: async ({ host }, drill) => {
      drill.undo(() => faults.keepalived(host, "CONT"));
      await faults.keepalived(host, "STOP");
    },
  },
  {
    name: "keepalived-crash",
    what: "keepalived killed on the host that has the virtual IP",
    where: () => withCoordinators(apart()),
    fault: ({ host }) => faults.keepalived(host, "KILL"),
  },
  {
    name: "container-removed",
    what: "container of the coordinators' leader removed by force",
    where: coordinatorsLeader,
    fault: faults.removeContainer,
  },
  {
    name: "docker-restart",
    what: "containerd and dockerd restarted on the host of the coordinators' leader",
    where: coordinatorsLeader,
    fault: ({ host }) => faults.restartDocker(host),
    seconds: 30,
  },
  {
    name: "etcd-wiped",
    what: "the disk of an etcd member wiped, which does not lead",
    where: () => withCoordinators(etcdFollower()),
    fault: async (spot, drill) => {
      await faults.wipeEtcd(spot);
      const healed = drill.until(60, etcdComplete).then(
        () => true,
        () => false,
      );
      drill.undo(async () => faults.afterWipe(spot, (await healed) ? "forget" : "restore"));
      drill.check(async () => {
        if (!(await healed))
          throw new Error(
            `${spot.name} did not come back with an empty disk; it has got its former one again`,
          );
      });
      await healed;
    },
    notInSoak: true,
  },
  {
    name: "etcd-full",
    what: "etcd out of space, for half a minute",
    where: () => withCoordinators(etcdLeader()),
    fault: async (spot, drill) => {
      drill.undo(() =>
        faults.emptyEtcd(
          spot,
          topology().etcd.map(({ name }) => name),
        ),
      );
      await faults.fillEtcd(spot);
      drill.mark();
      await drill.pause(30);
      await drill.undoAll();
    },
  },
  {
    name: "host-mute",
    what: "nothing gets from the host of the coordinators' leader to the others, with a client on its side",
    where: allTogether,
    fault: (spot, drill) => cutOff(spot, drill, "from"),
    seconds: 40,
  },
  {
    name: "host-deaf",
    what: "nothing gets to the host of the coordinators' leader, with a client on its side",
    where: allTogether,
    fault: (spot, drill) => cutOff(spot, drill, "to"),
    seconds: 40,
  },
  {
    name: "packet-loss",
    what: "a fifth of the packets to the host of the coordinators' leader lost, for 30 seconds",
    where: allTogether,
    fault: async ({ host }, drill) => {
      drill.undo(() => faults.losePacketsNoMore(host));
      await faults.losePackets(host, 20);
      await drill.pause(30);
      await drill.undoAll();
    },
  },
];

const leaders = async () =>
  (await Promise.all(topology().groups.map(({ name }) => leaderOf(name)))).map(({ name }) => name).join(", ");

/** Most of them in a random order, as soak.ts does it. */
export const soak = {
  name: "soak",
  what: "these in a random sequence; the longest of the interruptions",
} as const;
