import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { say } from "../../bench/say.ts";
import { citus, query } from "../cluster/cluster.ts";
import { output } from "../cluster/lab.ts";
import { type Attempt, startWriter, type Writer } from "../cluster/writer.ts";
import { type Comparison, compare, type Row } from "./compare.ts";
import type { Work } from "./inside.ts";

/** A client of the drill, and what it saw. */
export interface Client {
  readonly name: string;
  /** Whose commit a number is; null for one that reads. */
  readonly groupOf: ((number: number) => string) | null;
  readonly writer: Writer;
}

export interface Urls {
  readonly write: string;
  readonly read: string;
}

/** The running cluster's. */
export async function urls(): Promise<Urls> {
  try {
    return { write: await output("writeUrl"), read: await output("readUrl") };
  } catch (error) {
    const [, words = ""] = (error as Error).message.split("\n");
    throw new Error(`the lab's cluster is not up; run make up (${words})`);
  }
}

const coordinators = () => "coordinators";
const tenants = 60;
/** Three seconds for a connection, as docs/connect.md has it. */
const patience = 6;
const statements = {
  coordinator: "INSERT INTO drill.coordinator (writer, number) VALUES ($1, $2)",
  sharded: "INSERT INTO drill.sharded (tenant, writer, number) VALUES ($3, $1, $2)",
  read: "SELECT $1::text, $2::bigint FROM (SELECT FROM drill.coordinator LIMIT 1) AS one",
};

/** Writes through the virtual IP to every group and reads beside it, until it is stopped; then tells what is missing. */
export class Recorder {
  readonly clients: Client[] = [];
  private readonly urls: Urls;

  private constructor(urls: Urls) {
    this.urls = urls;
  }

  /** The tables are new each time. Of the coordinators two write; with Citus one writes all over, and one to each shard. */
  static async start(urls: Urls): Promise<Recorder> {
    const recorder = new Recorder(urls);
    await query("DROP SCHEMA IF EXISTS drill CASCADE", urls.write);
    await query("CREATE SCHEMA drill", urls.write);
    await query("CREATE TABLE drill.coordinator (writer text, number bigint)", urls.write);
    // A row from the start, so that a reader finds one on every standby.
    await query("INSERT INTO drill.coordinator VALUES ('none', 0)", urls.write);
    for (const name of ["coordinator-1", "coordinator-2"]) {
      recorder.add(
        name,
        coordinators,
        startWriter(urls.write, statements.coordinator, { values: (n) => [name, n], patience }),
      );
    }
    if (citus) await recorder.addSharded();
    for (const name of ["reader-1", "reader-2"]) {
      recorder.add(
        name,
        null,
        startWriter(urls.read, statements.read, { values: (n) => [name, n], patience }),
      );
    }
    return recorder;
  }

  private add(name: string, groupOf: Client["groupOf"], writer: Writer): void {
    this.clients.push({ name, groupOf, writer });
  }

  private async addSharded(): Promise<void> {
    const { write } = this.urls;
    await query("CREATE TABLE drill.sharded (tenant text, writer text, number bigint)", write);
    await query(
      "SELECT create_distributed_table('drill.sharded', 'tenant', colocate_with => 'none', shard_count => 12)",
      write,
    );
    const rows = await query(
      `SELECT tenant, groupid FROM (
         SELECT 'tenant-' || i AS tenant, get_shard_id_for_distribution_column('drill.sharded', 'tenant-' || i) AS shardid
         FROM generate_series(0, ${tenants - 1}) AS i
       ) AS placed JOIN pg_dist_placement USING (shardid)`,
      write,
    );
    const groups = new Map(rows.map(({ tenant = "", groupid }) => [tenant, `shard-${groupid}`]));
    const tenantOf = (number: number) => `tenant-${number % tenants}`;
    const groupOf = (number: number) => groups.get(tenantOf(number)) ?? "";
    this.add(
      "distributed",
      groupOf,
      startWriter(write, statements.sharded, {
        values: (n) => ["distributed", n, tenantOf(n)],
        patience,
      }),
    );
    for (const group of [...new Set(groups.values())].sort()) {
      const [tenant] = [...groups].find(([, placed]) => placed === group) as [string, string];
      this.add(
        group,
        () => group,
        startWriter(write, statements.sharded, { values: (n) => [group, n, tenant], patience }),
      );
    }
  }

  /** One more that writes to the coordinators, from the network of a host. */
  addInside(host: string): Writer {
    // A number of another writer of the same name would pass for a duplicate.
    const name = `inside-${host}-${this.clients.length}`;
    const child = spawn("lab/lab", ["inside", host, process.execPath, "test/drills/inside.ts"], {
      stdio: ["pipe", "pipe", "inherit"],
      // What interrupts the drill leaves it alone: it ends with its stdin.
      detached: true,
    });
    const attempts: Attempt[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => attempts.push(JSON.parse(line)));
    const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
    child.stdin.on("error", () => {});
    const work: Work = { url: this.urls.write, statement: statements.coordinator, name, patience };
    child.stdin.write(`${JSON.stringify(work)}\n`);
    const stop = async () => {
      child.stdin.end();
      await ended;
      return { gap: Number.NaN, written: attempts.filter(({ error }) => error === undefined).length };
    };
    const writer = { attempts, stop };
    this.add(name, coordinators, writer);
    return writer;
  }

  /** Those that write to a group alone, through the virtual IP from outside. */
  writersOf(group: string): Attempt[][] {
    return this.clients
      .filter(
        ({ name, groupOf }) =>
          name !== "distributed" && !name.startsWith("inside-") && groupOf?.(0) === group,
      )
      .map(({ writer }) => [...writer.attempts]);
  }

  reads(): Attempt[][] {
    return this.clients.filter(({ groupOf }) => !groupOf).map(({ writer }) => [...writer.attempts]);
  }

  /** The shards that are written to. */
  get shards(): string[] {
    return this.clients.map(({ name }) => name).filter((name) => name.startsWith("shard-"));
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.map(({ writer }) => writer.stop()));
  }

  /** After it was stopped and the cluster is healthy: by group, what the log and the database say. */
  async compare(): Promise<ReadonlyMap<string, Comparison>> {
    const tables = ["drill.coordinator", ...(citus ? ["drill.sharded"] : [])];
    const rows: Row[] = [];
    for (const table of tables) {
      const found = await query(
        `SELECT writer, number, count(*) AS count FROM ${table} GROUP BY writer, number`,
        this.urls.write,
      );
      for (const { writer = "", number, count } of found)
        rows.push({ writer, number: Number(number), count: Number(count) });
    }
    return compare(
      this.clients.flatMap(({ name, groupOf, writer }) =>
        groupOf ? [{ name, groupOf, attempts: writer.attempts }] : [],
      ),
      rows,
    );
  }

  /** The tables; where that fails, the next start does it. */
  async remove(): Promise<void> {
    await query("DROP SCHEMA IF EXISTS drill CASCADE", this.urls.write).catch((error: Error) =>
      say(`the schema drill is left until the next drill: ${error.message}`),
    );
  }
}
