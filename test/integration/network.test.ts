import { beforeAll, describe, expect, test } from "vitest";
import { containerOf, healthy, runningCluster, status } from "../cluster/cluster.ts";
import { addresses, eventually, must, onHost, run } from "../cluster/lab.ts";

/** Who reaches which port of a running cluster's hosts, whatever happens to their firewalls. */

beforeAll(async () => {
  await runningCluster();
  await eventually(60, healthy);
});

/** Of these ADDRESS:PORT the ones that accept a connection, as a shell command. */
const open = (targets: readonly string[]) =>
  `for at in ${targets.join(" ")}; do timeout 2 bash -c 'exec 3<>/dev/tcp/'\${at/:/\\/} 2>/dev/null && echo $at; done; true`;

/** The same from this machine, which is no host, with another address of its own. */
async function openTo(source: string, targets: readonly string[]): Promise<string[]> {
  const asked = targets.map(async (target) => {
    const curl = ["curl", "-s", "-m", "2", "--interface", source, "-o", "/dev/null", "-w", "%{time_connect}"];
    const { stdout } = await run([...curl, `http://${target}/`]);
    return Number(stdout) > 0 ? [target] : [];
  });
  return (await Promise.all(asked)).flat();
}

describe("the firewall", () => {
  test.each([["systemctl restart nftables"], ["nft flush ruleset"]])(
    "comes back by itself after %s, with Docker's rules",
    async (command) => {
      const rules = () =>
        onHost("host-3", "nft list table inet postgres_cluster; iptables -w -t nat -S; iptables -w -S");
      const before = await rules();
      await onHost("host-3", command);
      await eventually(15, async () => expect(await rules()).toBe(before));
      await eventually(30, healthy);
      expect(await openTo("10.0.0.1", [`${addresses[2]}:2377`])).toEqual([]);
    },
  );

  test("keeps containers from Swarm's ports and ssh of every host, and lets them reach the clients' ports", async () => {
    const targets = addresses.flatMap((address) => [22, 2377, 7946].map((port) => `${address}:${port}`));
    const served = ["10.0.0.100:5432", `${addresses[0]}:5433`];
    const container = containerOf({ name: "coord-2", host: "host-2" });
    const script = open([...targets, ...served]);
    const reached = await onHost(
      "host-2",
      `docker exec -i ${container} bash -s <<'SCRIPT'\n${script}\nSCRIPT`,
    );
    expect(reached.split("\n")).toEqual(served);
  });

  test("lets clients in from network.clients only", async () => {
    const targets = [5432, 5433, 8404].map((port) => `${addresses[0]}:${port}`);
    const stranger = "203.0.113.9";
    await must(["ip", "address", "add", `${stranger}/32`, "dev", "lo"]);
    await onHost("host-1", `ip route add ${stranger} via 10.0.0.1`);
    try {
      expect(await openTo("10.0.0.1", targets)).toEqual(targets);
      expect(await openTo(stranger, targets)).toEqual([]);
    } finally {
      await onHost("host-1", `ip route del ${stranger} via 10.0.0.1`);
      await must(["ip", "address", "del", `${stranger}/32`, "dev", "lo"]);
    }
  });
});

describe("what does not get through between the hosts of a running cluster", () => {
  test("is said by the status, with the host, the program and the cure, while all else looks well", async () => {
    const rule = `INPUT -s ${addresses[2]} -p udp --dport 4789 -j DROP`;
    await onHost("host-1", `iptables -w -A ${rule}`);
    try {
      const started = Date.now();
      const { problems } = await status();
      expect(problems).toContainEqual(
        expect.stringMatching(
          /^host-1: its packet filter \(.*chain INPUT of table ip filter.*\) drops UDP 4789 from host-3 \(10\.0\.0\.12\): run there .*iptables -I INPUT -s 10\.0\.0\.12 -j ACCEPT/,
        ),
      );
      expect(Date.now() - started).toBeLessThan(15_000);
    } finally {
      await onHost("host-1", `iptables -w -D ${rule}`);
    }
    await eventually(60, healthy);
  });
});
