import { describe, expect, test } from "vitest";
import { firewall } from "../../../components/host/firewall.ts";
import { hostOf, keepalivedConf, virtualAddress } from "../../../components/proxy/keepalived.ts";
import { parse } from "../config/fixture.ts";

function conf(settings: Parameters<typeof parse>[0], index: number): string {
  const config = parse(settings);
  const { proxies } = config.topology;
  const proxy = proxies[index];
  if (!proxy) throw new Error("no such proxy");
  return keepalivedConf(config, proxies, proxy);
}

const peersIn = (text: string) => /unicast_peer \{\n([^}]*)\}/.exec(text)?.[1]?.trim();

describe("keepalived.conf", () => {
  test.each([
    [0, "10.0.0.10", "10.0.0.11", 150],
    [1, "10.0.0.11", "10.0.0.10", 100],
  ])("proxy %i speaks from %s to %s with priority %i", (index, own, peer, priority) => {
    const text = conf({}, index);
    expect(text).toContain(`  unicast_src_ip ${own}\n`);
    expect(peersIn(text)).toBe(peer);
    expect(text).toContain(`  priority ${priority}\n`);
    expect(text).toContain(` http://${own}:8404/alive"\n`);
  });

  test("the two hosts' differ in nothing but addresses and priority", () => {
    const plain = (text: string) => text.replace(/10\.0\.0\.1[01]\b/g, "HOST").replace(/priority 1[50]0/, "");
    expect(plain(conf({}, 0))).toBe(plain(conf({}, 1)));
  });

  test("the address has the LAN's prefix length, and the router's id is the configured one", () => {
    const text = conf(
      { network: { hosts: "10.0.0.0/25" }, virtualIp: { address: "10.0.0.77", routerId: 7 } },
      0,
    );
    expect(text).toContain("  virtual_ipaddress {\n    10.0.0.77/25\n  }\n");
    expect(text).toContain("  virtual_router_id 7\n");
    expect(virtualAddress(parse())).toBe("10.0.0.100/24");
  });

  test("it follows the placement, not the order of the hosts", () => {
    const text = conf({ placement: { proxies: ["host-3", "host-2"] } }, 0);
    expect(text).toContain("  unicast_src_ip 10.0.0.12\n");
    expect(peersIn(text)).toBe("10.0.0.11");
    expect(text).toContain("  priority 150\n");
  });

  test("nobody takes the address back, and nobody has it before the proxy is known to answer", () => {
    for (const index of [0, 1]) {
      expect(conf({}, index)).toMatch(/^ {2}state BACKUP\n {2}nopreempt$/m);
      expect(conf({}, index)).toMatch(/^ {2}init_fail$/m);
    }
  });

  test("a proxy on a host that is not there is named", () => {
    const config = parse();
    const [proxy] = config.topology.proxies;
    if (!proxy) throw new Error("no proxy");
    expect(() => hostOf(config.hosts.slice(1), proxy)).toThrow("haproxy-1 is placed on host-1");
  });
});

test("the firewall lets only the cluster's hosts speak VRRP", () => {
  const rules = firewall(parse());
  expect(rules).toContain("meta l4proto { esp, 112 } drop");
  expect(rules.indexOf("ip saddr @hosts accept")).toBeLessThan(rules.indexOf("112 } drop"));
});
