/** A writer in the network of a host, see recorder.ts: takes its work from stdin, and ends when stdin does. */

import { createInterface } from "node:readline";
import { startWriter } from "../lab/writer.ts";

const lines = createInterface({ input: process.stdin });
const { value } = await lines[Symbol.asyncIterator]().next();
const { url, statement, name } = JSON.parse(String(value)) as {
  url: string;
  statement: string;
  name: string;
};
const writer = startWriter(url, statement, (number) => [name, number]);
let told = 0;
const tell = () => {
  for (const attempt of writer.attempts.slice(told)) console.log(JSON.stringify(attempt));
  told = writer.attempts.length;
};
const telling = setInterval(tell, 200);
lines.on("close", async () => {
  clearInterval(telling);
  await writer.stop();
  tell();
  process.exit();
});
