import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const pages = globSync(["*.md", "docs/*.md", "engine/*.md", "lab/*.md", "images/**/*.md"]);

/** What GitHub makes of the headings of a page, as far as this project's headings go. */
function anchorsOf(page: string): string[] {
  const prose = readFileSync(page, "utf8").replaceAll(/^```[\s\S]*?^```$/gm, "");
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The links within the repository that lead nowhere. */
function brokenLinksOf(page: string): string[] {
  const links = [...readFileSync(page, "utf8").matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
  return links
    .filter(([, file, anchor]) => {
      const target = file ? join(dirname(page), file) : page;
      return globSync(target).length === 0 || (anchor && !anchorsOf(target).includes(anchor));
    })
    .map(([link]) => link);
}

describe("every link leads to a file and a heading", () => {
  test.each(pages)("%s", (page) => {
    expect(brokenLinksOf(page)).toEqual([]);
  });
});

test("README.md leads to every page of docs", () => {
  const readme = readFileSync("README.md", "utf8");
  expect(globSync("docs/*.md").filter((page) => !readme.includes(`](${page})`))).toEqual([]);
});
