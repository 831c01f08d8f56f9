// Usage: node script.ts LEADER [SETTINGS-JSON]: what goes over stdin to a host for the migrations, as Schema sends it.
import { migrationFiles, readMigrations } from "../../components/citus/migrations.ts";
import { readScript, scriptCommand } from "../../components/host/HostScript.ts";
import { leaderConninfo } from "../../components/postgres/patroni.ts";
import { topologyOf } from "../../config/topology.ts";
import { parse } from "../unit/config/fixture.ts";

const [, , leader = "", settings = "{}"] = process.argv;
const given = { vectorEngine: "pgvector", vectorDimensions: 384, shardCount: 32, ...JSON.parse(settings) };
const files = migrationFiles({ user: "app", ...given }, readMigrations(given.migrations));
const script = readScript("migrate.sh", new URL("../../components/citus/", import.meta.url).href);
const target = { label: "", user: "", destination: "", options: [] };
// The superuser's startup option is the program's own.
const [options] = topologyOf(parse()).groups.flatMap(
  (group) => / options=\S+/.exec(leaderConninfo(group)) ?? [],
);
const logins = { LEADER: `${leader}${options ?? ""}`, OWNER: `${leader} user=app` };
const variables = { GROUP: "group", ...logins, DATABASE: "app", FILES: JSON.stringify(files) };
process.stdout.write(scriptCommand({ target, script, variables }).stdin);
