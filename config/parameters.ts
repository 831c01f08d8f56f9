/**
 * Which PostgreSQL parameters a user may set, and why not the others. What Patroni 4.1 does with a value is in its
 * postgresql/config.py (CMDLINE_OPTIONS, get_server_parameters, _adjust_recovery_parameters), config.py
 * (_process_postgresql_parameters) and postgresql/mpp/citus.py (adjust_postgres_gucs).
 */

import { nearest } from "./errors.ts";
import { PARAMETER_NAMES } from "./parameterNames.ts";
import { parseSize } from "./units.ts";

export type ParameterValue = string | number | boolean;

/** Parameters that cannot be set to any value. */
const REFUSED: readonly (readonly [names: string | RegExp, problem: string])[] = [
  [
    /^(listen_addresses|port|cluster_name|citus\.local_hostname)$/,
    "Patroni sets it itself and ignores any other value; remove it",
  ],
  [/^primary_(conninfo|slot_name)$/, "Patroni writes it for each standby, to follow the leader; remove it"],
  ["hot_standby", "Patroni always turns it on, since standbys serve reads; remove it"],
  [
    "synchronous_standby_names",
    "Patroni writes it as standbys come and go; remove it, and set database.synchronous",
  ],
  [
    /^(promote_)?trigger_file$|^standby_mode$|^pause_at_recovery_target$/,
    "PostgreSQL 17 does not have it; remove it",
  ],
  ["wal_keep_segments", "PostgreSQL 17 does not have it; set wal_keep_size instead"],
  [/^recovery_target/, "every standby would stop replaying WAL at that point; remove it"],
  ["recovery_min_apply_delay", "a standby that replays late cannot take over at once; remove it"],
  [
    /^(config_file|data_directory|external_pid_file|hba_file|ident_file)$/,
    "the container's layout fixes this path; remove it",
  ],
  [
    /^unix_socket_/,
    "Patroni and the container's own commands connect through this socket as it is; remove it",
  ],
  [
    /^ssl(_|$)/,
    "the cluster's certificates are for TLS between members; clients' TLS ends at PgBouncer, so it would not reach them; remove it",
  ],
  ["citus.node_conninfo", "it is how nodes verify each other's certificates; remove it"],
  ["password_encryption", "PgBouncer forwards logins by SCRAM only; remove it"],
  ["wal_log_hints", "it stays on for pg_rewind; remove it"],
];

/** Boolean parameters of which one value loses or corrupts data. */
const UNSAFE: Readonly<Record<string, readonly [position: boolean, consequence: string]>> = {
  fsync: [false, "a host's crash would corrupt its data, and a later failover would spread it"],
  full_page_writes: [false, "a host's crash would leave torn pages, and pg_rewind would not work"],
  data_sync_retry: [true, "after a failed write to disk PostgreSQL would go on as if the data were there"],
  ignore_checksum_failure: [true, "damaged pages would be read as if they were whole"],
  ignore_invalid_pages: [true, "a standby would skip WAL that it cannot apply, and differ from its leader"],
  zero_damaged_pages: [true, "damaged pages would be overwritten with zeros, and their rows lost"],
};

/** Below these Patroni uses its own default instead and only logs it. */
const MINIMUM: Readonly<Record<string, number | string>> = {
  max_connections: 25,
  max_locks_per_transaction: 32,
  max_replication_slots: 4,
  max_wal_senders: 3,
  max_worker_processes: 2,
  wal_keep_size: "16MB",
};

const WAL_SYNC_METHODS = ["fdatasync", "fsync", "open_datasync", "open_sync"];

