import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readScript, scriptCommand } from "../../../../components/host/HostScript.ts";
import { type Ended, run } from "../run.ts";
import { type Node, program, type State, serve } from "./fakeDocker.ts";

const node = (nodeid: number, groupid: number, nodename: string, noderole: Node["noderole"]): Node => ({
  nodeid,
  groupid,
  nodename,
  nodeport: 5432,
  noderole,
  isactive: true,
  hasmetadata: true,
  metadatasynced: true,
});

/** The list that agrees with the plan. */
const whole = (): State => ({
  plan: [
    ["coord-1", "coord-2"],
    ["worker-1-1", "worker-1-2"],
  ],
  leaders: ["coord-1", "worker-1-1"],
  down: [],
  nodes: [
    node(1, 0, "coord-1", "primary"),
    node(2, 0, "coord-2", "secondary"),
    node(3, 1, "worker-1-1", "primary"),
    node(4, 1, "worker-1-2", "secondary"),
  ],
});

const folder = mkdtempSync(join(tmpdir(), "postgres-cluster-unit-"));
writeFileSync(join(folder, "docker"), program);
chmodSync(join(folder, "docker"), 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

// A second of waiting counts as many, or the tests would take minutes.
const hurry = "sleep() { SECONDS=$((SECONDS + 25 * $1)); }\n";
const script = readScript(
  "on-host/nodes.sh",
  new URL("../../../../components/citus/CitusNodes.ts", import.meta.url).href,
);

async function hold(before: State) {
  const state = structuredClone(before);
  const { stdin } = scriptCommand({
    target: { label: "host-1", user: "root", destination: "root@host-1", options: [] },
    script: hurry + script,
    variables: {
      GROUP: "coordinators",
      LEADER: "host=coord-1",
      DATABASE: "app",
      NODES: state.plan.map((members, group) => [group, ...members].join(" ")).join("\n"),
      PORT: "5432",
    },
  });
  let ended: Ended | undefined;
  const calls = await serve(state, async (port) => {
    const env = { PATH: `${folder}:${process.env.PATH}`, FAKE_PORT: String(port) };
    ended = await run(["bash", "-s", "--", "create"], { stdin, env });
  });
  const { status, stderr } = ended as Ended;
  return {
    status,
    stderr,
    calls,
    state,
    nodes: state.nodes
      .map(({ groupid, nodename, noderole }) => `${groupid} ${nodename} ${noderole}`)
      .toSorted(),
  };
}

const agreed = ["0 coord-1 primary", "0 coord-2 secondary", "1 worker-1-1 primary", "1 worker-1-2 secondary"];

describe.concurrent("Citus' list of nodes", { timeout: 60_000 }, () => {
  test("that agrees is left alone", async () => {
    expect(await hold(whole())).toMatchObject({ status: 0, stderr: "", calls: [], nodes: agreed });
  });

  test("is left alone a second time, whatever had to be mended", async () => {
    const state = whole();
    state.nodes = state.nodes.slice(0, 3);
    const { state: mended } = await hold(state);
    expect(await hold(mended)).toMatchObject({ status: 0, stderr: "", calls: [], nodes: agreed });
  });

  test("gets a standby that it lacks", async () => {
    const state = whole();
    state.nodes = state.nodes.filter(({ nodename }) => nodename !== "worker-1-2");
    const { status, calls, nodes, stderr } = await hold(state);
    expect(status, stderr).toBe(0);
    expect(calls).toEqual(["citus_add_node worker-1-2 5432 1 secondary"]);
    expect(nodes).toEqual(agreed);
    expect(stderr).toContain("Citus: adding worker-1-2 as secondary of group 1");
  });

  test("that is empty gets all, primaries first", async () => {
    const { status, calls, nodes, stderr } = await hold({ ...whole(), nodes: [] });
    expect(status, stderr).toBe(0);
    expect(nodes).toEqual(agreed);
    expect(calls.slice(0, 2)).toEqual([
      "citus_set_coordinator_host coord-1 5432",
      "citus_add_node worker-1-1 5432 1 primary",
    ]);
    expect(calls).toHaveLength(4);
  });

  test("loses who is not in the plan", async () => {
    const state = whole();
    state.nodes.push(node(5, 1, "worker-1-3", "secondary"), node(6, 2, "worker-2-1", "primary"));
    const { status, calls, nodes, stderr } = await hold(state);
    expect(status, stderr).toBe(0);
    expect(calls.toSorted()).toEqual([
      "citus_remove_node worker-1-3 5432",
      "citus_remove_node worker-2-1 5432",
    ]);
    expect(nodes).toEqual(agreed);
  });

  test("follows a member that went to another group", async () => {
    const state = whole();
    state.nodes[3] = node(4, 2, "worker-1-2", "primary");
    const { status, calls, nodes, stderr } = await hold(state);
    expect(status, stderr).toBe(0);
    expect(calls).toEqual([
      "citus_remove_node worker-1-2 5432",
      "citus_add_node worker-1-2 5432 1 secondary",
    ]);
    expect(nodes).toEqual(agreed);
  });

  test("follows a group to another primary, which keeps the shards", async () => {
    const state = { ...whole(), leaders: ["coord-1", "worker-1-2"] };
    state.nodes = [...state.nodes.slice(0, 2), { ...node(3, 1, "worker-1-1", "primary"), shards: true }];
    const { status, calls, nodes, stderr } = await hold(state);
    expect(status, stderr).toBe(0);
    expect(calls).toEqual([
      "citus_update_node 3 worker-1-2 5432",
      "citus_add_node worker-1-1 5432 1 secondary",
    ]);
    expect(nodes).toEqual([...agreed.slice(0, 2), "1 worker-1-1 secondary", "1 worker-1-2 primary"]);
  });

  test("follows a group from a primary that is no longer in the plan, which Citus does not let go", async () => {
    const state = whole();
    state.nodes[2] = { ...node(3, 1, "worker-9-9", "primary"), shards: true };
    const { status, calls, nodes, stderr } = await hold(state);
    expect(status, stderr).toBe(0);
    expect(calls).toEqual(["citus_update_node 3 worker-1-1 5432"]);
    expect(nodes).toEqual(agreed);
  });

  test("keeps a group that the plan lacks and that holds shards, and says so at once", async () => {
    const state = whole();
    state.nodes.push({ ...node(5, 2, "worker-2-1", "primary"), shards: true });
    const { status, calls, stderr } = await hold(state);
    expect([status, calls]).toEqual([1, []]);
    expect(stderr).toContain(
      "worker group 2 still has 8 shards and cannot be removed: set placement.workerGroups back",
    );
  });

  // A fault of nodes.sh: Citus refuses to give a node an address that another one has, and the standby has it.
  test("follows a failover that Patroni did not tell it", async () => {
    const state = { ...whole(), leaders: ["coord-1", "worker-1-2"] };
    const { status, nodes, stderr } = await hold(state);
    expect(status, stderr).toBe(0);
    expect(nodes).toEqual([...agreed.slice(0, 2), "1 worker-1-1 secondary", "1 worker-1-2 primary"]);
  });

  test.each(["isactive", "hasmetadata", "metadatasynced"] as const)(
    "gives a primary that lacks %s the metadata again",
    async (lack) => {
      const state = whole();
      state.nodes[2] = { ...node(3, 1, "worker-1-1", "primary"), [lack]: false };
      const { status, calls, stderr } = await hold(state);
      expect(status, stderr).toBe(0);
      expect(calls).toEqual(["citus_activate_node worker-1-1 5432"]);
    },
  );

  test("is known by any member that answers", async () => {
    const state = whole();
    state.down = ["worker-1-1"];
    state.leaders = ["coord-1", "worker-1-2"];
    state.nodes[2] = node(3, 1, "worker-1-2", "primary");
    state.nodes[3] = node(4, 1, "worker-1-1", "secondary");
    expect(await hold(state)).toMatchObject({ status: 0, stderr: "", calls: [] });
  });

  test("cannot be held against a group without a leader: the run fails and names it", async () => {
    const { status, stderr } = await hold({ ...whole(), leaders: ["coord-1"] });
    expect(status).toBe(1);
    expect(stderr).toContain("no leader in Citus group 1 (worker-1-1 worker-1-2)");
    expect(stderr).toMatch(/Citus' nodes differ from the topology: see pg_dist_node in database app .*\n$/);
  });

  // A fault of nodes.sh: that there is no list of who is wanted goes unnoticed, and everyone not in it is a stranger.
  test("loses nobody while a group has no leader", async () => {
    const { calls, nodes } = await hold({ ...whole(), leaders: ["coord-1"] });
    expect(calls).toEqual([]);
    expect(nodes).toEqual(agreed);
  });
});
