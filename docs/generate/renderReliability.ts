import { type Results, summaryOf } from "../../test/drills/results.ts";
import { type Scenario, scenarios, soak } from "../../test/drills/scenarios.ts";

/** docs/reliability.md, from what `make drills` and `make soak` have measured; null when they have not run. */
export function renderReliability(results: Results | null): string {
  const measured = (results?.scenarios ?? []).some(({ runs }) => runs.length > 0);
  return [
    INTRODUCTION,
    measured ? FIGURES : NOTHING,
    "| Scenario | What happens | Runs | Median | Worst | Target, median / worst | Acknowledged writes lost | Duplicated | Other shards' gap | Published by others |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...[...scenarios, soak].map((scenario) => row(scenario, results)),
    "",
    OTHERS,
    METHOD,
  ].join("\n");
}

type Row = Pick<Scenario, "name" | "what" | "target">;

function row({ name, what, target }: Row, results: Results | null): string {
  const runs = results?.scenarios.find((each) => each.name === name)?.runs ?? [];
  const { medianMs, worstMs, lost, duplicated, otherShardsGapMs } = summaryOf(runs);
  const time = (ms: number | null) => (ms === null ? "no write" : seconds(ms));
  const figures =
    runs.length === 0
      ? ["0", "", "", "", "", ""]
      : [
          String(runs.length),
          time(medianMs),
          time(worstMs),
          String(lost),
          String(duplicated),
          otherShardsGapMs === null ? "" : seconds(otherShardsGapMs),
        ];
  const [count, median, worst, ...rest] = figures;
  const wanted = target ? `${seconds(target.medianMs)} / ${seconds(target.worstMs)}` : "";
  const cells = [`\`${name}\``, what, count, median, worst, wanted, ...rest, PUBLISHED[name] ?? ""];
  return `| ${cells.join(" | ")} |`;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1).replace(/\.?0+$/, "")} s`;

/** What others have published of the same fault; where each is from stands below the table. */
const PUBLISHED: Readonly<Record<string, string>> = {
  "coordinator-crash": "Percona 5 to 10 s; Pigsty 1 / 24 / 29 s; CloudNativePG's limit 10 s",
  "coordinator-host-loss": "Pigsty 16 / 23 / 29 s; RDS Multi-AZ under 35 s",
  "host-cut": "Pigsty 16 / 23 / 29 s; RDS Multi-AZ under 35 s",
  "worker-host-loss": "Pigsty 16 / 23 / 29 s",
  "container-removed": "Percona 13 s, by PgBouncer 7 s",
  switchover: "Percona 8 s; CloudNativePG's limit 20 s",
};

const INTRODUCTION = `# Reliability

<!-- Generated from build/drills.json: run make drills, then npm run docs:reliability. -->

\`\`\`sh
make drills                                   # every scenario once
make drills SCENARIO=coordinator-crash RUNS=10
make soak MINUTES=60                          # random faults; SEED=number repeats a sequence
\`\`\`

These break the lab's running cluster on purpose (\`make up\` first), and measure what clients see of it.
`;

const FIGURES = `Time until the next committed write:
`;

const NOTHING = `**Nothing has been measured yet**: there is no \`build/drills.json\`. The table has the targets only.
`;

const OTHERS = `Figures of others are theirs, on their machines: Percona's operator for PostgreSQL 3.1 measured them; CloudNativePG's are the
limits of its own tests; Pigsty computed them for its fastest mode (best / average / worst); Amazon documents RDS Multi-AZ's.
`;

const METHOD = `## Method

- **Clients** write through the virtual IP all the time, each row with a number of its own: two to a table of the
  coordinators and, with Citus, one to a distributed table all over and one to each shard alone. Two read through port 5433.
  If a host is cut off, one more writes from its side. Like a program with a driver they connect again after an error, give up a
  connection after 3 s and a statement after 6 s, and wait 50 ms in between. A number is never sent twice.
- **Next committed write**: the longest time in which none of the writers that the fault concerns (the coordinators', or
  the shard's) got an acknowledgement, from the fault on until all clients are served again. For a fault that stops service at
  once this is the time to the first acknowledged commit of an attempt that began after the fault. \`two-hosts-loss\` counts from
  the return of the first host, \`power-cut\` from the start of the hosts, \`leader-again\` from the last kill.
- **Lost**: acknowledged, and not in the database when it is healthy again. **Duplicated**: there more often than once.
  Both count all groups; worker groups are asynchronous by default ([Failover](architecture.md#failover)).
- **Other shards' gap**: the longest silence of a shard that the fault does not concern.
- **Healthy again**: \`make status\` and all members of etcd say so, within five minutes, by itself. A fault that does not end by
  itself (a host that is off or cut off) is taken back when clients are served again.
- The exit status is 0 if every run healed, nothing acknowledged on synchronous data was lost, and nothing was duplicated.
  Whether the targets hold is in the table that is printed.
- Each client's attempts are in \`build/drills/\`, in milliseconds from the fault on.
`;
