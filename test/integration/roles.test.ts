import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  citus,
  containerOf,
  healthy,
  inMember,
  killMember,
  membersOf,
  needsCitus,
  query,
  runningCluster,
  status,
} from "../cluster/cluster.ts";
import { eventually, must, onHost, output } from "../cluster/lab.ts";
import { pulumi } from "./pulumi.ts";

/** Who may do what in a running cluster; each test leaves it whole. */

beforeAll(async () => {
  await runningCluster();
  await eventually(60, healthy);
});

/** Rows as text of a statement of the superuser's, as docs/operations.md has the administrator do it. */
async function asSuperuser(statement: string, group = "coordinators"): Promise<string> {
  const [leader] = await membersOf(group);
  return inMember(leader, `psql -XqAt -v ON_ERROR_STOP=1 -d app -c "${statement.replaceAll('"', '\\"')}"`);
}

const isSuperuser = async () =>
  asSuperuser("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) 'app'");

/** As the application, with what psql itself needs; statements that fail are left behind. */
async function plant(text: string): Promise<void> {
  await must(["psql", await output("writeUrl"), "-XqAt"], { stdin: text });
}

describe("what the application plants", () => {
  const clean = `
    SET client_min_messages = error;
    ALTER ROLE app RESET search_path;
    DROP SCHEMA own CASCADE;
    DROP VIEW public.pg_extension, public.pg_dist_node, public.pg_stat_ssl;
    DROP FUNCTION public.raise() CASCADE;
    DROP FUNCTION public.boolean_of(bigint, integer), public.boolean_of(name, text), public.boolean_of(text, text) CASCADE;`;
  afterAll(() => plant(clean));

  // Each runs the payload, if it is taken for PostgreSQL's own, or fires.
  const traps = `
    SET client_min_messages = error;
    CREATE SCHEMA own;
    CREATE FUNCTION public.raise() RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN EXECUTE 'ALTER ROLE app SUPERUSER'; RETURN true; EXCEPTION WHEN OTHERS THEN RETURN true; END $$;
    ${["bigint, integer", "name, text", "text, text"]
      .flatMap((types) => {
        const [left, right] = types.split(", ");
        return ["public", "own"].flatMap((schema) => [
          `CREATE FUNCTION ${schema}.boolean_of(${types}) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN PERFORM public.raise(); RETURN true; END$$;`,
          ...["=", "<>", ">"].map(
            (operator) =>
              `CREATE OPERATOR ${schema}.${operator} (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = ${schema}.boolean_of);`,
          ),
        ]);
      })
      .join("\n")}
    CREATE VIEW public.pg_extension AS SELECT 'citus'::name AS extname, public.raise()::text AS extversion;
    CREATE VIEW public.pg_dist_node AS SELECT public.raise()::int AS groupid, ''::text AS nodename, 5432 AS nodeport, 'primary'::text AS noderole;
    CREATE VIEW public.pg_stat_ssl AS SELECT 0 AS pid, public.raise()::text AS client_dn;
    CREATE FUNCTION own.triggered() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM public.raise(); RETURN NEW; END$$;
    CREATE DOMAIN own.hostile AS text CHECK (public.raise());
    CREATE TABLE own.bait (id int DEFAULT public.raise()::int, text own.hostile);
    CREATE RULE planted AS ON UPDATE TO own.bait DO ALSO SELECT public.raise();
    CREATE TRIGGER planted BEFORE INSERT OR UPDATE ON own.bait FOR EACH ROW EXECUTE FUNCTION own.triggered();
    CREATE TRIGGER planted BEFORE INSERT OR UPDATE ON postgres_cluster.placements FOR EACH ROW EXECUTE FUNCTION own.triggered();
    ALTER DATABASE app SET search_path = own, public, pg_catalog;
    ALTER ROLE app SET search_path = own, public, pg_catalog;`;

  test("runs with the application's rights only: status, a run with a new migration, a failover", async () => {
    expect(await isSuperuser()).toBe("f");
    await plant(traps);
    await expect(query("ALTER DATABASE app SET search_path = public")).rejects.toThrow(
      /must be owner of database/,
    );
    await status();
    expect(await isSuperuser(), "after status").toBe("f");

    const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-test-"));
    writeFileSync(join(folder, "001_trap.sql"), "RESET ROLE;\nSELECT public.raise();\nSELECT 1 / 0;\n");
    try {
      await pulumi("up", {
        change: { database: { migrations: folder, parameters: { coordinators: { work_mem: "5MB" } } } },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(await isSuperuser(), "after a run").toBe("f");

    const [leader] = await membersOf("coordinators");
    await killMember(leader);
    await eventually(60, healthy);
    expect(await isSuperuser(), "after a failover").toBe("f");
    if (citus) expect(await isSuperuserOn("shard-1"), "on a worker").toBe("f");

    await plant(clean);
    expect((await pulumi("up")).status).toBe(0);
    expect(await isSuperuser(), "after the next run").toBe("f");
  });

  const isSuperuserOn = (group: string) =>
    asSuperuser("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = 'app'", group);

  test("PostgreSQL's own databases are closed to it", async () => {
    for (const database of ["postgres", "template1"]) {
      const url = new URL(await output("writeUrl"));
      url.pathname = `/${database}`;
      await expect(query("SELECT 1", url.href)).rejects.toThrow(/permission denied for database/);
    }
  });
});

describe("a second role", () => {
  afterAll(() => asSuperuser("DROP OWNED BY analyst; DROP ROLE analyst"));

  const urlOf = async (output_: "writeUrl" | "readUrl", password: string) => {
    const url = new URL(await output(output_));
    url.username = "analyst";
    url.password = password;
    return url.href;
  };

  test(`reads and writes distributed tables on both ports, with another password and another leader too${needsCitus}`, async () => {
    await asSuperuser("CREATE ROLE analyst LOGIN PASSWORD 'first'");
    await asSuperuser("GRANT CREATE ON DATABASE app TO analyst");
    await query("GRANT SELECT, INSERT ON builtin.memory_entries TO analyst");
    const works = async (password: string, key: string) => {
      const write = await urlOf("writeUrl", password);
      await query(`INSERT INTO builtin.memory_entries (namespace, key) VALUES ('${key}', '${key}')`, write);
      const rows = `SELECT count(*)::int AS rows FROM builtin.memory_entries WHERE key = '${key}'`;
      expect(await query(rows, write)).toEqual([{ rows: 1 }]);
      const read = await urlOf("readUrl", password);
      await eventually(5, async () => expect(await query(rows, read)).toEqual([{ rows: 1 }]));
    };
    await works("first", "one");
    if (citus) {
      const write = await urlOf("writeUrl", "first");
      await query("CREATE SCHEMA analysis", write);
      await query("CREATE TABLE analysis.facts (id int PRIMARY KEY)", write);
      // Citus comes to its own node for this, as the role.
      await query("SELECT create_distributed_table_concurrently('analysis.facts', 'id')", write);
      await query("INSERT INTO analysis.facts SELECT generate_series(1, 100)", write);
    }
    await asSuperuser("ALTER ROLE analyst PASSWORD 'second'");
    await works("second", "two");
    const [leader, standby] = await membersOf("coordinators");
    const scope = citus ? "postgres-cluster --group 0" : "coordinators";
    await inMember(
      leader,
      `patronictl -c /etc/patroni/patroni.yml switchover ${scope} --leader ${leader.name} --candidate ${standby?.name} --force`,
    );
    await eventually(30, () => works("second", "three"));
    await eventually(60, healthy);
  });
});

describe("status", () => {
  test("tells that a pooler hangs", async () => {
    const [leader] = await membersOf("coordinators");
    // The supervisor replaces a PgBouncer that hangs; this one hangs however often that is done.
    const pooler = `$(docker top ${containerOf(leader)} -eo pid,comm | awk '$2 == "pgbouncer" {print $1}')`;
    const freezing = onHost(
      leader.host,
      `touch /run/freezing; while [ -e /run/freezing ]; do kill -STOP ${pooler} || true; sleep 0.2; done; kill -CONT ${pooler} || true`,
    );
    try {
      const { healthy: well, problems, clients } = await status();
      expect(clients.writes.error).not.toBeNull();
      expect(problems.join("\n")).toMatch(/clients get no writes at 10\.0\.0\.100:5432: /);
      expect(well).toBe(false);
    } finally {
      await onHost(leader.host, "rm -f /run/freezing");
      await freezing;
    }
    await eventually(30, healthy);
  });
});
