import { expect, test } from "vitest";
import { parameterProblem } from "../../../config/parameters.ts";
import { DIGEST, faultsOf, parse } from "./fixture.ts";

test.each([
  ["wal_level", "logical"],
  ["archive_mode", "on"],
  ["archive_command", "cp %p /archive/%f"],
  ["archive_library", "basic_archive"],
  ["archive_timeout", "1min"],
  ["archive_cleanup_command", "pg_archivecleanup /archive %r"],
  ["restore_command", "cp /archive/%f %p"],
  ["recovery_end_command", "true"],
  ["recovery_prefetch", "off"],
  ["recovery_init_sync_method", "syncfs"],
  ["shared_preload_libraries", "auto_explain, pg_prewarm"],
  ["wal_sync_method", "open_datasync"],
  ["track_commit_timestamp", true],
  ["fsync", "on"],
  ["full_page_writes", true],
  ["zero_damaged_pages", false],
  ["datestyle", "iso, dmy"],
  ["allow_in_place_tablespaces", "on"],
  ["pg_stat_statements.max", 10000],
  ["no_such_extension.parameter", 1],
])("%s = %s is the user's to set", (name, value) => {
  expect(parameterProblem(name, value)).toBeUndefined();
});

test.each(["off", "OFF", "of", "false", "f", "no", "N", "0", " off ", 0, false])(
  "fsync = %s would corrupt data and is refused",
  (value) => {
    expect(parameterProblem("fsync", value)).toMatch(/^a host's crash would corrupt its data.*; remove it$/);
  },
);

test.each([
  ["full_page_writes", false, /torn pages/],
  ["data_sync_retry", "yes", /as if the data were there/],
  ["ignore_checksum_failure", 1, /damaged pages would be read/],
  ["ignore_invalid_pages", "t", /differ from its leader/],
  ["zero_damaged_pages", "on", /rows lost/],
  ["hot_standby", "off", /always turns it on, since standbys serve reads/],
  ["wal_sync_method", "fsync_writethrough", /would not start; set one of fdatasync/],
  ["wal_level", "minimal", /standbys could not follow/],
  ["wal_level", "replica", /without Citus it is replica, and with Citus always logical/],
  ["max_prepared_transactions", 0, /Citus commits in two phases/],
  ["recovery_target_time", "2026-01-01", /stop replaying/],
  ["recovery_min_apply_delay", "1h", /cannot take over at once/],
  ["synchronous_standby_names", "*", /set database.synchronous/],
  ["shared_preload_libraries", "citus, auto_explain", /Patroni adds citus itself/],
  ["shared_preload_libraries", "$libdir/auto_explain", /not names of libraries/],
  ["wal_keep_segments", 8, /set wal_keep_size instead/],
])("%s = %s is refused with its reason", (name, value, reason) => {
  expect(parameterProblem(name, value)).toMatch(reason);
});

test.each([
  ["shared_bufers", "did you mean shared_buffers?"],
  ["workmem", "did you mean work_mem?"],
  ["old_snapshot_threshold", "remove it"],
  ["server_version", "remove it"],
])("PostgreSQL 17 has no %s", (name, fix) => {
  expect(parameterProblem(name, 1)).toBe(
    `PostgreSQL 17 has no such parameter, so Patroni would leave it out; ${fix}`,
  );
});

const coordinators = (parameters: object) =>
  faultsOf({ database: { parameters: { coordinators: parameters } } });
const path = "database.parameters.coordinators";

test("archive_mode needs exactly one way to archive", () => {
  expect(coordinators({ archive_mode: "on" })).toEqual([
    `${path}.archive_mode: value "on": WAL would be kept until the disk is full, because nothing archives it; set archive_command or archive_library too`,
  ]);
  expect(
    coordinators({ archive_mode: "always", archive_command: "true", archive_library: "basic_archive" }),
  ).toEqual([
    `${path}.archive_mode: value "always": PostgreSQL takes one of archive_command and archive_library; remove the other`,
  ]);
  for (const valid of [{ archive_mode: "on", archive_command: "true" }, { archive_mode: "off" }]) {
    expect(
      parse({ database: { parameters: { coordinators: valid } } }).database.parameters.coordinators,
    ).toEqual(valid);
  }
});

test("libraries of an own image are not the cluster's to know", () => {
  const parameters = { coordinators: { shared_preload_libraries: "pg_cron" } };
  const settings = { images: { database: `registry/database${DIGEST}` }, database: { parameters } };
  expect(parse(settings).database.parameters).toMatchObject(parameters);
});

test.each(["LOCAL", "Off", "f"])("a synchronous group's synchronous_commit = %s is refused", (value) => {
  expect(coordinators({ synchronous_commit: value })).toHaveLength(1);
});

test.each([
  ["shared_buffers", "8GB"],
  ["shared_buffers", 2 ** 20],
  ["work_mem", "8388608"],
  ["effective_cache_size", "1TB"],
  ["min_dynamic_shared_memory", 8192],
])("%s = %s is all that a coordinator of 8GB has", (name, value) => {
  expect(coordinators({ [name]: value })).toEqual([
    `${path}.${name}: value ${JSON.stringify(value)}: as much memory as a coordinator has (8GB), or more; ` +
      "set less, or raise resources.coordinator.memory",
  ]);
});

test("memory is compared with that of the member's own kind", () => {
  const parameters = { shared_buffers: "8GB", work_mem: 8388607, autovacuum_work_mem: -1, wal_buffers: "-1" };
  expect(parse({ database: { parameters: { workers: parameters } } }).database.parameters.workers).toEqual(
    parameters,
  );
  expect(
    faultsOf({ database: { parameters: { workers: parameters } }, resources: { worker: { memory: "4GB" } } }),
  ).toHaveLength(2);
});
