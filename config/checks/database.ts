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

/** The version of Citus is said for an own image only: the manifest says it for its own. */
export const citusGoesWithItsImage: Check = function* ({ settings }) {
  if (settings.images?.citus && settings.images.database === undefined) {
    yield {
      path: ["images", "citus"],
      message: "the manifest says it for its own image; remove it, or set images.database too",
    };
  }
};
