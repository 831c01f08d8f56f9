import { isOff, memoryOf, preloadedLibraries } from "../parameters.ts";
import { formatSize } from "../units.ts";
import type { Check } from "./candidate.ts";

/** A group whose commits wait for a standby has no parameter that turns the waiting off. */
export const synchronousGroupsWait: Check = function* ({ settings }) {
  for (const kind of ["coordinators", "workers"] as const) {
    const commit = settings.database?.parameters?.[kind]?.synchronous_commit ?? "on";
    if (!settings.database?.synchronous?.[kind]) continue;
    if (!isOff(commit) && `${commit}`.toLowerCase() !== "local") continue;
    const message = `commits would not wait for a standby; remove it, or set database.synchronous.${kind} to false`;
    yield { path: ["database", "parameters", kind, "synchronous_commit"], message };
  }
};

/** With no way to archive, PostgreSQL keeps WAL until the disk is full; with two it does not start. */
export const archivingHasOneWay: Check = function* ({ settings }) {
  for (const kind of ["coordinators", "workers"] as const) {
    const parameters = settings.database?.parameters?.[kind];
    const mode = parameters?.archive_mode;
    if (!parameters || mode == null || isOff(mode)) continue;
    const path = ["database", "parameters", kind, "archive_mode"];
    const { archive_command: command, archive_library: library } = parameters;
    if (!command && !library) {
      const message =
        "WAL would be kept until the disk is full, because nothing archives it; set archive_command or archive_library too";
      yield { path, message };
    } else if (command && library) {
      yield {
        path,
        message: "PostgreSQL takes one of archive_command and archive_library; remove the other",
      };
    }
  }
};

/** The libraries in the database image of `make images`; PostgreSQL does not start if one to preload is missing. */
const LIBRARIES = [
  "auth_delay",
  "auto_explain",
  "basebackup_to_shell",
  "basic_archive",
  "passwordcheck",
  "pg_prewarm",
  "pg_stat_statements",
];

export const librariesAreInTheImage: Check = function* ({ settings }) {
  if (settings.images?.database !== undefined) return;
  for (const kind of ["coordinators", "workers"] as const) {
    const value = settings.database?.parameters?.[kind]?.shared_preload_libraries ?? "";
    const missing = preloadedLibraries(value).filter((name) => !LIBRARIES.includes(name));
    if (missing.length === 0) continue;
    yield {
      path: ["database", "parameters", kind, "shared_preload_libraries"],
      message:
        `the image of make images has no ${missing.join(", ")} and PostgreSQL would not start; ` +
        `set images.database to one that has it, or some of ${LIBRARIES.join(", ")}`,
    };
  }
};

/** PostgreSQL is killed, or does not start, when it takes more memory than its container has. */
export const memoryFitsTheMember: Check = function* ({ settings }) {
  for (const [kind, member] of [
    ["coordinators", "coordinator"],
    ["workers", "worker"],
  ] as const) {
    const memory = settings.resources?.[member]?.memory;
    for (const [name, value] of Object.entries(settings.database?.parameters?.[kind] ?? {})) {
      const bytes = value === null ? undefined : memoryOf(name, value);
      if (!memory || !bytes || bytes < memory) continue;
      const message = `as much memory as a ${member} has (${formatSize(memory)}), or more; set less, or raise resources.${member}.memory`;
      yield { path: ["database", "parameters", kind, name], message };
    }
  }
};

/** Versions are set only together with the image that has them: the manifest has those of its own image. */
export const versionsGoWithTheirImage: Check = function* ({ settings }) {
  for (const name of ["citus", "ruvector"] as const) {
    if (settings.images?.[name] && settings.images.database === undefined) {
      yield {
        path: ["images", name],
        message: "the manifest has the version in its own image; remove it, or set images.database too",
      };
    }
  }
};

/** From 2,000 dimensions on RuVector writes past the pages of its index and aborts the server; 1,536 works. */
export const dimensionsFitTheEngine: Check = function* ({ settings }) {
  const { vectorEngine, vectorDimensions } = settings.database ?? {};
  if (vectorEngine !== "ruvector" || !vectorDimensions || vectorDimensions <= 1536) return;
  yield {
    path: ["database", "vectorDimensions"],
    message: "more than RuVector's index can hold; set at most 1536, or choose pgvector",
  };
};

/** Patroni 4.1 silently shortens loop_wait, and then retry_timeout, until loopWait + 2 * retryTimeout fits the lease. */
export const timingFitsTheLease: Check = function* ({ settings }) {
  const { ttl, loopWait, retryTimeout, primaryStopTimeout } = settings.timing ?? {};
  if (ttl && retryTimeout && 1 + 2 * retryTimeout > ttl) {
    const most = Math.floor((ttl - 1) / 2);
    const message = `Patroni would silently use ${most}, the most that timing.ttl (${ttl}) leaves; set at most ${most}, or a longer ttl`;
    yield { path: ["timing", "retryTimeout"], message };
  } else if (ttl && retryTimeout && loopWait && loopWait + 2 * retryTimeout > ttl) {
    const most = ttl - 2 * retryTimeout;
    const message =
      `Patroni would silently use ${most}, what timing.ttl (${ttl}) leaves after twice timing.retryTimeout ` +
      `(${retryTimeout}); set at most ${most}, a shorter retryTimeout or a longer ttl`;
    yield { path: ["timing", "loopWait"], message };
  }
  if (ttl && primaryStopTimeout && primaryStopTimeout >= ttl) {
    const message = `a primary could take longer to stop than its lease, timing.ttl (${ttl}); set less than ${ttl}`;
    yield { path: ["timing", "primaryStopTimeout"], message };
  }
};
