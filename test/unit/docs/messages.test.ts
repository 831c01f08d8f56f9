import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ");
const sources = globSync("{components,cli}/**/*.{ts,sh,pl}").map((file) =>
  oneLine(readFileSync(file, "utf8")),
);

/** The messages that come from the hosts, as docs/troubleshooting.md quotes them. */
const messages = [
  ...readFileSync("docs/troubleshooting.md", "utf8")
    .split("## Reaching a host")
    .slice(-1)
    .join()
    .matchAll(/^- \*\*(.+?)\*\*/gms),
].map(([, message = ""]) => oneLine(message));

/** What stays the same in a message: the words between `…`, numbers and remarks in brackets. */
const wordsOf = (message: string) =>
  message
    .split(/\(.*?\)|…|\b(?:\d+|[MN])\b|[:;]|DOCKER_HOST/)
    .map((words) => words.trim())
    .filter((words) => words.length > 3);

test("the page has messages", () => {
  expect(messages.length).toBeGreaterThan(50);
});

test.each(messages)("%s: the program says so", (message) => {
  expect(wordsOf(message).filter((words) => !sources.some((source) => source.includes(words)))).toEqual([]);
});
