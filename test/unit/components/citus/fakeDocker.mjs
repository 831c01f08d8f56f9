// A `docker` with one container: a coordinator whose Citus lists the nodes in $FAKE/state.json. It answers what nodes.sh
// asks psql, refuses what Citus refuses, and writes down in $FAKE/calls what changed the list.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

const file = `${process.env.FAKE}/state.json`;
const state = JSON.parse(readFileSync(file, "utf8"));
const [verb, ...args] = process.argv.slice(2);

function end(status, text) {
  (status === 0 ? process.stdout : process.stderr).write(text);
  process.exitCode = status;
}

/** @type {Record<string, (...args: string[]) => string | undefined>} Each ends with what it refuses, if anything. */
const functions = {
  citus_add_node(name, port, group, role) {
    if (state.nodes.some((node) => node.nodename === name)) return;
    if (role === "primary" && state.nodes.some((node) => node.groupid === +group && node.noderole === role))
      return `group ${group} already has a primary node`;
    const nodeid = 1 + Math.max(0, ...state.nodes.map((node) => node.nodeid));
    const well = { isactive: true, hasmetadata: true, metadatasynced: true };
    state.nodes.push({
      nodeid,
      groupid: +group,
      nodename: name,
      nodeport: +port,
      noderole: role,
      ...well,
    });
  },
  citus_set_coordinator_host(name, port) {
    return functions.citus_add_node(name, port, "0", "primary");
  },
  citus_remove_node(name) {
    const index = state.nodes.findIndex((node) => node.nodename === name);
    if (index < 0) return `node at "${name}" does not exist`;
    if (state.nodes[index].shards) return "cannot remove the node: it contains the only shard placement";
    state.nodes.splice(index, 1);
  },
  citus_update_node(id, name, port) {
    const same = state.nodes.find((node) => node.nodename === name && node.nodeport === +port);
    if (same && same.nodeid !== +id)
      return "there is already another node with the specified hostname and port";
    const node = state.nodes.find((candidate) => candidate.nodeid === +id);
    if (!node) return `node ${id} not found`;
    node.nodename = name;
  },
  citus_activate_node(name) {
    const node = state.nodes.find((candidate) => candidate.nodename === name);
    if (!node) return `node at "${name}" does not exist`;
    Object.assign(node, { isactive: true, hasmetadata: true, metadatasynced: true });
  },
};

function select(columns, where, order) {
  const condition = where
    .replaceAll(" = ", " === ")
    .replaceAll(" AND ", " && ")
    .replaceAll(/\bNOT /g, "!");
  const rows = state.nodes
    .filter((node) => new Function(...Object.keys(node), `return ${condition}`)(...Object.values(node)))
    .map((node) => columns.split(", ").map((column) => (column in node ? node[column] : column)));
  if (order) rows.sort((a, b) => a[0] - b[0] || `${a}`.localeCompare(`${b}`));
  return rows.map((row) => `${row.join("|")}\n`).join("");
}

function psql(sql) {
  const query = /^SELECT (.+) FROM pg_catalog\.pg_dist_node WHERE (.+?)( ORDER BY [\d, ]+)?$/.exec(sql);
  if (query) return end(0, select(query[1], query[2], query[3]));
  const call = /^SELECT pg_catalog\.(citus_\w+)\((.*?)\)$/.exec(sql);
  const does = functions[call?.[1]];
  if (!does) return end(3, `ERROR:  the fake does not know: ${sql}\n`);
  const values = call[2].split(", ").map((value) => value.replace(/^'(.*)'$/, "$1"));
  const refusal = does(...values);
  if (refusal) return end(3, `ERROR:  ${refusal}\n`);
  writeFileSync(file, JSON.stringify(state));
  appendFileSync(`${process.env.FAKE}/calls`, `${call[1]} ${values.join(" ")}`.trim().concat("\n"));
  end(0, "\n");
}

/** What Patroni's REST says of the group that a member is in; nothing when the member is down. */
function patroni(url) {
  const name = /^https:\/\/([\w-]+):8008\/cluster$/.exec(url)?.[1];
  const members = state.plan.find((group) => group.includes(name));
  if (!members || state.down.includes(name)) return end(7, "curl: (7) Failed to connect\n");
  const rows = members.map((member) => {
    const [role, runs] = state.leaders.includes(member) ? ["leader", "running"] : ["replica", "streaming"];
    const host = `"host": "${member}", "port": 5432, "timeline": 1`;
    return `{"name": "${member}", "role": "${role}", "state": "${state.down.includes(member) ? "stopped" : runs}", ${host}}`;
  });
  end(0, `{"members": [${rows.join(", ")}], "scope": "postgres-cluster"}`);
}

if (verb === "ps" && args.includes("label=postgres-cluster.group=coordinators")) end(0, "c0ffee\n");
else if (verb === "exec" && args[0] === "c0ffee" && args[1] === "curl") patroni(args.at(-1));
else if (
  verb === "exec" &&
  args[0] === "c0ffee" &&
  args[1] === "psql" &&
  args.includes("host=coord-1 dbname=app")
)
  psql(args.at(-1));
else end(125, `the fake does not know: docker ${process.argv.slice(2).join(" ")}\n`);
