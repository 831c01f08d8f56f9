import { describe, expect, test } from "vitest";
import { DIGEST, faultsOf, hostsOf, keyOf, namesOf } from "./fixture.ts";

/** Settings that are wrong in one way, and the report on them, word for word. */
const CASES: readonly (readonly [settings: Readonly<Record<string, unknown>>, ...errors: string[]])[] = [
  [
    { ssh: { user: "Root", knownHostsFile: "known_hosts" } },
    'ssh.user: value "Root": not a login name; write one such as root',
  ],
  [
    { ssh: { knownHostsFile: "missing" } },
    'ssh.knownHostsFile: value "missing": no such file; correct the path, or make the file readable',
  ],
  [
    { ssh: { knownHostsFile: "known_hosts", privateKeyFile: "id_ed25519" } },
    'ssh.privateKeyFile: value "id_ed25519": no such file; correct the path, or make the file readable',
  ],
  [
    { ssh: "root" },
    'ssh: value "root": not a group of settings; write its keys on lines of their own, indented, or remove it',
  ],
  [
    { database: { migrations: "missing" }, timing: { ttl: 3 } },
    'database.migrations: value "missing": no such folder; correct the path, or remove the setting',
    "timing.ttl: value 3: Patroni would silently use 20 instead; set at least 20",
  ],
  [
    { database: { migrations: "wrong-migrations" } },
    'database.migrations: value "wrong-migrations": 001_a.sql and 1_b.sql have the same number; give the later one the next number',
    'database.migrations: value "wrong-migrations": users.sql has no number to be applied by; name it like 001_users.sql, or move it elsewhere',
  ],
  [
    { hosts: "host-1" },
    'hosts: value "host-1": not a list; write each entry on a line of its own that begins with a hyphen',
  ],
  [
    { hosts: hostsOf(2) },
    "hosts: value […]: fewer than three hosts cannot survive the loss of one; list at least three",
  ],
  ...["short", "a space in it, which HTTP would take"].map(
    (password) =>
      [
        { proxy: { statistics: { password } } },
        "proxy.statistics.password: value not shown: not a password of 12 to 128 characters of ASCII without spaces; write one such as openssl rand -base64 24 prints",
      ] as const,
  ),
  [
    { hosts: [] },
    "hosts: value []: fewer than three hosts cannot survive the loss of one; list at least three",
  ],
  [
    { hosts: [...hostsOf(3), { address: "10.0.0.13" }] },
    "hosts[3].name: no value: required; set a host name of lower-case letters, digits and hyphens, for example host-1",
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4" }] },
    "hosts[3].address: no value: required; set an IPv4 address, for example 10.0.0.10",
  ],
  [
    { hosts: [...hostsOf(3), { name: "Host_4", address: "10.0.0.13" }] },
    'hosts[3].name: value "Host_4": not a host name of lower-case letters, digits and hyphens; write one such as host-1',
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-2", address: "10.0.0.13" }] },
    'hosts[3].name: value "host-2": already that of hosts[1]; give every host its own name',
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.11" }] },
    'hosts[3].address: value "10.0.0.11": already that of hosts[1]; give every host its own address',
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.13", hostKey: keyOf(1) }] },
    'hosts[3].hostKey: value "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB": already that of hosts[1]; the two are one machine or clones; make new keys on one of them with: rm /etc/ssh/ssh_host_* && ssh-keygen -A',
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.99" }] },
    "hosts[3].hostKey: no value: ssh.knownHostsFile has no key of 10.0.0.99; append to that file what this prints: ssh-keyscan -t ed25519 10.0.0.99",
  ],
  [
    {
      hosts: [
        ...hostsOf(3),
        { name: "host-4", address: "10.0.0.13", sshPort: 2222, hostKey: "ssh-dss AAAA" },
      ],
    },
    'hosts[3].hostKey: value "ssh-dss AAAA": not a public host key; write one such as ssh-ed25519 AAAA…, as ssh-keyscan prints it after the address',
  ],
  [
    {
      hosts: [
        ...hostsOf(3),
        { name: "host-4", address: "10.0.0.13", hostKey: `ssh-rsa ${keyOf(1).slice(12)}` },
      ],
    },
    'hosts[3].hostKey: value "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB": its data is not of the type ssh-rsa; copy the whole line that ssh-keyscan prints after the address',
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.13", sshPort: 5432 }] },
    "hosts[3].sshPort: value 5432: a port that the cluster itself uses; let sshd listen on a port other than 2377, 5432, 5433, 7946, 8404",
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.13", sshPort: 70000 }] },
    "hosts[3].sshPort: value 70000: not a whole number from 1 to 65535; set one in this range",
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.256" }] },
    'hosts[3].address: value "10.0.0.256": not an IPv4 address; write one such as 10.0.0.10',
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "fd00::13" }] },
    'hosts[3].address: value "fd00::13": not an IPv4 address; write one such as 10.0.0.10',
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.5.13", hostKey: keyOf(40) }] },
    `hosts[3].address: value "10.0.5.13": outside network.hosts (10.0.0.0/24); correct it, or set network.hosts to the hosts' LAN`,
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.0", hostKey: keyOf(40) }] },
    'hosts[3].address: value "10.0.0.0": the address of network.hosts (10.0.0.0/24) itself; choose one within it',
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.255", hostKey: keyOf(40) }] },
    'hosts[3].address: value "10.0.0.255": the broadcast address of network.hosts (10.0.0.0/24); choose another one within it',
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.13", memory: 32 }] },
    "hosts[3].memory: value 32: not a size with its unit; write one such as 512MB or 8GB",
  ],
  [
    { hosts: [...hostsOf(3), { name: "host-4", address: "10.0.0.13", adress: "10.0.0.13" }] },
    "hosts[3].adress: value not shown: unknown setting; did you mean address?",
  ],
  [
    { hosts: hostsOf(3).map((host) => ({ ...host, cpus: 3 })) },
    "hosts[0].cpus: value 3: its members need 4 (worker-1-1 4, worker-3-2 4); lower resources.*.cpus, move members with placement, or use a larger host",
    "hosts[1].cpus: value 3: its members need 4 (worker-1-2 4, worker-2-1 4); lower resources.*.cpus, move members with placement, or use a larger host",
    "hosts[2].cpus: value 3: its members need 4 (worker-2-2 4, worker-3-1 4); lower resources.*.cpus, move members with placement, or use a larger host",
  ],
  [
    { hosts: hostsOf(3).map((host) => ({ ...host, memory: "41GB" })) },
    'hosts[0].memory: value "41GB": its members need 41.5GB (etcd-1 1GB, coord-1 8GB, worker-1-1 16GB, worker-3-2 16GB, haproxy-1 512MB); lower resources.*.memory, move members with placement, or use a larger host',
    'hosts[1].memory: value "41GB": its members need 41.5GB (etcd-2 1GB, coord-2 8GB, worker-1-2 16GB, worker-2-1 16GB, haproxy-2 512MB); lower resources.*.memory, move members with placement, or use a larger host',
  ],
  [
    { hosts: hostsOf(3).map((host) => ({ ...host, storage: "1TB" })), placement: { strategy: "reference" } },
    'hosts[1].storage: value "1TB": its members need 1.08TB (etcd-2 10GB, coord-2 100GB, worker-1-2 500GB, worker-2-1 500GB, haproxy-2 1GB); lower resources.*.storage, move members with placement, or use a larger host',
    'hosts[2].storage: value "1TB": its members need 1.57TB (etcd-3 10GB, coord-3 100GB, worker-2-2 500GB, worker-3-1 500GB, worker-3-2 500GB); lower resources.*.storage, move members with placement, or use a larger host',
  ],
  [
    { network: { hosts: "10.0.0.0" } },
    'network.hosts: value "10.0.0.0": not an IPv4 subnet; write one such as 10.0.1.0/26',
  ],
  [
    { network: { hosts: "10.0.0.5/24" } },
    'network.hosts: value "10.0.0.5/24": an address within a subnet, not a subnet; write 10.0.0.0/24, the subnet that it is in',
  ],
  [
    { network: { hosts: "192.168.7.0/24" } },
    `hosts[0].address: value "10.0.0.10" (default): outside network.hosts (192.168.7.0/24); correct it, or set network.hosts to the hosts' LAN`,
    `hosts[1].address: value "10.0.0.11" (default): outside network.hosts (192.168.7.0/24); correct it, or set network.hosts to the hosts' LAN`,
    `hosts[2].address: value "10.0.0.12" (default): outside network.hosts (192.168.7.0/24); correct it, or set network.hosts to the hosts' LAN`,
    `virtualIp.address: value "10.0.0.100" (default): outside network.hosts (192.168.7.0/24); correct it, or set network.hosts to the hosts' LAN`,
  ],
  [
    { network: { workers: "10.0.1.0/25" } },
    'network.workers: value "10.0.1.0/25": overlaps network.coordinators (10.0.1.0/26); give each its own range',
  ],
  [
    { network: { admin: "10.0.0.128/26" } },
    'network.admin: value "10.0.0.128/26": overlaps network.hosts (10.0.0.0/24); give each its own range',
  ],
  [
    { network: { dockerPool: "10.0.0.0/16" } },
    'network.dockerPool: value "10.0.0.0/16": overlaps network.admin (10.0.1.128/26); give each its own range',
    'network.dockerPool: value "10.0.0.0/16": overlaps network.coordinators (10.0.1.0/26); give each its own range',
    'network.dockerPool: value "10.0.0.0/16": overlaps network.hosts (10.0.0.0/24); give each its own range',
    'network.dockerPool: value "10.0.0.0/16": overlaps network.workers (10.0.1.64/26); give each its own range',
  ],
  [
    { network: { dockerPool: "10.201.0.0/24" } },
    'network.dockerPool: value "10.201.0.0/24": too small for Docker, which takes a /24 for each of its own networks; use at least a /22',
  ],
  [
    { network: { coordinators: "10.0.1.0/28" } },
    'network.coordinators: value "10.0.1.0/28": 14 usable addresses, but 18 are needed: 14 members, 3 load balancers (one a host) and the gateway; use at least a /27',
  ],
  [
    { network: { admin: "10.0.1.128/30" } },
    'network.admin: value "10.0.1.128/30": 2 usable addresses, but 6 are needed: 2 members, 3 load balancers (one a host) and the gateway; use at least a /29',
  ],
  [
    { network: { workers: "224.0.1.0/24" } },
    'network.workers: value "224.0.1.0/24": within 224.0.0.0/3, which is reserved for other uses; choose a private subnet such as 10.0.1.0/26',
  ],
  [
    { network: { encrypted: "false" } },
    'network.encrypted: value "false": text, not true or false; write false without quotes',
  ],
  [
    { virtualIp: { address: "10.0.9.100" } },
    `virtualIp.address: value "10.0.9.100": outside network.hosts (10.0.0.0/24); correct it, or set network.hosts to the hosts' LAN`,
  ],
  [
    { virtualIp: { address: "10.0.0.11" } },
    'virtualIp.address: value "10.0.0.11": already the address of host-2; choose an address that no machine has',
  ],
  [
    { virtualIp: { address: "10.0.0.255" } },
    'virtualIp.address: value "10.0.0.255": the broadcast address of network.hosts (10.0.0.0/24); choose another one within it',
  ],
  [
    { virtualIp: { address: "virtual" } },
    'virtualIp.address: value "virtual": not an IPv4 address; write one such as 10.0.0.10',
  ],
  [
    { virtualIp: { routerId: 0 } },
    "virtualIp.routerId: value 0: not a whole number from 1 to 255; set one in this range",
  ],
  [
    { placement: { strategy: "spraed" } },
    'placement.strategy: value "spraed": not one of spread, reference; did you mean spread?',
  ],
  [
    { placement: { workerGroups: 0 } },
    "placement.workerGroups: value 0: not a whole number from 1 to 64; set one in this range",
  ],
  [
    { placement: { workerGroups: 33 } },
    "database.shardCount: value 32 (default): fewer than the 33 worker groups, so some would hold no data; set at least 33",
    'network.coordinators: value "10.0.1.0/26" (default): 62 usable addresses, but 78 are needed: 74 members, 3 load balancers (one a host) and the gateway; use at least a /25',
    'network.workers: value "10.0.1.64/26" (default): 62 usable addresses, but 76 are needed: 72 members, 3 load balancers (one a host) and the gateway; use at least a /25',
  ],
  [
    { placement: { workerGroups: 4, strategy: "reference" } },
    "placement.workerGroups: value 4: the reference architecture has 3 worker groups; set 3, or strategy spread",
  ],
  [
    { placement: { etcd: ["host-1", "host-2", "host-9"] } },
    'placement.etcd[2]: value "host-9": no host has this name; choose one of host-1, host-2, host-3',
  ],
  [
    { placement: { etcd: ["host-1", "host-2", "hots-3"] } },
    'placement.etcd[2]: value "hots-3": no host has this name; did you mean host-3?',
  ],
  [
    { placement: { etcd: ["host-1"] } },
    'placement.etcd: value ["host-1"]: fewer than three members cannot survive the loss of one; list at least three hosts',
  ],
  [
    { placement: { etcd: ["host-1", "host-1", "host-2"] } },
    'placement.etcd[1]: value "host-1": already runs etcd-1, so losing it would lose two votes of etcd; choose another host',
  ],
  [
    { hosts: hostsOf(4), placement: { etcd: namesOf(4) } },
    'placement.etcd: value ["host-1","host-2","host-3","host-4"]: an even number of members survives no more losses than 3; list one host more or less',
  ],
  [
    { hosts: hostsOf(9), placement: { etcd: namesOf(9) } },
    'placement.etcd: value ["host-1","host-2","host-3","host-4","host-5","host-6","host-7","host-8","host-9"]: more than 7 members only make writes slower; list at most 7 hosts',
  ],
  [
    { placement: { coordinators: ["host-1", "host-2"] } },
    'placement.coordinators: value ["host-1","host-2"]: of fewer than three, losing one leaves no standby to acknowledge commits; list at least three hosts',
  ],
  [
    { placement: { coordinators: ["host-1", "host-2", "host-2"] } },
    'placement.coordinators[2]: value "host-2": already runs coord-2, so losing it would lose two coordinators; choose another host',
  ],
  [
    { placement: { workers: [] } },
    "placement.workers: value []: no worker groups, so no place for data; list at least one pair of hosts, or remove it",
  ],
  [
    { placement: { workers: [["host-1", "host-2"], []] } },
    "placement.workers[1]: value []: a worker group without a primary; list two hosts, or remove the group",
  ],
  [
    { placement: { workers: [["host-1", "host-2"], ["host-3"]] } },
    'placement.workers[1]: value ["host-3"]: a worker group without a standby; list a second host',
  ],
  [
    {
      placement: {
        strategy: "reference",
        workers: [
          ["host-1", "host-2"],
          ["host-3", "host-3"],
        ],
      },
    },
    'placement.workers[1][1]: value "host-3": already runs worker-2-1, so losing it would lose two members of worker group 2; choose another host',
  ],
  [
    { placement: { workers: ["host-1", "host-2"] } },
    'placement.workers[0]: value "host-1": not a list; write each entry on a line of its own that begins with a hyphen',
    'placement.workers[1]: value "host-2": not a list; write each entry on a line of its own that begins with a hyphen',
  ],
  [
    { placement: { proxies: ["host-1"] } },
    'placement.proxies: value ["host-1"]: the virtual IP moves between exactly two proxies; list two hosts',
  ],
  [
    { placement: { proxies: ["host-1", "host-1"] } },
    'placement.proxies[1]: value "host-1": already runs haproxy-1, so losing it would lose both proxies; choose another host',
  ],
  [
    { resources: { worker: { cpus: 0 } } },
    "resources.worker.cpus: value 0: not a number of cores from 0.1 to 1024; write one such as 0.5 or 4",
  ],
  [
    { resources: { worker: { cpus: "many" } } },
    'resources.worker.cpus: value "many": not a number of cores from 0.1 to 1024; write one such as 0.5 or 4',
  ],
  [
    { resources: { worker: { memory: "16" } } },
    'resources.worker.memory: value "16": not a size with its unit; write one such as 512MB or 8GB',
  ],
  [
    { resources: { worker: { memory: "256MB" } } },
    'resources.worker.memory: value "256MB": too small to work with; set at least 512MB',
  ],
  [
    { resources: { pgbouncer: { memory: "256MB" } } },
    "resources.pgbouncer: value not shown: unknown setting; remove it, or use one of coordinator, worker, etcd, proxy",
  ],
  [
    { images: { etcd: "registry/etcd:3.5" } },
    'images.etcd: value "registry/etcd:3.5": not an image pinned by digest; write one such as registry.example.org/etcd:3.5@sha256:<64 hex digits>',
  ],
  [
    { images: { manifest: "missing.json" } },
    'images.manifest: value "missing.json": no such file; run make images, or set images.etcd, images.database and images.proxy',
  ],
  [
    { images: { citus: "14.0.0" } },
    'images.citus: value "14.0.0": the manifest has the version in its own image; remove it, or set images.database too',
  ],
  [
    { images: { insecureRegistries: ["http://10.0.0.1:5000"] } },
    'images.insecureRegistries[0]: value "http://10.0.0.1:5000": not a registry as host:port; write one such as 10.0.0.1:5000',
  ],
  [
    { database: { name: "my-app" } },
    'database.name: value "my-app": not a plain SQL name of lower-case letters, digits and underscores; write one such as app',
  ],
  [
    { database: { name: "template0" } },
    'database.name: value "template0": reserved for PostgreSQL or the cluster itself; choose another name such as app',
  ],
  [
    { database: { name: "a".repeat(56) } },
    `database.name: value "${"a".repeat(56)}": longer than 55 characters, so the name of its session pool, NAME_session, would be too long; choose a shorter name`,
  ],
  [
    { database: { user: "replicator" } },
    'database.user: value "replicator": reserved for PostgreSQL or the cluster itself; choose another name such as app',
  ],
  [
    { database: { user: "builtin" } },
    'database.user: value "builtin": reserved for PostgreSQL or the cluster itself; choose another name such as app',
  ],
  [
    { database: { user: "pg_app" } },
    'database.user: value "pg_app": reserved for PostgreSQL or the cluster itself; choose another name such as app',
  ],
  [
    { database: { vectorEngine: "faiss" } },
    'database.vectorEngine: value "faiss": not one of pgvector, ruvector; choose one of them',
  ],
  [
    { database: { shardCount: 2 } },
    "database.shardCount: value 2: fewer than the 3 worker groups, so some would hold no data; set at least 3",
  ],
  [
    { database: { synchronous: true } },
    "database.synchronous: value true: not a group of settings; write its keys on lines of their own, indented, or remove it",
  ],
  [
    { database: { parameters: { workers: { listen_addresses: "*" } } } },
    'database.parameters.workers.listen_addresses: value "*": Patroni sets it itself and ignores any other value; remove it',
  ],
  [
    { database: { parameters: { coordinators: { ssl_ciphers: "ALL" } } } },
    `database.parameters.coordinators.ssl_ciphers: value "ALL": the cluster's certificates are for TLS between members; clients' TLS ends at PgBouncer, so it would not reach them; remove it`,
  ],
  [
    { database: { parameters: { coordinators: { max_connections: 10 } } } },
    "database.parameters.coordinators.max_connections: value 10: Patroni would silently use another value; set at least 25, or remove it",
  ],
  [
    { database: { parameters: { workers: { wal_keep_size: "8MB" } } } },
    'database.parameters.workers.wal_keep_size: value "8MB": Patroni would silently use another value; set at least 16MB, or remove it',
  ],
  [
    { database: { parameters: { workers: { "work mem": "64MB" } } } },
    'database.parameters.workers["work mem"]: value "64MB": not the name of a PostgreSQL parameter; write it in lower case such as work_mem',
  ],
  [
    { database: { parameters: { workers: { work_mem: ["64MB"] } } } },
    'database.parameters.workers.work_mem: value ["64MB"]: not a single value; write text, a number, true or false',
  ],
  [
    { database: { parameters: { workers: { log_line_prefix: "%m\nport = 1" } } } },
    'database.parameters.workers.log_line_prefix: value "%m\\nport = 1": has more than one line; write the value on one line',
  ],
  [
    { database: { parameters: { coordinators: { synchronous_commit: "local" } } } },
    'database.parameters.coordinators.synchronous_commit: value "local": commits would not wait for a standby; remove it, or set database.synchronous.coordinators to false',
  ],
  [{ timing: { ttl: 10 } }, "timing.ttl: value 10: Patroni would silently use 20 instead; set at least 20"],
  [
    {
      timing: { ttl: "30s", loopWait: "5 min", proxyCheckMs: "500ms" },
      database: { diverged: { days: "7d" } },
    },
    'database.diverged.days: value "7d": has a unit, but it is a number of days; write a whole number from 1 to 3650',
    'timing.loopWait: value "5 min": has a unit, but it is a number of seconds; write a whole number from 1 to 1800',
    'timing.proxyCheckMs: value "500ms": has a unit, but it is a number of milliseconds; write a whole number from 100 to 60000',
    'timing.ttl: value "30s": has a unit, but it is a number of seconds; write a whole number from 20 to 3600',
  ],
  [
    { timing: { ttl: "10" } },
    'timing.ttl: value "10": Patroni would silently use 20 instead; set at least 20',
  ],
  [
    { timing: { ttl: "30.5" }, placement: { workerGroups: "4s" } },
    'placement.workerGroups: value "4s": not a whole number from 1 to 64; set one in this range',
    'timing.ttl: value "30.5": not a whole number from 20 to 3600; set one in this range',
  ],
  [
    { timing: { loopWait: 0 } },
    "timing.loopWait: value 0: Patroni would silently use 1 instead; set at least 1",
  ],
  [
    { timing: { loopWait: 12 } },
    "timing.loopWait: value 12: Patroni would silently use 10, what timing.ttl (20) leaves after twice timing.retryTimeout (5); set at most 10, a shorter retryTimeout or a longer ttl",
  ],
  [
    { timing: { retryTimeout: 2 } },
    "timing.retryTimeout: value 2: Patroni would silently use 3 instead; set at least 3",
  ],
  [
    { timing: { retryTimeout: 10 } },
    "timing.retryTimeout: value 10: Patroni would silently use 9, the most that timing.ttl (20) leaves; set at most 9, or a longer ttl",
  ],
  [
    { timing: { primaryStopTimeout: 20 } },
    "timing.primaryStopTimeout: value 20: a primary could take longer to stop than its lease, timing.ttl (20); set less than 20",
  ],
  [
    { timing: { proxyCheckMs: 1.5 } },
    "timing.proxyCheckMs: value 1.5: not a whole number from 100 to 60000; set one in this range",
  ],
  [
    { timing: { maximumLagOnFailover: 1048576 } },
    "timing.maximumLagOnFailover: value 1048576: not a size with its unit; write one such as 512MB or 8GB",
  ],
  [
    { timing: null },
    "timing: value null: not a group of settings; write its keys on lines of their own, indented, or remove it",
  ],
  [
    { monitoring: { enabled: true } },
    "monitoring.enabled: value true: monitoring is not part of this version; remove it or set false",
  ],
  [{ deletionPolicy: "keep" }, 'deletionPolicy: value "keep": not one of retain, delete; choose one of them'],
  [
    { deletionpolicy: "delete" },
    "deletionpolicy: value not shown: unknown setting; did you mean deletionPolicy?",
  ],
  ...["placement.workerGroups", "hosts[0].address"].map(
    (key) =>
      [
        { [key]: "4" },
        `["${key}"]: value not shown: a path that was set without --path, so it became a key that is not read; ` +
          `run pulumi config rm 'postgres-cluster:${key}', then pulumi config set --path 'postgres-cluster:${key}' and the value`,
      ] as const,
  ),
  [
    { "backup.schedule": "daily" },
    '["backup.schedule"]: value not shown: unknown setting; remove it, or use one of ssh, hosts, network, virtualIp, placement, resources, images, proxy, database, timing, monitoring, deletionPolicy, dockerUpdate',
  ],
  [{ ttl: 30 }, "ttl: value not shown: unknown setting; did you mean timing.ttl?"],
  [
    {
      network: {
        clients: [
          "0.0.0.0/0",
          "::/0",
          "128.0.0.0/1",
          "10.0.0.1/24",
          "office",
          "2001:db8::/48",
          "10.0.0.7/32",
        ],
      },
    },
    'network.clients[0]: value "0.0.0.0/0": opens the database to a large part of the internet; list the networks that your clients are in',
    'network.clients[1]: value "::/0": opens the database to a large part of the internet; list the networks that your clients are in',
    'network.clients[2]: value "128.0.0.0/1": opens the database to a large part of the internet; list the networks that your clients are in',
    'network.clients[3]: value "10.0.0.1/24": an address within a range, not a range; write 10.0.0.0/24, the range that it is in, or 10.0.0.1/32',
    'network.clients[4]: value "office": not an IPv4 or IPv6 range; write one such as 192.168.7.0/24 or 2001:db8:7::/48',
  ],
  [
    { backup: {} },
    "backup: value not shown: unknown setting; remove it, or use one of ssh, hosts, network, virtualIp, placement, resources, images, proxy, database, timing, monitoring, deletionPolicy, dockerUpdate",
  ],
  [
    { ssh: {} },
    "hosts[0].hostKey: no value: the host's key is required; set it, or put it into ssh.knownHostsFile, as this prints it: ssh-keyscan -t ed25519 10.0.0.10",
    "hosts[1].hostKey: no value: the host's key is required; set it, or put it into ssh.knownHostsFile, as this prints it: ssh-keyscan -t ed25519 10.0.0.11",
    "hosts[2].hostKey: no value: the host's key is required; set it, or put it into ssh.knownHostsFile, as this prints it: ssh-keyscan -t ed25519 10.0.0.12",
  ],
  [
    { images: { manifest: "broken.json" } },
    'images.manifest: value "broken.json": the file is not JSON; run make images, or set images.etcd, images.database and images.proxy',
  ],
  [
    { images: { manifest: "partial.json" } },
    'images.manifest: value "partial.json": the file is wrong at etcd, proxy; run make images, or set images.etcd, images.database and images.proxy',
  ],
  [
    { placement: { etcd: "host-1" } },
    'placement.etcd: value "host-1": not a list; write each entry on a line of its own that begins with a hyphen',
  ],
  [
    { network: { hosts: "10.0.0.0/24 " } },
    'network.hosts: value "10.0.0.0/24 ": not an IPv4 subnet; write one such as 10.0.1.0/26',
  ],
  [
    { network: { coordinators: "10.0.1.0/33" } },
    'network.coordinators: value "10.0.1.0/33": not an IPv4 subnet; write one such as 10.0.1.0/26',
  ],
  [
    { network: { dockerPool: "10.128.0.0/09" } },
    'network.dockerPool: value "10.128.0.0/09": an address within a subnet, not a subnet; write 10.128.0.0/9, the subnet that it is in',
  ],
  [
    { virtualIp: { address: "10.0.0.0100" } },
    'virtualIp.address: value "10.0.0.0100": not an IPv4 address; write one such as 10.0.0.10',
  ],
  [
    { database: { parameters: { workers: { shared_preload_libraries: "pg_cron" } } } },
    'database.parameters.workers.shared_preload_libraries: value "pg_cron": the image of make images has no pg_cron and PostgreSQL would not start; set images.database to one that has it, or some of auth_delay, auto_explain, basebackup_to_shell, basic_archive, passwordcheck, pg_prewarm, pg_stat_statements',
  ],
  [
    { database: { name: "Ünïcode" } },
    'database.name: value "Ünïcode": not a plain SQL name of lower-case letters, digits and underscores; write one such as app',
  ],
  [
    { monitoring: true },
    "monitoring: value true: not a group of settings; write its keys on lines of their own, indented, or remove it",
  ],
];

const FILES = {
  "broken.json": "{",
  "partial.json": JSON.stringify({ etcd: "registry/etcd", database: `registry/database${DIGEST}` }),
};

describe("each error has its exact message", () => {
  test.each(CASES.map(([settings, ...errors]) => ({ name: errors[0], settings, errors })))(
    "$name",
    ({ settings, errors }) => {
      expect(faultsOf(settings, FILES)).toEqual(errors);
    },
  );
});
