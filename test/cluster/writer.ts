import { Client } from "pg";
import { acknowledgedAfter, longestSilence } from "./silence.ts";

/** A client that waits for an answer so many seconds, and half of them for a connection. */
export async function connect(url: string, patience = 10): Promise<Client> {
  const target = new URL(url);
  const client = new Client({
    host: target.hostname,
    port: Number(target.port),
    user: target.username,
    password: decodeURIComponent(target.password),
    database: target.pathname.slice(1),
    ssl: { rejectUnauthorized: false },
    connectionTimeoutMillis: patience * 500,
    query_timeout: patience * 1000,
    keepAlive: true,
  });
  // A connection that breaks between two queries is noticed by the next one.
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** One execution of a writer's statement. Times are milliseconds of the machine's monotonic clock, the same in all processes. */
export interface Attempt {
  readonly number: number;
  readonly begun: number;
  /** When it was acknowledged or failed. */
  readonly ended: number;
  /** Why it is not known to be committed; an acknowledged one has none. */
  readonly error?: string;
}

export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The milliseconds between two attempts, and before a new connection. */
const pauseMs = 50;

export interface Writer {
  /** All that ended so far, in their order. */
  readonly attempts: readonly Attempt[];
  /** Waits for the last attempt; gives the longest silence between two acknowledgements in seconds, and how many there were. */
  stop(): Promise<{ gap: number; written: number }>;
}

export interface WriterOptions {
  /** The statement's parameters; by default one, a text that is new each time. */
  readonly values?: (number: number) => unknown[];
  /** Seconds that it waits for an answer, and twice as long as it waits for a connection. Default 2. */
  readonly patience?: number;
}

/**
 * Writes with a statement again and again, as a program with a driver does: on a new connection after every failure and when
 * there is no answer. Each attempt has a number of its own, also after a failure, so that none is ever repeated.
 */
export function startWriter(url: string, statement: string, options: WriterOptions = {}): Writer {
  const { values = (number) => [`${Date.now()}-${number}`], patience = 2 } = options;
  let running = true;
  let number = 0;
  const begun = monotonic();
  const attempts: Attempt[] = [];
  const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));
  /** Until it is stopped or fails; a connection that fails is an attempt, too. */
  const session = async () => {
    let client: Client | undefined;
    let attempt = { number: ++number, begun: monotonic() };
    try {
      client = await connect(url, patience);
      for (;;) {
        await client.query(statement, values(attempt.number));
        attempts.push({ ...attempt, ended: monotonic() });
        await pause();
        if (!running) return;
        attempt = { number: ++number, begun: monotonic() };
      }
    } catch (error) {
      attempts.push({ ...attempt, ended: monotonic(), error: String((error as Error).message) });
      await pause();
    } finally {
      // One to a host that is gone would wait for an answer to its farewell.
      client?.end().catch(() => {});
    }
  };
  const loop = (async () => {
    while (running) await session();
  })();
  return {
    attempts,
    stop: async () => {
      running = false;
      await loop;
      const now = monotonic();
      const silence = longestSilence(begun, now, [attempts]) ?? now - begun;
      return { gap: silence / 1000, written: acknowledgedAfter(begun, [attempts]).length };
    },
  };
}
