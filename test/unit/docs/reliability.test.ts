import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { renderReliability } from "../../../docs/generate/renderReliability.ts";

const rowOf = (page: string, scenario: string) =>
  page.split("\n").find((line) => line.startsWith(`| \`${scenario}\` |`));
const run = { rtoMs: 900, acknowledged: 100, lost: 0, duplicated: 0, otherShardsGapMs: null };

describe("docs/reliability.md", () => {
  test("without results it says so, and has targets and others' figures only", () => {
    const page = renderReliability(null);
    expect(page).toContain("Nothing has been measured yet");
    expect(rowOf(page, "worker-host-loss")).toBe(
      "| `worker-host-loss` | host of a shard's leader killed | 0 |  |  | 4 s / 6 s |  |  |  | Pigsty 16 / 23 / 29 s |",
    );
    expect(renderReliability({ scenarios: [{ name: "switchover", runs: [] }] })).toBe(page);
  });

  test("with results it has the median, the worst and the losses of what ran", () => {
    const runs = [{ ...run, otherShardsGapMs: 430 }, { ...run, rtoMs: 12_340, lost: 3 }, run];
    const page = renderReliability({ scenarios: [{ name: "worker-host-loss", runs }] });
    expect(page).not.toContain("Nothing has been measured yet");
    expect(rowOf(page, "worker-host-loss")).toContain(
      "| 3 | 0.9 s | 12.3 s | 4 s / 6 s | 3 | 0 | 0.43 s | Pigsty",
    );
    expect(rowOf(page, "switchover")).toContain("| 0 |  |  | 1 s / 2 s |");
  });

  test("a run without another write is named as such", () => {
    const page = renderReliability({
      scenarios: [{ name: "power-cut", runs: [run, { ...run, rtoMs: null }, run] }],
    });
    expect(rowOf(page, "power-cut")).toContain("| 3 | 0.9 s | no write | 25 s / 40 s |");
  });

  test("the page is generated; if not, npm run docs:reliability", () => {
    // But for the figures, which are in git when they are worth it.
    const rest = (page: string) => [
      page.slice(page.indexOf("## Method")),
      ...[...page.matchAll(/^\| (`.+?` \| .+?) \|/gm)].map(([, words]) => words),
    ];
    expect(rest(readFileSync("docs/reliability.md", "utf8"))).toEqual(rest(renderReliability(null)));
  });
});
