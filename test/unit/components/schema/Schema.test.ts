import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { managerTarget } from "../../../../components/host/ssh.ts";
import { ruvectorWarning, Schema } from "../../../../components/schema/Schema.ts";
import type { Group } from "../../../../config/topology.ts";
import { DIGEST, parse } from "../../config/fixture.ts";

const created: pulumi.runtime.MockResourceArgs[] = [];
const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();

beforeEach(async () => {
  created.length = 0;
  warn.mockClear();
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      created.push(args);
      return { id: `${args.name}-id`, state: args.inputs };
    },
    call: () => ({}),
  });
});
afterEach(() => pulumi.runtime.disconnect());

async function create(settings?: Record<string, unknown>, files?: Record<string, string>) {
  const config = parse(settings, files);
  const migrations = [{ origin: "own", version: 1, name: "001_it.sql", sql: "SELECT 'it''s';\n" }] as const;
  const group = config.topology.groups[0] as Group;
  const swarm = { targetOf: () => pulumi.output(managerTarget(config.ssh, config.hosts)) };
  const schema = new Schema("test", { swarm, database: config.database, group, migrations });
  await new Promise((resolve) => pulumi.output(schema.ready.urn).apply(resolve));
  const [script] = created.filter(({ type }) => type === "command:local:Command");
  return script;
}

it("is one script with the files and where the leader is, and nothing of it in a command line", async () => {
  const script = await create();
  expect(script?.name).toBe("test-migrations");
  expect(script?.inputs.stdin).toContain("DATABASE='app'\n");
  expect(script?.inputs.stdin).toContain("LEADER='host=coord-1,coord-2,coord-3 user=postgres ");
  expect(script?.inputs.stdin).toContain("OWNER='host=coord-1,coord-2,coord-3 user=app ");
  // A quote within a quoted variable, as the shell reads it.
  expect(script?.inputs.stdin).toContain(`"own/001_it.sql":"SELECT '\\''it'\\'''\\''s'\\'';\\n"`);
  expect(JSON.stringify(script?.inputs.interpreter)).not.toContain("SELECT");
  expect(warn).not.toHaveBeenCalled();
});

it("warns what RuVector puts at stake", async () => {
  const image = (name: string) => `registry/${name}${DIGEST}`;
  const manifest = {
    etcd: image("etcd"),
    database: image("database"),
    proxy: image("proxy"),
    ruvector: "2.0.6",
  };
  await create({ database: { vectorEngine: "ruvector" } }, { "build/images.json": JSON.stringify(manifest) });
  expect(warn.mock.calls.map(([text]) => text)).toEqual([ruvectorWarning]);
});
