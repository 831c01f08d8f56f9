/** A block of shell commands in a Markdown page. */
export interface Recipe {
  /** The heading above it, and its number where a heading has several, such as `Preview in CI` or `Change a setting (2)`. */
  readonly name: string;
  readonly commands: string;
  /** On the operator's machine, on a host, or nowhere, which needs a reason. */
  readonly where: "operator" | "host" | { readonly notRun: string };
}

/**
 * The blocks marked `sh` (run where the operator works), `sh host` (run on any host) and `sh no-test: REASON`. Readers do
 * not see more than the first word. Throws where a block is marked otherwise.
 */
export function recipesOf(page: string): Recipe[] {
  const blocks = page.matchAll(/^## (?<heading>.+)$|^```(?<mark>\S.*)\n(?<commands>[\s\S]*?)^```$/gm);
  const recipes: Recipe[] = [];
  let heading = "";
  let number = 0;
  for (const { groups = {} } of blocks) {
    if (groups.heading) {
      heading = groups.heading;
      number = 0;
      continue;
    }
    number += 1;
    const name = number === 1 ? heading : `${heading} (${number})`;
    recipes.push({ name, commands: groups.commands ?? "", where: placeOf(groups.mark ?? "") });
  }
  return recipes;
}

function placeOf(mark: string): Recipe["where"] {
  if (mark === "sh") return "operator";
  if (mark === "sh host") return "host";
  const notRun = /^sh no-test: (.+)$/.exec(mark)?.[1];
  if (notRun) return { notRun };
  throw new Error(`a block is marked "${mark}"; mark it sh, sh host or sh no-test: REASON`);
}
