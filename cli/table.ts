import { formatSize } from "../config/units.ts";
import { certificateLine } from "./certificates.ts";
import type { ContainerReport, MemberReport, Report } from "./report.ts";

const none = "-";

/** The report for people: three tables, the certificates, and a last line with the health. */
export function table(report: Report): string {
  const { hosts, virtualIp, clients, groups, etcd, proxies, citus } = report;
  const hostRows = hosts.map((host) => [
    host.name,
    host.address,
    host.reachable ? "yes" : "no",
    [
      host.node ?? "unknown",
      ...(host.availability && host.availability !== "active" ? [host.availability] : []),
    ].join(", "),
    host.manager ?? none,
    host.holdsVip ? virtualIp.address : none,
  ]);
  const plain = (group: string, { name, host, state }: ContainerReport, role = none) => [
    group,
    name,
    host,
    role,
    state ?? "unknown",
  ];
  const memberRows = [
    ...groups.flatMap((group) =>
      group.members.map((member) => [
        ...plain(group.name, member, member.role?.replaceAll("_", " ")).slice(0, 4),
        `${member.state ?? "unknown"}${member.pendingRestart ? ", restart pending" : ""}`,
        String(member.timeline ?? none),
        String(member.lag ?? none),
        ...(citus ? [String(member.shards ?? none), String(member.bytes ?? none)] : []),
      ]),
    ),
    ...etcd.map((member) => plain("etcd", member)),
    ...proxies.map((proxy) => {
      const active = virtualIp.holders.includes(proxy.host);
      const answer = proxy.up === null ? "unknown" : proxy.up ? "up" : "down";
      return plain("haproxy", { ...proxy, state: answer }, active ? "active" : "passive");
    }),
  ];
  const clientRows = Object.entries(clients).map(([what, { port, member, role, error }]) => [
    what,
    `${virtualIp.address}:${port}`,
    error ?? (member === null ? "unknown" : `ok as ${role} ${member}`),
  ]);
  const head = ["GROUP", "MEMBER", "HOST", "ROLE", "STATE", "TIMELINE", "LAG (BYTES)"];
  return [
    ...aligned([["HOST", "ADDRESS", "SSH", "SWARM", "MANAGER", "VIRTUAL IP"], ...hostRows]),
    "",
    ...aligned([[...head, ...(citus ? ["SHARDS", "BYTES"] : [])], ...memberRows]),
    "",
    ...aligned([["CLIENTS", "ADDRESS", "WHAT THEY SEE"], ...clientRows]),
    "",
    certificateLine(report.certificates),
    "",
    ...keptLines(groups.flatMap(({ members }) => members)),
    verdict(report),
    "",
  ].join("\n");
}

/** A line for each member that keeps writes that a failover lost. This is not an error, but somebody may need them. */
function keptLines(members: readonly MemberReport[]): string[] {
  const lines = members.flatMap(({ name, host, diverged }) => {
    if (!diverged) return [];
    const { folder, copies, bytes, since, until } = diverged;
    const what = `${copies} ${copies === 1 ? "copy" : "copies"} of ${bytes === null ? "unknown size" : formatSize(bytes)}`;
    const when = `since ${since.slice(0, 10)}, the first until ${until.slice(0, 10)}`;
    return [`${name} on ${host} keeps writes that a failover lost: ${what}, ${when}, in ${folder}`];
  });
  return lines.length === 0
    ? []
    : [...lines, "to look into the copies: docs/operations.md, Writes that a failover lost", ""];
}

function verdict({ healthy, problems }: Report): string {
  if (healthy) return "healthy";
  return `${healthy === null ? "cannot tell" : "not healthy"}: ${problems.join("; ")}`;
}

/** Cells padded to the width of their columns. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
