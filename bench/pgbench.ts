import { median } from "./stats.ts";

/** What pgbench's clients do. */
export interface Workload {
  /** One for each transaction, in turn. */
  readonly statements: readonly string[];
  /** Values of `:name` in the statements. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly protocol: "prepared" | "simple";
  readonly clients: number;
  /** For how long, or how many transactions of each client. */
  readonly length: { readonly seconds: number } | { readonly transactions: number };
  /** Each transaction over a connection of its own. Default false. */
  readonly reconnect?: boolean;
}

export interface Transaction {
  /** Milliseconds. */
  readonly latency: number;
  /** When it ended, in milliseconds. */
  readonly end: number;
}

export interface Outcome {
  /** Transactions per second by pgbench's own count. */
  readonly rate: number;
  /** In the order in which they ended. */
  readonly transactions: readonly Transaction[];
}

/** pgbench's arguments, but for the script and the log's. */
export function optionsOf({ protocol, clients, length, reconnect }: Workload): string[] {
  return [
    `--protocol=${protocol}`,
    `--client=${clients}`,
    // A thread connects to one server at a time.
    `--jobs=${clients}`,
    "seconds" in length ? `--time=${length.seconds}` : `--transactions=${length.transactions}`,
    ...(reconnect ? ["--connect"] : []),
  ];
}

/** The statements in turn, one for each transaction; each client begins with another. */
export function scriptOf({ statements }: Workload): string {
  const branches = statements.map(
    (statement, index) => `\\${index === 0 ? "if" : "elif"} :turn = ${index}\n${statement};\n`,
  );
  const turn = `\\set next :next + 1\n\\set turn (:next + :client_id) % ${statements.length}\n`;
  return `${turn}${branches.join("")}\\endif\n`;
}

/** The values as pgbench's option takes them, one on each line. */
export function definitionsOf({ variables = {} }: Workload): string {
  const all = { next: "-1", ...variables };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}

/** What client.sh prints: pgbench's rate, then its log. */
export function parseOutcome(text: string): Outcome {
  const [first = "", ...lines] = text.trim().split("\n");
  const rate = Number(first);
  const transactions = lines.map((line): Transaction => {
    // client, number, latency in µs, script, the end in s and µs
    const [, , latency, , seconds, micros] = line.split(" ").map(Number);
    return { latency: Number(latency) / 1e3, end: Number(seconds) * 1e3 + Number(micros) / 1e3 };
  });
  if (!(rate > 0) || !transactions.every(({ latency, end }) => latency >= 0 && end > 0)) {
    throw new Error(`pgbench's answer is not understood: ${text.slice(0, 200)}`);
  }
  return { rate, transactions: transactions.toSorted((a, b) => a.end - b.end) };
}

/** Transactions per second without the first seconds, in which statements are prepared. */
export function steadyRate({ transactions }: Outcome, warmUpSeconds: number): number {
  const begin = (transactions[0]?.end ?? 0) + warmUpSeconds * 1e3;
  const counted = transactions.filter(({ end }) => end > begin);
  const seconds = ((counted.at(-1)?.end ?? begin) - begin) / 1e3;
  if (seconds <= 0) throw new Error(`pgbench ended within the first ${warmUpSeconds} seconds`);
  return counted.length / seconds;
}

/** Latencies in milliseconds, without the first ones. */
export function latencies({ transactions }: Outcome, warmUp: number): number[] {
  return transactions.slice(warmUp).map(({ latency }) => latency);
}

export const medianLatency = (outcome: Outcome, warmUp: number) => median(latencies(outcome, warmUp));
