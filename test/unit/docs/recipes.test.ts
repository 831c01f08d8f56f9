import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { recipesOf } from "../../integration/recipes.ts";

test("blocks are taken with their heading and place", () => {
  const page =
    "# Page\n\n## One\n\n```sh\na\n  b\n```\n\n```sh host\nc\n```\n\n## Two\n\n```sh no-test: why\nd\n```\n";
  expect(recipesOf(page)).toEqual([
    { name: "One", commands: "a\n  b\n", where: "operator" },
    { name: "One (2)", commands: "c\n", where: "host" },
    { name: "Two", commands: "d\n", where: { notRun: "why" } },
  ]);
});

test.each(["bash", "sh no-test", "sh no-test: ", "shell"])("a block marked %j is refused", (mark) => {
  expect(() => recipesOf(`## One\n\n\`\`\`${mark}\na\n\`\`\`\n`)).toThrow(
    /mark it sh, sh host or sh no-test/,
  );
});

test("docs/operations.md has recipes, and few that are not run", () => {
  const recipes = recipesOf(readFileSync("docs/operations.md", "utf8"));
  const notRun = recipes.filter(({ where }) => typeof where === "object");
  expect(notRun.map(({ name }) => name)).toEqual([
    "Enable a firewall on the hosts",
    "Update Docker",
    "Install security updates in the images",
    "Take the cluster down",
  ]);
  expect(recipes.length).toBeGreaterThan(9);
});
