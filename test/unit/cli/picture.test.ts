import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pictureOf } from "../../../cli/renderPicture.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const example = read("Pulumi.production.example.yaml");

test("docs/topology.svg is what the production example says; if not, npm run docs", () => {
  expect(read("docs/topology.svg")).toBe(pictureOf(example));
});

test("every member, network and address is in it", () => {
  const picture = pictureOf(example);
  const members = [..."123"].flatMap((n) => [`coord-${n}`, `etcd-${n}`, `worker-${n}-1`, `worker-${n}-2`]);
  for (const name of [...members, "haproxy-1", "haproxy-2", "10.0.0.12", "10.0.0.100", "10.0.1.64/26"]) {
    expect(picture).toMatch(new RegExp(`>[^<]*${name.replaceAll(".", "\\.")}`));
  }
  expect(picture.match(/class="(first|other)"/g)).toHaveLength(14);
});

test("it follows the configuration", () => {
  const smaller = pictureOf(
    example.replace("workerGroups: 3", "workerGroups: 2").replaceAll("host-2", "db-b"),
  );
  expect(smaller).toContain(">db-b<");
  expect(smaller.match(/class="(first|other)"/g)).toHaveLength(12);
});
