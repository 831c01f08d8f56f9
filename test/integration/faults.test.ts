import { beforeAll, describe, expect, test } from "vitest";
import { eventually, hosts, lab, must, onHost } from "../cluster/lab.ts";
import { freshLab, pulumi, type Settings } from "./pulumi.ts";

/** What the second host says of a broken plan, and that nothing was begun on any host. */
async function expectRefusal(change: Settings, message: RegExp, seconds: number, unreachable?: string) {
  const result = await pulumi("up", { change });
  expect(result.status).not.toBe(0);
  expect(result.output).toMatch(message);
  expect(result.seconds).toBeLessThan(seconds);
  for (const host of hosts) {
    if (host === unreachable) continue;
    expect(await onHost(host, "ls -d /etc/postgres-cluster /etc/docker 2>/dev/null | wc -l"), host).toBe("0");
  }
}

const dev = { address: ["10.0.0.10", "10.0.0.11", "10.0.0.12"] };
const hostsWith = (change: Settings) =>
  hosts.map((name, index) => ({ name, address: dev.address[index], ...(index === 1 && change) }));

beforeAll(freshLab);

describe("each fault of a host is one clear error that names the host and the cure, and leaves nothing half made", () => {
  test("a wrong host key", async () => {
    const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0pQlV4bm9ib2R5b3duc3RoaXNrZXlhdGFsbHNvdGhl";
    await expectRefusal(
      { hosts: hostsWith({ hostKey }) },
      /host-2: its host key is not the configured one\. .*ssh-keyscan/,
      20,
    );
  });

  test("a wrong SSH key", async () => {
    const folder = await must(["mktemp", "-d"]);
    await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${folder}/key`]);
    await expectRefusal(
      { ssh: { privateKeyFile: `${folder}/key` } },
      /host-2: it does not accept the key of user root\. .*authorized_keys/,
      20,
    );
    await must(["rm", "-r", folder]);
  });

  test("an unreachable host", async () => {
    await lab("kill", "host-2");
    try {
      await expectRefusal({}, /host-2: it cannot be reached over ssh\. .*10\.0\.0\.11/, 30, "host-2");
    } finally {
      await lab("start", "host-2");
      await eventually(30, () => onHost("host-2", "true"));
    }
  });

  test("no disk space", async () => {
    await onHost("host-2", "mkdir /var/lib/docker && mount -t tmpfs -o size=1g tmpfs /var/lib/docker");
    await expectRefusal(
      {},
      /host-2: \/var\/lib\/docker has \d+ MiB free, but its members need \d+ MiB: free space/,
      20,
    );
    await onHost("host-2", "umount /var/lib/docker && rmdir /var/lib/docker");
  });

  test("port 5432 taken", async () => {
    await onHost(
      "host-2",
      "systemd-run -q --unit squatter perl -MIO::Socket::INET -e '@open = IO::Socket::INET->new(LocalPort => 5432, Listen => 1); sleep'",
    );
    await expectRefusal({}, /host-2: port 5432 is taken by perl \(pid \d+\): stop it/, 20);
    await onHost("host-2", "systemctl stop squatter");
  });

  test("Swarm's port 4789 taken", async () => {
    await onHost(
      "host-2",
      "systemd-run -q --unit squatter perl -MIO::Socket::INET -e '@open = IO::Socket::INET->new(Proto => q(udp), LocalPort => 4789); sleep'",
    );
    await expectRefusal({}, /host-2: port 4789 \(udp\) is taken by perl \(pid \d+\): stop it/, 20);
    await onHost("host-2", "systemctl stop squatter");
  });

  test("a port that is dropped between two hosts, in one direction", async () => {
    const rule = "ip saddr 10.0.0.10 ip daddr 10.0.0.11 udp dport 4789 drop";
    await must(["nft", "add table bridge test"]);
    await must(["nft", "add chain bridge test forward { type filter hook forward priority 0; }"]);
    await must(["nft", `add rule bridge test forward ${rule}`]);
    try {
      await expectRefusal(
        {},
        /host-1: on the way to host-2 \(10\.0\.0\.11\) get lost UDP 4789: open them/,
        30,
      );
    } finally {
      await must(["nft", "delete table bridge test"]);
    }
  });

  test("several faults on several hosts, all in one run", async () => {
    const result = await pulumi("up", {
      change: { resources: { coordinator: { cpus: 999, memory: "1000GB", storage: "5GB" } } },
    });
    expect(result.status).not.toBe(0);
    for (const host of hosts) {
      expect(result.output).toMatch(
        new RegExp(`${host}: it has \\d+ CPUs, but its largest member needs 999`),
      );
      expect(result.output).toMatch(
        new RegExp(`${host}: it has \\d+ MiB of memory, but its members need \\d+ MiB`),
      );
    }
  });
});
