import { Client } from "pg";

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

/**
 * Writes with a statement of one parameter, a text that is new each time, again and again, on a new connection after
 * every failure or two seconds without an answer. `stop` gives the longest silence between two successes in seconds, and how many there were.
 */
export function startWriter(url: string, statement: string) {
  let running = true;
  let last = Date.now();
  let gap = 0;
  let written = 0;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
  const loop = (async () => {
    while (running) {
      let client: Client | undefined;
      try {
        client = await connect(url, 2);
        while (running) {
          await client.query(statement, [`${Date.now()}-${written}`]);
          gap = Math.max(gap, (Date.now() - last) / 1000);
          last = Date.now();
          written++;
          await pause();
        }
      } catch {
        await pause();
      } finally {
        await client?.end().catch(() => {});
      }
    }
  })();
  return {
    stop: async () => {
      running = false;
      await loop;
      return { gap: Math.max(gap, (Date.now() - last) / 1000), written };
    },
  };
}
