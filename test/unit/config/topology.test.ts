import { describe, expect, test } from "vitest";
import { allMembers, membersOn, type Topology } from "../../../config/topology.ts";
import { hostsOf, namesOf, parse } from "./fixture.ts";

const placed = (topology: Topology, host: string) => membersOn(topology, host).map(({ name }) => name);

describe("placement", () => {
  test("the reference architecture's is exactly as drawn", () => {
    const topology = parse({ placement: { strategy: "reference" } }).topology;
    expect(placed(topology, "host-1")).toEqual(["etcd-1", "coord-1", "worker-1-1", "haproxy-1"]);
    expect(placed(topology, "host-2")).toEqual([
      "etcd-2",
      "coord-2",
      "worker-1-2",
      "worker-2-1",
      "haproxy-2",
    ]);
    expect(placed(topology, "host-3")).toEqual([
      "etcd-3",
      "coord-3",
      "worker-2-2",
      "worker-3-1",
      "worker-3-2",
    ]);
  });

  test("the default differs from it in worker-3-2 only, which goes to host 1", () => {
    const topology = parse().topology;
    expect(placed(topology, "host-1")).toEqual([
      "etcd-1",
      "coord-1",
      "worker-1-1",
      "worker-3-2",
      "haproxy-1",
    ]);
    expect(placed(topology, "host-2")).toEqual([
      "etcd-2",
      "coord-2",
      "worker-1-2",
      "worker-2-1",
      "haproxy-2",
    ]);
    expect(placed(topology, "host-3")).toEqual(["etcd-3", "coord-3", "worker-2-2", "worker-3-1"]);
  });

  test("lists win over the strategy, group by group", () => {
    const workers = [
      ["host-3", "host-1"],
      ["host-1", "host-2"],
    ];
    const { placement } = parse({ placement: { strategy: "reference", workers } });
    expect(placement).toEqual({
      etcd: namesOf(3),
      coordinators: namesOf(3),
      workers,
      proxies: ["host-1", "host-2"],
    });
  });

  test("etcd is on every host, or one less, never on more than seven", () => {
    const sizes = [3, 4, 5, 6, 7, 8, 9].map(
      (count) => parse({ hosts: hostsOf(count) }).placement.etcd.length,
    );
    expect(sizes).toEqual([3, 3, 5, 5, 7, 7, 7]);
  });
});

/** What a lost host takes from a topology, in words. */
function lossesWithout(topology: Topology, host: string): string[] {
  const left = (members: readonly { readonly host: string }[]) =>
    members.filter((member) => member.host !== host);
  return [
    ...(left(topology.etcd).length * 2 > topology.etcd.length ? [] : ["etcd's majority"]),
    ...topology.groups.filter(({ members }) => left(members).length === 0).map(({ name }) => name),
    ...(left(topology.groups[0]?.members ?? []).length >= 2 ? [] : ["the standby of the coordinators"]),
    ...(left(topology.proxies).length > 0 ? [] : ["the proxies"]),
  ];
}

describe("the loss of any one host", () => {
  const sizes = [3, 4, 5, 6, 7].flatMap((hosts) =>
    [1, 2, 3, 4, 5, 6].map((shards) => [hosts, shards] as const),
  );

  test.each(sizes)("of %i with %i shards is survived when spread", (hosts, shards) => {
    const topology = parse({ hosts: hostsOf(hosts), placement: { workerGroups: shards } }).topology;
    expect(topology.groups).toHaveLength(1 + shards);
    expect(topology.groups.slice(1).every(({ members }) => members.length === 2)).toBe(true);
    for (const host of namesOf(hosts)) expect(lossesWithout(topology, host)).toEqual([]);
  });

  test("costs shard 3 with the reference architecture's placement, and only there", () => {
    const topology = parse({ placement: { strategy: "reference" } }).topology;
    expect(namesOf(3).map((host) => lossesWithout(topology, host))).toEqual([[], [], ["shard-3"]]);
  });
});

describe("members", () => {
  const topology = parse().topology;

  test("have the documented volumes", () => {
    expect(allMembers(topology).map(({ name, volume }) => `${name}:${volume ?? "-"}`)).toEqual([
      ...["etcd-1:etcd-1-data", "etcd-2:etcd-2-data", "etcd-3:etcd-3-data"],
      ...["coord-1:coord-1-data", "coord-2:coord-2-data", "coord-3:coord-3-data"],
      ...["worker-1-1:worker-1-1", "worker-1-2:worker-1-2", "worker-2-1:worker-2-1"],
      ...["worker-2-2:worker-2-2", "worker-3-1:worker-3-1", "worker-3-2:worker-3-2"],
      ...["haproxy-1:-", "haproxy-2:-"],
    ]);
  });

  test("are grouped as Citus numbers them, and wait for a standby as the settings say", () => {
    const groups = parse({ database: { synchronous: { workers: true } } }).topology.groups;
    expect(groups.map(({ name, kind, citusGroup }) => [name, kind, citusGroup])).toEqual([
      ["coordinators", "coordinator", 0],
      ["shard-1", "worker", 1],
      ["shard-2", "worker", 2],
      ["shard-3", "worker", 3],
    ]);
    expect(topology.groups.map(({ synchronous }) => synchronous)).toEqual([true, false, false, false]);
    expect(groups.map(({ synchronous }) => synchronous)).toEqual([true, true, true, true]);
  });

  test("have the size of their kind", () => {
    const { etcd, coordinator, worker, proxy } = parse().resources;
    expect(topology.etcd[0]?.size).toEqual(etcd);
    expect(topology.groups[0]?.members[0]?.size).toEqual(coordinator);
    expect(topology.groups[3]?.members[1]?.size).toEqual(worker);
    expect(topology.proxies[1]?.size).toEqual(proxy);
  });
});
