import { beforeAll, expect, test } from "vitest";
import { healthy, runningCluster } from "../cluster/cluster.ts";
import { eventually, hosts, onHost } from "../cluster/lab.ts";

/** What a program that has been taken over could do where it runs, as the kernel says of each process. */

beforeAll(async () => {
  await runningCluster();
  await eventually(60, healthy);
});

interface Process {
  group: string;
  user: number;
  /** In hexadecimal: what it may do, and what a program that it starts could get. */
  effective: string;
  bounding: string;
  newPrivileges: boolean;
  /** Folders that can be written, by the permissions of their mounts. */
  writable: string[];
}

const processes = async (host: string): Promise<Process[]> => {
  const lines = await onHost(
    host,
    `for container in $(docker ps -q --filter label=postgres-cluster.group); do
      group=$(docker inspect --format '{{index .Config.Labels "postgres-cluster.group"}}' "$container")
      for process in $(docker top "$container" -eo pid | tail -n +2); do
        [ -e /proc/$process/status ] || continue
        mounts=$(awk '$6 ~ /^rw/ && $5 !~ "^/(proc|sys|dev/(pts|mqueue))" {print $5}' /proc/$process/mountinfo | sort | paste -sd,)
        awk -v "group=$group" -v "mounts=$mounts" '{value[$1] = $2}
          END {print group, value["Uid:"], value["CapEff:"], value["CapBnd:"], value["NoNewPrivs:"], mounts}' /proc/$process/status
      done
    done`,
  );
  return lines.split("\n").map((line) => {
    const [group = "", user, effective = "", bounding = "", noNew, mounts = ""] = line.split(" ");
    return {
      group,
      user: Number(user),
      effective,
      bounding,
      newPrivileges: noNew !== "1",
      writable: mounts.split(","),
    };
  });
};

test("no process of a member has or can get a capability, and it can write its data and files in memory only", async () => {
  const all = (await Promise.all(hosts.map(processes))).flat();
  const writable = (group: string) => {
    if (group === "haproxy") return [];
    return group === "etcd" ? ["/var/lib/etcd"] : ["/run/postgresql", "/tmp", "/var/lib/postgresql/data"];
  };
  expect(new Set(all.map(({ group }) => group))).toEqual(
    new Set(["etcd", "coordinators", "shard-1", "shard-2", "shard-3", "haproxy"]),
  );
  for (const process of all) {
    expect(process).toEqual({
      group: process.group,
      user: { etcd: 2379, haproxy: 99 }[process.group] ?? 999,
      effective: "0".repeat(16),
      bounding: "0".repeat(16),
      newPrivileges: false,
      // The rest of /dev is the container's own, in memory.
      writable: ["/dev", "/dev/shm", ...writable(process.group)],
    });
  }
});

test("keepalived has what moves an address and starts its check as somebody else", async () => {
  const [effective, noNew, mount] = (
    await onHost(
      "host-1",
      `process=$(systemctl show --property MainPID --value postgres-cluster-virtual-ip)
      awk '/^CapEff/ || /^NoNewPrivs/ {print $2}' /proc/$process/status
      awk '$5 == "/" {print $6}' /proc/$process/mountinfo`,
    )
  ).split("\n");
  // CAP_KILL, SETGID, SETUID, NET_ADMIN, NET_RAW, SYS_NICE.
  const allowed = [5, 6, 7, 12, 13, 23].reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
  expect(BigInt(`0x${effective}`)).toBe(allowed);
  expect(noNew).toBe("1");
  expect(mount).toMatch(/^ro/);
});
