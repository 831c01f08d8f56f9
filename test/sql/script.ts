// Usage: node script.ts LEADER [SETTINGS-JSON]: what goes over stdin to a host for the migrations, as Schema sends it.
import { migrationFiles, readMigrations } from "../../components/citus/migrations.ts";
import { readScript, scriptCommand } from "../../components/host/HostScript.ts";

const [, , leader = "", settings = "{}"] = process.argv;
const given = { vectorEngine: "pgvector", vectorDimensions: 384, shardCount: 32, ...JSON.parse(settings) };
const files = migrationFiles({ user: "app", ...given }, readMigrations(given.migrations));
const script = readScript("migrate.sh", new URL("../../components/citus/", import.meta.url).href);
const target = { label: "", user: "", destination: "", options: [] };
const owner = `${leader} user=app`;
const variables = {
  GROUP: "group",
  LEADER: leader,
  OWNER: owner,
  DATABASE: "app",
  FILES: JSON.stringify(files),
};
process.stdout.write(scriptCommand({ target, script, variables }).stdin);
