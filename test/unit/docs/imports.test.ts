import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

type Arrow = readonly [from: string, to: string];

/** A file's folder by its last name; `config/checks` is a part of `config`, and a file at the top stands for itself. */
function roomOf(file: string): string {
  const folder = dirname(file);
  return folder === "." ? basename(file, ".ts") : basename(folder.replace(/^config\/.*/, "config"));
}

/** What a file takes from others of the repository: modules, and scripts. */
function takenBy(file: string): string[] {
  const taken = readFileSync(file, "utf8").matchAll(
    /(?:from|import|import\(|readScript\() ?"(\.\.?\/[^"]+)"/g,
  );
  return [...taken].map(([, path = ""]) => join(dirname(file), path));
}

const files = globSync(["index.ts", "{bench,cli,components,config}/**/*.ts", "docs/generate/*.ts"]);
const imports = new Map<string, Set<string>>();
for (const file of files) {
  for (const taken of takenBy(file)) {
    const [from, to] = [roomOf(file), roomOf(taken)];
    if (from !== to) imports.set(from, (imports.get(from) ?? new Set()).add(to));
  }
}

/** Whether a way of imports leads from one folder to another. */
function leads(from: string, to: string, seen = new Set<string>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  return [...(imports.get(from) ?? [])].some((next) => next === to || leads(next, to, seen));
}

describe("the folders' imports", () => {
  test("have no cycle", () => {
    expect([...imports.keys()].filter((room) => leads(room, room))).toEqual([]);
  });

  test("are those of the picture in docs/architecture.md, which leaves out what another way leads to", () => {
    const [, picture = ""] =
      /```mermaid\nflowchart TD\n(.*?)```/s.exec(readFileSync("docs/architecture.md", "utf8")) ?? [];
    const drawn = [...picture.matchAll(/^ {2}(\w+)(?:\[.*?\])? --> (\w+)$/gm)].map(
      ([, from, to]): Arrow => [`${from}`, `${to}`],
    );
    const direct = [...imports].flatMap(([from, all]) =>
      [...all]
        .filter((to) => ![...all].some((other) => other !== to && leads(other, to)))
        .map((to): Arrow => [from, to]),
    );
    expect(drawn.toSorted()).toEqual(direct.toSorted());
  });
});
