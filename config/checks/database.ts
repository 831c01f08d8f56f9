import type { Check } from "./plan.ts";

/** A group that is to wait for its standby is not told to do without by a parameter. */
export const synchronousGroupsWait: Check = function* ({ settings }) {
  for (const kind of ["coordinators", "workers"] as const) {
    const commit = settings.database?.parameters?.[kind]?.synchronous_commit;
    if (
      !settings.database?.synchronous?.[kind] ||
      !["off", "local", "false", "no", "0"].includes(`${commit}`)
    )
      continue;
    const message = `commits would not wait for a standby; remove it, or set database.synchronous.${kind} to false`;
    yield { path: ["database", "parameters", kind, "synchronous_commit"], message };
  }
};

/** What is in the database image is said for an own image only: the manifest says it for its own. */
export const versionsGoWithTheirImage: Check = function* ({ settings }) {
  for (const name of ["citus", "ruvector"] as const) {
    if (settings.images?.[name] && settings.images.database === undefined) {
      yield {
        path: ["images", name],
        message: "the manifest says it for its own image; remove it, or set images.database too",
      };
    }
  }
};

/** RuVector writes past its index' pages, and aborts the server, from 2,000 dimensions on; 1,536 works. */
export const dimensionsFitTheEngine: Check = function* ({ settings }) {
  const { vectorEngine, vectorDimensions } = settings.database ?? {};
  if (vectorEngine !== "ruvector" || !vectorDimensions || vectorDimensions <= 1536) return;
  yield {
    path: ["database", "vectorDimensions"],
    message: "more than RuVector's index can hold; set at most 1536, or choose pgvector",
  };
};