/** Parameters of which some values are refused. */
const VALUES: Readonly<Record<string, (value: ParameterValue) => string | undefined>> = {
  wal_level: (value) => {
    const level = `${value}`.toLowerCase();
    if (level === "logical") return undefined;
    return level === "replica"
      ? "without Citus it is replica, and with Citus always logical, because moving shards needs it; remove it, or set logical"
      : "standbys could not follow; remove it, or set logical";
  },
  wal_sync_method: (value) =>
    WAL_SYNC_METHODS.includes(`${value}`.toLowerCase())
      ? undefined
      : `PostgreSQL on Linux does not have it and would not start; set one of ${WAL_SYNC_METHODS.join(", ")}`,
  shared_preload_libraries: (value) => {
    const names = preloadedLibraries(value);
    if (names.includes("citus")) {
      return "Patroni adds citus itself where the image has it; remove citus from the list";
    }
    return names.every((name) => /^\w+$/.test(name))
      ? undefined
      : "not names of libraries between commas; write a list such as auto_explain, pg_prewarm";
  },
  max_prepared_transactions: (value) =>
    amountOf(value) >= 1
      ? undefined
      : "Citus commits in two phases, and Patroni would use twice max_connections for it; set at least 1, or remove it",
};

const KILOBYTE = 1024;
/** PostgreSQL's page. */
const BLOCK = 8 * KILOBYTE;

/** Parameters that are an amount of memory, with the unit, in bytes, of a number without a unit. */
const MEMORY: Readonly<Record<string, number>> = {
  autovacuum_work_mem: KILOBYTE,
  effective_cache_size: BLOCK,
  logical_decoding_work_mem: KILOBYTE,
  maintenance_work_mem: KILOBYTE,
  min_dynamic_shared_memory: 1024 * KILOBYTE,
  shared_buffers: BLOCK,
  temp_buffers: BLOCK,
  wal_buffers: BLOCK,
  work_mem: KILOBYTE,
};

/** Bytes of a parameter that is an amount of memory; undefined for other parameters. */
export function memoryOf(name: string, value: ParameterValue): number | undefined {
  const unit = MEMORY[name];
  return unit && (parseSize(`${value}`) ?? Number(value) * unit);
}

/** A number as PostgreSQL reads it, sizes with a unit in megabytes. */
function amountOf(value: ParameterValue): number {
  const bytes = typeof value === "string" && /[a-z]/i.test(value) ? parseSize(value) : undefined;
  return bytes === undefined ? Number(value) : bytes / 2 ** 20;
}

/** A boolean as PostgreSQL reads it (parse_bool): in any case, and shortened as long as it is unambiguous. */
function switchOf(value: ParameterValue): boolean | undefined {
  const text = `${value}`.trim().toLowerCase();
  const begins = (word: string, least = 1) => text.length >= least && word.startsWith(text);
  if (text === "1" || begins("true") || begins("yes") || begins("on", 2)) return true;
  if (text === "0" || begins("false") || begins("no") || begins("off", 2)) return false;
  return undefined;
}

export const isOff = (value: ParameterValue) => switchOf(value) === false;

/** The libraries in a value of `shared_preload_libraries`. */
export function preloadedLibraries(value: ParameterValue): string[] {
  return `${value}`
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** What is wrong with setting that parameter to that value, as `problem; fix`, or undefined. */
export function parameterProblem(name: string, value: ParameterValue): string | undefined {
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name)) {
    return "not the name of a PostgreSQL parameter; write it in lower case such as work_mem";
  }
  const refused = REFUSED.find(([names]) => (typeof names === "string" ? names === name : names.test(name)));
  if (refused) return refused[1];
  if (!name.includes(".") && !PARAMETER_NAMES.includes(name)) {
    const meant = nearest(name, PARAMETER_NAMES);
    return `PostgreSQL 17 has no such parameter, so Patroni would leave it out; ${meant ? `did you mean ${meant}?` : "remove it"}`;
  }
  const unsafe = UNSAFE[name];
  if (unsafe && switchOf(value) === unsafe[0]) return `${unsafe[1]}; remove it`;
  const least = MINIMUM[name];
  if (least !== undefined && !(amountOf(value) >= amountOf(least))) {
    return `Patroni would silently use another value; set at least ${least}, or remove it`;
  }
  // A line end would start another line of postgresql.conf.
  if (typeof value === "string" && /[\r\n\0]/.test(value)) {
    return "has more than one line; write the value on one line";
  }
  return VALUES[name]?.(value);
}
