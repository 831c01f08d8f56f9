import { readdirSync } from "node:fs";
import { collect } from "../../cli/collect.ts";
import { type Report, reportOf } from "../../cli/report.ts";
import { stackConfig } from "../../cli/stack.ts";
import { must, onHost, output } from "./lab.ts";
import { connect } from "./writer.ts";

/** Whether the database image of this checkout has Citus; tests that need it are skipped without. */
export const citus = readdirSync("images/database/debs").some((name) => name.endsWith(".deb"));
export const needsCitus = citus ? "" : ", skipped: no Citus package in images/database/debs";

/** The lab's cluster as `make up` leaves it; one that is there already is only looked over. */
export async function runningCluster(): Promise<void> {
  await must(["make", "up"], { timeout: 1500 });
}

/** Rows of a query through the write URL, or another. */
export async function query(statement: string, url?: string): Promise<Record<string, string>[]> {
  const client = await connect(url ?? (await output("writeUrl")));
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** What `make status` knows. */
export async function status(): Promise<Report> {
  const config = stackConfig("dev");
  return reportOf(config, await collect(config));
}

export async function healthy(): Promise<void> {
  const { healthy, problems } = await status();
  if (!healthy) throw new Error(`not healthy: ${problems.join("; ")}`);
}

export interface Place {
  name: string;
  host: string;
}

/** A group's members by their present role, the leader first. */
export async function membersOf(group: string): Promise<[Place, ...Place[]]> {
  const members = (await status()).groups.find(({ name }) => name === group)?.members ?? [];
  const leader = members.find(({ role }) => role === "leader");
  if (!leader) throw new Error(`${group} has no leader`);
  return [leader, ...members.filter((member) => member !== leader)];
}

/** Shell words for a member's container, on its host. */
export const containerOf = ({ name }: Place) => `$(docker ps -qf name=^${name}[.])`;

/** Ends a member's container; the Swarm starts another. */
export const killMember = (member: Place) => onHost(member.host, `docker kill ${containerOf(member)}`);

/** Runs a script in a member's container. */
export const inMember = (member: Place, script: string) =>
  onHost(member.host, `docker exec ${containerOf(member)} sh -c '${script.replaceAll("'", `'\\''`)}'`);
