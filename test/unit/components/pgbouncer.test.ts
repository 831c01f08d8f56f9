import { describe, expect, test } from "vitest";
import { patroniYaml } from "../../../components/postgres/patroni.ts";
import { pgbouncerIni, poolSizes } from "../../../components/postgres/pgbouncer.ts";
import type { ClusterConfig } from "../../../config/ClusterConfig.ts";
import { type Group, type Member, topologyOf } from "../../../config/topology.ts";
import { parse } from "../config/fixture.ts";

function membersOf(config: ClusterConfig): { config: ClusterConfig; group: Group; member: Member }[] {
  return topologyOf(config).groups.flatMap((group) =>
    group.members.map((member) => ({ config, group, member })),
  );
}

/** The settings of a section as pairs. */
function section(ini: string, name: string): Record<string, string> {
  const text = ini.split(/^\[/m).find((part) => part.startsWith(`${name}]`)) ?? "";
  return Object.fromEntries(
    text
      .split("\n")
      .slice(1)
      .filter((line) => line && !line.startsWith(";"))
      .map((line) => line.split(/ = (.*)/).slice(0, 2)),
  );
}

describe("poolSizes", () => {
  test.each(["512MB", "1GB", "2GB", "8GB", "16GB", "100GB"])("leave connections free at %s", (memory) => {
    for (const kind of ["coordinator", "worker"]) {
      const config = parse({ resources: { [kind]: { cpus: 2, memory, storage: "50GB" } } });
      for (const args of membersOf(config)) {
        const { clients, servers, pool, reserve } = poolSizes(args.config, args.group, args.member);
        expect(servers).toBe(pool + reserve);
        expect(servers).toBeGreaterThan(10);
        // At the very least 50 connections, 5 of them reserved.
        expect(servers).toBeLessThanOrEqual(346);
        expect(clients).toBeGreaterThanOrEqual(500);
        expect(clients).toBeLessThanOrEqual(10_000);
      }
    }
  });

  test("follow the document's sizes and the user's max_connections", () => {
    const sizes = (config: ClusterConfig) =>
      membersOf(config).map((args) => poolSizes(args.config, args.group, args.member));
    expect(sizes(parse())[0]).toEqual({ clients: 2048, servers: 175, pool: 132, reserve: 43 });
    const own = parse({ database: { parameters: { coordinators: { max_connections: 105 } } } });
    expect(sizes(own)[0]).toMatchObject({ servers: 70, pool: 53, reserve: 17 });
    expect(sizes(own).at(-1)).toMatchObject({ servers: 346 });
  });
});

describe("pgbouncerIni", () => {
  const all = membersOf(parse());

  test("names every member of the group as a peer, and the member itself by its number", () => {
    for (const { config, group, member } of all) {
      const ini = pgbouncerIni({ config, group, member });
      const peers = section(ini, "peers");
      expect(Object.values(peers)).toEqual(group.members.map(({ name }) => `host=${name} port=6432`));
      const own = section(ini, "pgbouncer").peer_id ?? "";
      expect(peers[own]).toBe(`host=${member.name} port=6432`);
    }
  });

  test("demands TLS on both sides, opens the console to nobody on the network and holds no password", () => {
    const [first] = all;
    if (!first) throw new Error("no member");
    const ini = pgbouncerIni(first);
    expect(section(ini, "pgbouncer")).toMatchObject({
      listen_addr: "0.0.0.0",
      listen_port: "6432",
      client_tls_sslmode: "require",
      server_tls_sslmode: "verify-full",
      auth_type: "scram-sha-256",
      pool_mode: "transaction",
      max_prepared_statements: "200",
    });
    expect(ini).not.toMatch(/admin_users|stats_users|auth_file|password=/);
  });

  test("PostgreSQL lets the look-up's role in from the member itself by certificate, and from nowhere else", () => {
    const [first] = all;
    if (!first) throw new Error("no member");
    const lines = patroniYaml({ ...first, etcd: [] })
      .split("\n")
      .map((line) => line.trim());
    const allowed = lines.indexOf("- hostssl postgres pgbouncer 127.0.0.1/32 cert map=members");
    const rejected = lines.indexOf("- hostssl all postgres,replicator,rewind,pgbouncer all reject");
    const others = lines.indexOf("- hostssl all all all scram-sha-256");
    expect(allowed).toBeGreaterThan(0);
    expect(rejected).toBeGreaterThan(allowed);
    expect(others).toBeGreaterThan(rejected);
  });
});
