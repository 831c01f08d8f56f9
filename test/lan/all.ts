/** The tests themselves, in namespaces of their own; test/lan/test starts it. */
import { deepStrictEqual } from "node:assert";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { checkLan, type LanReport } from "../../components/host/lan.ts";
import { hostsOf, parse } from "../unit/config/fixture.ts";

const config = parse({ hosts: hostsOf(3) });
const [one, two, three] = config.hosts.map(({ address }) => address) as [string, string, string];

const shell = (script: string) =>
  execFileSync("bash", ["-ec", script], { stdio: ["ignore", "pipe", "inherit"] });
const on = (address: string, script: string) =>
  execFileSync("ip", ["netns", "exec", address, "bash", "-ec", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });

/** Three hosts on a switch of their own, each connected to it by a cable of its address' name. */
shell(`
  ip netns add lan
  ip -n lan link add switch type bridge forward_delay 0
  ip -n lan link set switch up
  for at in ${one} ${two} ${three}; do
    ip netns add $at
    ip -n $at link set lo up
    ip -n lan link add to-\${at##*.} type veth peer name eth7 netns $at
    ip -n lan link set to-\${at##*.} master switch up
    ip -n $at address add $at/24 dev eth7
    ip -n $at link set eth7 up
  done`);

/** Back to hosts without rules on a LAN that carries everything. */
function reset(): void {
  for (const at of [one, two, three]) on(at, "nft flush ruleset; ip link set eth7 mtu 1500");
  shell("ip netns exec lan nft flush ruleset; rm -f /run/netns/*.down; ip -n lan link set to-12 up");
}

let passed = 0;
let failed = 0;

async function check(what: string, rules: () => void, expected: Partial<LanReport>): Promise<void> {
  reset();
  const started = Date.now();
  try {
    rules();
    const found = await checkLan(config, config.topology);
    const told = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key as keyof LanReport]]));
    deepStrictEqual(told, expected);
    passed++;
    console.log(`ok      ${what} (${(Date.now() - started) / 1000} s)`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${what}: ${error instanceof Error ? error.message : error}`);
  }
}

const everywhere = { "host-1": 1500, "host-2": 1500, "host-3": 1500 };
await check("an open LAN", () => {}, { faults: [], mtus: everywhere, absent: {} });

// As by Docker on a host of a cluster; nobody reads what comes.
let holder: ChildProcess | undefined;
await check(
  "ports that others hold, and an interface that carries less",
  () => {
    on(two, "ip link set eth7 mtu 1400");
    const script = `use Socket;
      sub at { socket my $s, PF_INET, $_[0], 0; setsockopt $s, SOL_SOCKET, SO_REUSEADDR, 1; bind $s, pack_sockaddr_in($_[1], INADDR_ANY) or die; $s }
      my @all = (at(SOCK_STREAM, 2377), at(SOCK_STREAM, 7946), at(SOCK_DGRAM, 7946), at(SOCK_DGRAM, 4789)); listen $_, 9 for @all[0, 1];
      sleep 60`;
    holder = spawn("ip", ["netns", "exec", two, "perl", "-e", script], { stdio: "inherit" });
    on(
      two,
      "for port in 't 2377' 't 7946' 'u 7946' 'u 4789'; do set -- $port; until ss -Hln$1 sport = :$2 | grep -q .; do sleep 0.1; done; done",
    );
  },
  { faults: [], mtus: { ...everywhere, "host-2": 1400 } },
);
holder?.kill();

// Twice: a filter that knows connections takes what follows an own packet for an answer, for ten minutes.
for (const time of ["the first", "the second"]) {
  await check(
    `a host that drops by default but for Swarm's ports and answers, ${time} time`,
    () =>
      on(
        two,
        `nft 'table inet mine {
          chain wall {
            type filter hook input priority 0; policy drop
            ct state established,related accept
            tcp dport { 2377, 7946 } accept
            udp dport { 4789, 7946 } accept
          }
        }'`,
      ),
    {
      faults: [
        "host-2: its packet filter (chain wall of table inet mine) drops ESP (IP protocol 50) and VRRP (IP protocol 112) from host-1 (10.0.0.10): run there nft insert rule inet mine wall ip saddr { 10.0.0.10 } accept, and put the same where the rules are kept",
      ],
    },
  );
}

