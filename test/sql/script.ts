// Usage: node script.ts migrate|shards CONNECTION [SETTINGS-JSON]: what goes over stdin to a host, as the program sends it.

import { readScript, scriptCommand } from "../../components/host/HostScript.ts";
import { leaderConninfo } from "../../components/postgres/patroni.ts";
import { migrationFiles, readMigrations } from "../../components/schema/migrations.ts";
import { parse } from "../unit/config/fixture.ts";

const [, , which = "", connection = "", settings = "{}"] = process.argv;
const given = {
  schema: "builtin",
  vectorEngine: "pgvector",
  vectorDimensions: 384,
  shardCount: 32,
  ...JSON.parse(settings),
};
const folder = (name: string) => new URL(`../../components/${name}/`, import.meta.url).href;
const target = { label: "", user: "", destination: "", options: [] };
// The superuser's startup option is the program's own.
const [options = ""] = parse().topology.groups.flatMap(
  (group) => / options=\S+/.exec(leaderConninfo(group)) ?? [],
);
const shared = { GROUP: "group", LEADER: `${connection} user=postgres${options}`, DATABASE: "app" };

const scripts: Record<string, () => { script: string; variables: Record<string, string> }> = {
  migrate: () => ({
    script: readScript("on-host/migrate.sh", folder("schema")),
    variables: {
      OWNER: `${connection} user=app`,
      FILES: JSON.stringify(migrationFiles({ user: "app", ...given }, readMigrations(given))),
    },
  }),
  shards: () => ({
    script: readScript("on-host/shards.sh", folder("citus")),
    variables: {
      REBALANCER: `${connection} user=rebalancer`,
      REBALANCE: "true",
      ROLE_SQL: readScript("rebalancer.sql", folder("citus")),
      REFERENCE_SQL: readScript("reference-tables.sql", folder("citus")),
      NODES: "",
    },
  }),
};
const chosen = scripts[which]?.();
if (!chosen) throw new Error(`unknown script: ${which}`);
const { script, variables } = chosen;
process.stdout.write(scriptCommand({ target, script, variables: { ...shared, ...variables } }).stdin);
