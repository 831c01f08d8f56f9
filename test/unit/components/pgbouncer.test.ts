import { describe, expect, test } from "vitest";
import { patroniYaml } from "../../../components/postgres/patroni.ts";
import { pgbouncerIni, poolSizes } from "../../../components/postgres/pgbouncer.ts";
import type { ClusterConfig } from "../../../config/ClusterConfig.ts";
import type { Group, Member } from "../../../config/topology.ts";
import { parse } from "../config/fixture.ts";

function membersOf(config: ClusterConfig): { config: ClusterConfig; group: Group; member: Member }[] {
  return config.topology.groups.flatMap((group) =>
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
        const { transaction, session } = poolSizes(args.config, args.group, args.member);
        expect(transaction.servers).toBe(transaction.pool + transaction.reserve);
        expect(transaction.servers).toBeGreaterThan(10);
        // At the very least 50 connections, 5 of them reserved.
        expect(session.servers).toBeGreaterThan(5);
        expect(transaction.servers + session.servers).toBeLessThanOrEqual(346);
        expect(session.clients).toBeGreaterThan(session.servers);
        expect(transaction.clients + session.clients).toBeGreaterThanOrEqual(500);
        expect(transaction.clients + session.clients).toBeLessThanOrEqual(10_000);
      }
    }
  });

  test("follow the reference architecture's sizes and the user's max_connections", () => {
    const sizes = (config: ClusterConfig) =>
      membersOf(config).map((args) => poolSizes(args.config, args.group, args.member));
    expect(sizes(parse())[0]).toEqual({
      transaction: { clients: 1536, servers: 132, pool: 99, reserve: 33 },
      session: { clients: 512, servers: 43 },
    });
    const own = parse({ database: { parameters: { coordinators: { max_connections: 105 } } } });
    expect(sizes(own)[0]).toMatchObject({ transaction: { servers: 53 }, session: { servers: 17 } });
    expect(sizes(own).at(-1)).toMatchObject({ transaction: { servers: 260 }, session: { servers: 86 } });
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

  test("has the application's database a second time in session mode, with limits of its own", () => {
    const config = parse({ database: { name: "orders" } });
    const [first] = membersOf(config);
    if (!first) throw new Error("no member");
    const databases = section(pgbouncerIni(first), "databases");
    expect(Object.keys(databases)).toEqual(["orders", "orders_session", "*"]);
    expect(databases.orders_session?.split(" ")).toEqual([
      "host=/var/run/postgresql",
      "port=5432",
      "dbname=orders",
      "pool_mode=session",
      "pool_size=43",
      "reserve_pool_size=0",
      "max_db_connections=43",
      "max_db_client_connections=512",
    ]);
  });

  test("follows search_path where PostgreSQL reports it, and resets all else after every transaction", () => {
    for (const [citus, followed] of [
      ["14.0.1", "IntervalStyle, search_path"],
      [null, "IntervalStyle"],
    ]) {
      const config = parse();
      const [first] = membersOf({ ...config, images: { ...config.images, citus: citus ?? null } });
      if (!first) throw new Error("no member");
      const ini = section(pgbouncerIni(first), "pgbouncer");
      expect(ini).toMatchObject({ track_extra_parameters: followed, server_reset_query_always: "1" });
      // These would take PgBouncer's own prepared statements, too.
      expect(ini.server_reset_query).toMatch(/^BEGIN; RESET ALL; .*; COMMIT$/);
      expect(ini.server_reset_query).not.toMatch(/DISCARD ALL|DEALLOCATE/);
    }
  });

  test("demands TLS of clients, reaches PostgreSQL by its socket, opens the console to nobody on the network and holds no password", () => {
    const [first] = all;
    if (!first) throw new Error("no member");
    const ini = pgbouncerIni(first);
    expect(section(ini, "pgbouncer")).toMatchObject({
      listen_addr: "0.0.0.0",
      listen_port: "6432",
      client_tls_sslmode: "require",
      auth_type: "scram-sha-256",
      pool_mode: "transaction",
      max_prepared_statements: "200",
    });
    for (const server of Object.values(section(ini, "databases"))) {
      expect(server).toMatch(/^host=\/var\/run\/postgresql port=5432( |$)/);
    }
    expect(ini).not.toMatch(/admin_users|stats_users|auth_file|password=/);
  });

  test("PostgreSQL lets the look-up's role in by the member's own socket, and from nowhere else", () => {
    const [first] = all;
    if (!first) throw new Error("no member");
    const lines = patroniYaml({ ...first, etcd: [] })
      .split("\n")
      .map((line) => line.trim().replace(/^- /, ""));
    // The first line that fits decides.
    expect(lines.filter((line) => line.startsWith("local "))).toEqual([
      "local all postgres peer",
      "local replication postgres peer",
      "local replication replicator peer map=local",
      "local postgres pgbouncer peer map=local",
      "local all replicator,rewind,pgbouncer reject",
      "local app all peer map=local",
      "local all all scram-sha-256",
      "local postgres all",
    ]);
    const rejected = lines.indexOf("hostssl all postgres,replicator,rewind,pgbouncer all reject");
    const others = lines.indexOf("hostssl all all all scram-sha-256");
    expect(rejected).toBeGreaterThan(0);
    expect(others).toBeGreaterThan(rejected);
    expect(lines.slice(0, rejected).filter((line) => /^host\S* \S+ (all|\S*pgbouncer)/.test(line))).toEqual(
      [],
    );
  });
});
