import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DatabaseConfig } from "../../config/ClusterConfig.ts";
import { migrationErrors, migrationsAmong, versionOf } from "../../config/migrations.ts";

/** A file of SQL that changes the schema; it is applied once. */
export interface Migration {
  /** Built-in migrations come before the user's own. Each of the two has its own numbers. */
  readonly origin: "built-in" | "own";
  readonly version: number;
  /** The file's name, for example `001_memory.sql`. */
  readonly name: string;
  readonly sql: string;
}

/**
 * The built-in migrations, unless `schema` is `none`, and those of the folder `migrations`, in the order in which they are
 * applied. Throws an error that lists every wrong name.
 */
export function readMigrations({
  schema,
  migrations,
}: Pick<DatabaseConfig, "schema" | "migrations">): readonly Migration[] {
  const builtIn = fileURLToPath(new URL("migrations", import.meta.url));
  return [
    ...(schema === "builtin" ? migrationsIn("built-in", builtIn) : []),
    ...(migrations === undefined ? [] : migrationsIn("own", migrations)),
  ];
}

function migrationsIn(origin: Migration["origin"], folder: string): Migration[] {
  const names = readdirSync(folder);
  const errors = migrationErrors(names);
  if (errors.length > 0) throw new Error(errors.map((error) => `${folder}: ${error}`).join("\n"));
  return migrationsAmong(names).map((name) => ({
    origin,
    version: versionOf(name) as number,
    name,
    sql: readFileSync(join(folder, name), "utf8"),
  }));
}

const STEPS = ["lock", "engine", "extension", "prepare", "placement", "apply"].map((name) => `${name}.sql`);

/** The files for `migrate.sh`, by name; `setup.sql` and `run.sql` include the others. */
export function migrationFiles(
  database: Pick<DatabaseConfig, "user" | "vectorEngine" | "vectorDimensions" | "shardCount">,
  migrations: readonly Migration[],
): Record<string, string> {
  const steps = STEPS.map((name) => [name, readFileSync(new URL(name, import.meta.url), "utf8")]);
  const files = migrations.map(({ origin, name, sql }) => [`${origin}/${name}`, sql]);
  return {
    "setup.sql": setupSql(database),
    "run.sql": runSql(database, migrations),
    ...Object.fromEntries([...steps, ...files]),
  };
}

const variables = (database: Parameters<typeof migrationFiles>[0]): string[] => [
  `\\set owner ${database.user}`,
  `\\set engine ${database.vectorEngine}`,
  `\\set dimensions ${database.vectorDimensions}`,
  `\\set shards ${database.shardCount}`,
];

/** Statements of the superuser; they contain nothing from a migration. */
function setupSql(database: Parameters<typeof migrationFiles>[0]): string {
  return [...variables(database), "\\i lock.sql", "\\i engine.sql", "\\i extension.sql", ""].join("\n");
}

/** Names, numbers and hashes need no quoting: they contain only letters, digits and `_.-`. */
function runSql(database: Parameters<typeof migrationFiles>[0], migrations: readonly Migration[]): string {
  const entries = migrations.map(({ origin, version, name, sql }) => ({
    origin,
    version,
    name,
    sha256: createHash("sha256").update(sql).digest("hex"),
  }));
  return [
    ...variables(database),
    "\\i lock.sql",
    "CREATE TEMP TABLE given (origin text, version integer, name text, sha256 text);",
    ...entries.map(
      ({ origin, version, name, sha256 }) =>
        `INSERT INTO given VALUES ('${origin}', ${version}, '${name}', '${sha256}');`,
    ),
    "\\i engine.sql",
    "\\i prepare.sql",
    "\\i placement.sql",
    ...entries.flatMap(({ origin, version, name, sha256 }) => [
      `\\set origin ${origin}`,
      `\\set version ${version}`,
      `\\set name ${name}`,
      `\\set sha256 ${sha256}`,
      "\\i apply.sql",
    ]),
    "",
  ].join("\n");
}
