/** A writer in the network of a host, see recorder.ts: takes its work from stdin, and ends when stdin does. */

import { createInterface } from "node:readline";
import { startWriter } from "../cluster/writer.ts";

/** The first line. */
export interface Work {
  readonly url: string;
  readonly statement: string;
  readonly name: string;
  readonly patience: number;
}

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
  const { url, statement, name, patience } = JSON.parse(line) as Work;
  const writer = startWriter(url, statement, { values: (number) => [name, number], patience });
  let told = 0;
  const tell = () => {
    for (const attempt of writer.attempts.slice(told)) console.log(JSON.stringify(attempt));
    told = writer.attempts.length;
  };
  const telling = setInterval(tell, 200);
  lines.once("close", async () => {
    clearInterval(telling);
    await writer.stop();
    tell();
    process.exit();
  });
});
