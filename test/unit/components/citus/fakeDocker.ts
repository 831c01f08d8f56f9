// A `docker` with one container: a coordinator whose Citus lists nodes. It answers what nodes.sh asks psql, refuses what
// Citus refuses, and remembers what changed the list. It answers over TCP, from within the test: a Node for each of the
// script's many calls would take most of the test's time.
import { createServer } from "node:net";

/** A row of pg_dist_node; `shards`: Citus does not let go of it. */
export interface Node {
  nodeid: number;
  groupid: number;
  nodename: string;
  nodeport: number;
  noderole: "primary" | "secondary";
  isactive: boolean;
  hasmetadata: boolean;
  metadatasynced: boolean;
  shards?: boolean;
}

export interface State {
  /** The groups' members, group 0 first. */
  plan: string[][];
  leaders: string[];
  down: string[];
  nodes: Node[];
}

/** The program in docker's place; FAKE_PORT is where `serve` listens. */
export const program = `#!/bin/bash
exec 3<>"/dev/tcp/127.0.0.1/$FAKE_PORT"
printf '%s\\0' "$@" '' >&3
read -r status <&3
[ "$status" = 0 ] || exec >&2
cat <&3
exit "$status"
`;

type Answer = readonly [status: number, text: string];

/** Serves calls for as long as `work` goes on, which gets the port. Changes the state, and answers what changed it. */
export async function serve(state: State, work: (port: number) => Promise<void>): Promise<string[]> {
  const calls: string[] = [];
  const server = createServer((socket) => {
    let words = "";
    socket
      .on("error", () => {})
      .on("data", (chunk) => {
        words += chunk;
        if (!words.endsWith("\0\0")) return;
        const [status, text] = docker(state, words.split("\0").slice(0, -2), calls);
        socket.end(`${status}\n${text}`);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await work((server.address() as { port: number }).port);
  server.close();
  return calls;
}

function docker(state: State, [verb, ...args]: string[], calls: string[]): Answer {
  if (verb === "ps" && args.includes("label=postgres-cluster.group=coordinators")) return [0, "c0ffee\n"];
  // exec -i -e PGAPPNAME=... CONTAINER PROGRAM ...
  if (verb === "exec" && args[3] === "c0ffee") {
    const last = args.at(-1) ?? "";
    if (args[4] === "curl") return patroni(state, last);
    if (args[4] === "psql" && args.includes("host=coord-1 dbname=app")) return psql(state, last, calls);
  }
  return [125, `the fake does not know: docker ${[verb, ...args].join(" ")}\n`];
}

/** What Patroni's REST says of the group that a member is in; nothing when the member is down. */
function patroni({ plan, leaders, down }: State, url: string): Answer {
  const name = /^https:\/\/([\w-]+):8008\/cluster$/.exec(url)?.[1] ?? "";
  const members = plan.find((group) => group.includes(name));
  if (!members || down.includes(name)) return [7, "curl: (7) Failed to connect\n"];
  const rows = members.map((member) => {
    const [role, runs] = leaders.includes(member) ? ["leader", "running"] : ["replica", "streaming"];
    const host = `"host": "${member}", "port": 5432, "timeline": 1`;
    return `{"name": "${member}", "role": "${role}", "state": "${down.includes(member) ? "stopped" : runs}", ${host}}`;
  });
  return [0, `{"members": [${rows.join(", ")}], "scope": "postgres-cluster"}`];
}

function psql(state: State, sql: string, calls: string[]): Answer {
  const planned = /FROM pg_catalog\.pg_dist_placement .* AND groupid NOT IN \(([\d,]+)\) GROUP BY/.exec(
    sql,
  )?.[1];
  if (planned) {
    const stranded = state.nodes.filter(
      ({ shards, groupid }) => shards && !planned.split(",").includes(`${groupid}`),
    );
    return [0, stranded.map(({ groupid }) => `${groupid}|8\n`).join("")];
  }
  const query = /^SELECT (.+) FROM pg_catalog\.pg_dist_node WHERE (.+?)( ORDER BY [\d, ]+)?$/.exec(sql);
  if (query) return [0, select(state.nodes, query[1] as string, query[2] as string, query[3] !== undefined)];
  const [, name = "", list = ""] = /^SELECT pg_catalog\.(citus_\w+)\((.*?)\)$/.exec(sql) ?? [];
  const does = functions[name];
  if (!does) return [3, `ERROR:  the fake does not know: ${sql}\n`];
  const values = list.split(", ").map((value) => value.replace(/^'(.*)'$/, "$1"));
  const refusal = does(state, ...values);
  if (refusal) return [3, `ERROR:  ${refusal}\n`];
  calls.push(`${name} ${values.join(" ")}`.trim());
  return [0, "\n"];
}

function select(nodes: readonly Node[], columns: string, where: string, ordered: boolean): string {
  const condition = where
    .replaceAll(" = ", " === ")
    .replaceAll(" AND ", " && ")
    .replaceAll(/\bNOT /g, "!");
  const rows = nodes
    .filter((node) => new Function(...Object.keys(node), `return ${condition}`)(...Object.values(node)))
    .map((node) =>
      columns.split(", ").map((column) => (column in node ? node[column as keyof Node] : column)),
    );
  if (ordered) rows.sort((a, b) => Number(a[0]) - Number(b[0]) || `${a}`.localeCompare(`${b}`));
  return rows.map((row) => `${row.join("|")}\n`).join("");
}

const well = { isactive: true, hasmetadata: true, metadatasynced: true };

function addNode(
  { nodes }: State,
  name: string,
  port: string,
  group: string,
  role: string,
): string | undefined {
  if (nodes.some((node) => node.nodename === name)) return;
  if (role === "primary" && nodes.some((node) => node.groupid === +group && node.noderole === role))
    return `group ${group} already has a primary node`;
  nodes.push({
    nodeid: 1 + Math.max(0, ...nodes.map((node) => node.nodeid)),
    groupid: +group,
    nodename: name,
    nodeport: +port,
    noderole: role as Node["noderole"],
    ...well,
  });
}

/** Citus' functions; each ends with what it refuses, if anything. */
const functions: Record<string, (state: State, ...args: string[]) => string | undefined> = {
  citus_add_node: (state, name = "", port = "", group = "", role = "") =>
    addNode(state, name, port, group, role),
  citus_set_coordinator_host: (state, name = "", port = "") => addNode(state, name, port, "0", "primary"),
  citus_remove_node({ nodes }, name) {
    const index = nodes.findIndex((node) => node.nodename === name);
    if (index < 0) return `node at "${name}" does not exist`;
    if (nodes[index]?.shards) return "cannot remove the node: it contains the only shard placement";
    nodes.splice(index, 1);
  },
  citus_update_node({ nodes }, id, name = "", port) {
    const same = nodes.find((node) => node.nodename === name && node.nodeport === Number(port));
    if (same && same.nodeid !== Number(id))
      return "there is already another node with the specified hostname and port";
    const node = nodes.find((candidate) => candidate.nodeid === Number(id));
    if (!node) return `node ${id} not found`;
    node.nodename = name;
  },
  citus_activate_node({ nodes }, name) {
    const node = nodes.find((candidate) => candidate.nodename === name);
    if (!node) return `node at "${name}" does not exist`;
    Object.assign(node, well);
  },
};