await check(
  "ports that one host drops, another refuses and a third does not let out, all at once",
  () => {
    on(one, "iptables -A INPUT -s 10.0.0.11 -p udp --dport 4789 -j DROP");
    on(two, "iptables -P INPUT ACCEPT; iptables -A INPUT -p tcp --dport 7946 -j REJECT");
    on(
      three,
      "nft 'table ip out { chain out { type filter hook output priority 0; tcp dport 2377 drop; }; }'",
    );
  },
  {
    faults: [
      "host-2: its packet filter (chain INPUT of table ip filter) drops TCP 7946 from host-1 (10.0.0.10) and host-3 (10.0.0.12): run there iptables -I INPUT -s 10.0.0.10,10.0.0.12 -j ACCEPT, and put the same where the rules are kept",
      "host-1: its packet filter (chain INPUT of table ip filter) drops UDP 4789 from host-2 (10.0.0.11): run there iptables -I INPUT -s 10.0.0.11 -j ACCEPT, and put the same where the rules are kept",
      "host-3: its packet filter (chain out of table ip out) drops TCP 2377 to host-1 (10.0.0.10) and host-2 (10.0.0.11): run there nft insert rule ip out out ip daddr { 10.0.0.10, 10.0.0.11 } accept, and put the same where the rules are kept",
    ],
  },
);

const open = "open them in the firewall between the hosts (a provider's, a switch's, a hypervisor's)";
/** What a switch does not forward. */
const between = (rules: string) => () =>
  shell(`ip netns exec lan nft 'table bridge mine {
    chain through {
      type filter hook forward priority 0
      ${rules}
    }
  }'`);

await check(
  "what is dropped on the way, in one direction",
  between(
    `ip saddr ${one} ip daddr ${two} udp dport 7946 drop; ip saddr ${one} ip daddr ${three} tcp sport 2377 drop`,
  ),
  {
    faults: [
      `host-1: on the way to host-2 (10.0.0.11) get lost UDP 7946: ${open}`,
      `host-1: on the way to host-3 (10.0.0.12) get lost the answers on TCP 2377: ${open}`,
    ],
  },
);

await check("a way that carries less than its ends", between(`ip daddr ${three} ip length > 1420 drop`), {
  faults: ["host-1", "host-2"].map(
    (host) =>
      `${host}: packets of 1500 bytes to host-3 (10.0.0.12) are lost on the way, and packets of 1420 bytes arrive: set the MTU of every host's interface in the LAN to 1420`,
  ),
});

const apart = "connect both to the same LAN, or correct hosts[].address";
await check("a host that is not in the LAN", () => shell("ip -n lan link set to-12 down"), {
  faults: [
    `host-1: nothing that it sends arrives at host-3 (10.0.0.12): ${apart}`,
    `host-2: nothing that it sends arrives at host-3 (10.0.0.12): ${apart}`,
    `host-3: nothing that it sends arrives at host-1 (10.0.0.10) and host-2 (10.0.0.11): ${apart}`,
  ],
});

await check(
  "a host that is lost, and a port between the others",
  () => {
    shell(`touch /run/netns/${three}.down`);
    on(one, "iptables -A INPUT -p udp --dport 4789 -j DROP");
  },
  {
    faults: [
      "host-1: its packet filter (chain INPUT of table ip filter) drops UDP 4789 from host-2 (10.0.0.11): run there iptables -I INPUT -s 10.0.0.11 -j ACCEPT, and put the same where the rules are kept",
    ],
    absent: {
      "host-3":
        "host-3: it cannot be reached over ssh. Check that it is up, its address and sshPort, and any firewall between (nothing answers as an ssh server at 10.0.0.12)",
    },
  },
);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
