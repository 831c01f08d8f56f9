import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrationFiles, readMigrations } from "../../../../components/schema/migrations.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "migrations-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, sql = "") => writeFileSync(join(folder, name), sql);
const database = { user: "app", vectorEngine: "pgvector", vectorDimensions: 384, shardCount: 32 } as const;
const builtIn = ["001_memory.sql", "002_reference.sql", "003_vector_indexes.sql"];

describe("readMigrations", () => {
  it("reads the program's own in order", () => {
    expect(
      readMigrations({ schema: "builtin" }).map(({ origin, version, name }) => [origin, version, name]),
    ).toEqual(builtIn.map((name, index) => ["built-in", index + 1, name]));
  });

  it("adds a folder's, sorted as numbers, and leaves other files alone", () => {
    write("10_b.sql", "SELECT 10");
    write("9_a.sql", "SELECT 9");
    write("README.md");
    expect(readMigrations({ schema: "builtin", migrations: folder }).slice(builtIn.length)).toEqual([
      { origin: "own", version: 9, name: "9_a.sql", sql: "SELECT 9" },
      { origin: "own", version: 10, name: "10_b.sql", sql: "SELECT 10" },
    ]);
  });

  it("reads the folder's alone where the program's own tables are not wanted", () => {
    write("1_a.sql", "SELECT 1");
    const own = [{ origin: "own", version: 1, name: "1_a.sql", sql: "SELECT 1" }];
    expect(readMigrations({ schema: "none", migrations: folder })).toEqual(own);
    expect(readMigrations({ schema: "none" })).toEqual([]);
  });

  it("names every file without a number, and those of the same", () => {
    for (const name of ["users.sql", "001_a.sql", "1_b.sql"]) write(name);
    expect(() => readMigrations({ schema: "builtin", migrations: folder })).toThrow(
      `${folder}: users.sql has no number to be applied by; name it like 001_users.sql, or move it elsewhere\n` +
        `${folder}: 001_a.sql and 1_b.sql have the same number; give the later one the next number`,
    );
  });
});

describe("migrationFiles", () => {
  it("holds every file and a run that includes them in order", () => {
    write("001_own.sql", "SELECT 1;\n");
    const files = migrationFiles(database, readMigrations({ schema: "builtin", migrations: folder }));
    expect(Object.keys(files)).toEqual([
      ...["setup.sql", "run.sql"],
      ...["lock.sql", "engine.sql", "extension.sql", "prepare.sql", "placement.sql", "apply.sql"],
      ...builtIn.map((name) => `built-in/${name}`),
      "own/001_own.sql",
    ]);
    const run = files["run.sql"] ?? "";
    const sha256 = createHash("sha256").update("SELECT 1;\n").digest("hex");
    expect(run).toMatch(
      /^\\set owner app\n\\set engine pgvector\n\\set dimensions 384\n\\set shards 32\n\\i lock\.sql\nCREATE TEMP TABLE given /,
    );
    expect(run).toContain(`INSERT INTO given VALUES ('own', 1, '001_own.sql', '${sha256}');\n`);
    expect(run).toMatch(/\n\\i engine\.sql\n\\i prepare\.sql\n\\i placement\.sql\n\\set origin built-in\n/);
    expect(
      run.endsWith(
        `\\set origin own\n\\set version 1\n\\set name 001_own.sql\n\\set sha256 ${sha256}\n\\i apply.sql\n`,
      ),
    ).toBe(true);
  });

  it("has the superuser do only what is not a migration's", () => {
    write("001_own.sql", "SELECT 1;\n");
    expect(
      migrationFiles(database, readMigrations({ schema: "builtin", migrations: folder }))["setup.sql"]?.match(
        /^\\i .*$/gm,
      ),
    ).toEqual(["\\i lock.sql", "\\i engine.sql", "\\i extension.sql"]);
  });

  it("says the engine, the dimensions, the shards and the owner", () => {
    const files = migrationFiles(
      { user: "me", vectorEngine: "ruvector", vectorDimensions: 1536, shardCount: 8 },
      [],
    );
    expect(files["run.sql"]).toMatch(/owner me\n.*engine ruvector\n.*dimensions 1536\n.*shards 8\n/);
  });
});
