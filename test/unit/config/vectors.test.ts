import { homedir } from "node:os";
import { describe, expect, it } from "vitest";
import { DIGEST, faultsOf, parse } from "./fixture.ts";

const manifest = (more: object) => ({
  "build/images.json": JSON.stringify({
    ...Object.fromEntries(["etcd", "database", "proxy"].map((name) => [name, `registry/${name}${DIGEST}`])),
    ...more,
  }),
});
const own = Object.fromEntries(["etcd", "database", "proxy"].map((name) => [name, `own/${name}${DIGEST}`]));

describe("vector engine", () => {
  it("is pgvector with 384 dimensions and no migrations of one's own", () => {
    const { database, images } = parse();
    expect(database.vectorEngine).toBe("pgvector");
    expect(database.vectorDimensions).toBe(384);
    expect(database.migrations).toBeUndefined();
    expect(images.ruvector).toBeNull();
  });

  it("may be ruvector where the manifest's image has it", () => {
    const config = parse({ database: { vectorEngine: "ruvector" } }, manifest({ ruvector: "2.0.6" }));
    expect(config.images.ruvector).toBe("2.0.6");
  });

  it("may be ruvector where an own image has it", () => {
    const config = parse({ database: { vectorEngine: "ruvector" }, images: { ...own, ruvector: "2.0.6" } });
    expect(config.images.ruvector).toBe("2.0.6");
  });

  it.each([[{}], [{ ruvector: null }]])("is not ruvector where the manifest says %j", (more) => {
    expect(faultsOf({ database: { vectorEngine: "ruvector" } }, manifest(more))).toEqual([
      'database.vectorEngine: value "ruvector": the database image has no RuVector; ' +
        "run images/build with --with-ruvector, or choose pgvector",
    ]);
  });

  it("is not ruvector where an own image lacks it, whatever the manifest says", () => {
    const settings = { database: { vectorEngine: "ruvector" }, images: { database: own.database } };
    expect(faultsOf(settings, manifest({ ruvector: "2.0.6" }))).toEqual([
      'database.vectorEngine: value "ruvector": the database image has no RuVector; ' +
        "set images.ruvector to the version that images.database has, or choose pgvector",
    ]);
  });

  it("has its version from the manifest for the manifest's image", () => {
    expect(faultsOf({ images: { ruvector: "2.0.6" } })).toEqual([
      'images.ruvector: value "2.0.6": the manifest has the version in its own image; remove it, or set images.database too',
    ]);
  });
});

describe("dimensions", () => {
  it.each([0, 2001, 1.5])("cannot be %s", (vectorDimensions) => {
    expect(faultsOf({ database: { vectorDimensions } })).toEqual([
      `database.vectorDimensions: value ${vectorDimensions}: not a whole number from 1 to 2000; set one in this range`,
    ]);
  });

  it("are at most 1536 with ruvector", () => {
    const settings = (vectorDimensions: number) => ({
      database: { vectorEngine: "ruvector", vectorDimensions },
    });
    expect(parse(settings(1536), manifest({ ruvector: "2.0.6" })).database.vectorDimensions).toBe(1536);
    expect(faultsOf(settings(1537), manifest({ ruvector: "2.0.6" }))).toEqual([
      "database.vectorDimensions: value 1537: more than RuVector's index can hold; set at most 1536, or choose pgvector",
    ]);
  });
});

it("the folder of migrations may be in the home folder", () => {
  expect(parse({ database: { migrations: "~/sql" } }).database.migrations).toBe(`${homedir()}/sql`);
});
