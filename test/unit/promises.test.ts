import { expect, test, vi } from "vitest";
import { describeSettings, settingsIn } from "../../config/describe.ts";
import { argsIn, record } from "./components/recording.ts";

vi.setConfig({ testTimeout: 60_000 });

// A stack's state knows resources by these names, and its file settings by theirs. Whoever changes one gives the resource an
// alias, or reads the setting's former name too, and tests that with a cluster of the former release.
const change = "a promise: see CONTRIBUTING.md, Promises";

test("the URNs of a whole cluster", async () => {
  const { resources } = await record(argsIn("Pulumi.production.example.yaml"));
  /** Types from the stack down, as in a URN. */
  const typesOf = (name: string): string => {
    const { parent, type } = resources.get(name) ?? { parent: undefined, type: "" };
    return parent && resources.has(parent) ? `${typesOf(parent)}$${type}` : type;
  };
  const urns = [...resources.keys()].map((name) => `${typesOf(name)}::${name}`).sort();
  await expect(`${urns.join("\n")}\n`, change).toMatchFileSnapshot("promises/urns.txt");
});

test("the names of all settings", async () => {
  const names = settingsIn(describeSettings()).map(({ path }) => path);
  await expect(`${names.join("\n")}\n`, change).toMatchFileSnapshot("promises/settings.txt");
});
