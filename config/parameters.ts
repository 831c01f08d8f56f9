/**
 * Which PostgreSQL parameters a user may set. Patroni 4.1 replaces or drops some without failing
 * (patroni/postgresql/config.py: CMDLINE_OPTIONS, get_server_parameters, _adjust_recovery_parameters;
 * postgresql/mpp/citus.py: adjust_postgres_gucs); others are what this cluster's safety rests on.
 */

import { parseSize } from "./size.ts";

const SET_BY_PATRONI = [
  "cluster_name",
  "hot_standby",
  "listen_addresses",
  "port",
  "promote_trigger_file",
  "standby_mode",
  "synchronous_standby_names",
  "trigger_file",
  "wal_keep_segments",
  "wal_level",
  "citus.local_hostname",
  /^primary_/,
  /^recovery_/,
  /^pause_at_recovery/,
];

const SET_BY_CLUSTER = [
  "citus.node_conninfo",
  "config_file",
  "data_directory",
  "external_pid_file",
  "hba_file",
  "ident_file",
  "password_encryption",
  "restore_command",
  "shared_preload_libraries",
  "wal_log_hints",
  /^archive_/,
  /^ssl(_|$)/,
  /^unix_socket_/,
];

/** Below these Patroni uses its own default instead and only logs it. */
const MINIMUM: Readonly<Record<string, number | string>> = {
  max_connections: 25,
  max_locks_per_transaction: 32,
  max_prepared_transactions: 1, // with 0 Patroni's Citus support sets twice max_connections
  max_replication_slots: 4,
  max_wal_senders: 3,
  max_worker_processes: 2,
  wal_keep_size: "16MB",
};

/** A number as PostgreSQL reads it, sizes with a unit in megabytes. */
function amountOf(value: string | number | boolean): number {
  const bytes = typeof value === "string" && /[a-z]/i.test(value) ? parseSize(value) : undefined;
  return bytes === undefined ? Number(value) : bytes / 2 ** 20;
}

const listed = (names: readonly (string | RegExp)[], name: string) =>
  names.some((entry) => (typeof entry === "string" ? entry === name : entry.test(name)));

/** What is wrong with setting that parameter to that value, as `problem; fix`, or undefined. */
export function parameterProblem(name: string, value: string | number | boolean): string | undefined {
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name)) {
    return "not the name of a PostgreSQL parameter; write it in lower case such as work_mem";
  }
  if (listed(SET_BY_PATRONI, name))
    return "Patroni sets this parameter itself and would ignore the value; remove it";
  if (listed(SET_BY_CLUSTER, name)) return "the cluster sets this parameter itself; remove it";
  const least = MINIMUM[name];
  if (least !== undefined && !(amountOf(value) >= amountOf(least))) {
    return `Patroni would silently use another value; set at least ${least}, or remove it`;
  }
  // A line end would start another line of postgresql.conf.
  return typeof value === "string" && /[\r\n\0]/.test(value)
    ? "has more than one line; write the value on one line"
    : undefined;
}
