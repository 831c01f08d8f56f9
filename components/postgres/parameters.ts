import type { Size } from "../../config/ClusterConfig.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

export type Parameters = Readonly<Record<string, string | number | boolean>>;

const clamp = (low: number, value: number, high: number) => Math.min(high, Math.max(low, Math.floor(value)));
const megabytes = (bytes: number) => `${Math.floor(bytes / MiB)}MB`;

/**
 * PostgreSQL's parameters for a container of a size (cores and bytes). The shares of memory are the usual ones
 * (PostgreSQL's manual, "Resource Consumption"), taken of the container's limit, not of the host's memory.
 */
export function parametersFor(size: Size): Parameters {
  const { cpus, memory, storage } = size;
  const connections = clamp(50, memory / (32 * MiB), 500);
  const cores = Math.max(1, Math.ceil(cpus));
  return {
    max_connections: connections,
    superuser_reserved_connections: 5,
    shared_buffers: megabytes(memory / 4),
    effective_cache_size: megabytes((memory * 3) / 4),
    // A quarter of the memory if every connection sorts at once.
    work_mem: megabytes(clamp(4 * MiB, memory / 4 / connections, GiB)),
    maintenance_work_mem: megabytes(clamp(64 * MiB, memory / 16, 2 * GiB)),
    max_worker_processes: cores + 8,
    max_parallel_workers: cores,
    max_parallel_workers_per_gather: clamp(1, cores / 2, 4),
    max_parallel_maintenance_workers: clamp(1, cores / 2, 4),
    // Solid-state disks.
    random_page_cost: 1.1,
    effective_io_concurrency: 200,
    wal_compression: "lz4",
    max_wal_size: megabytes(clamp(GiB, storage / 10, 32 * GiB)),
    min_wal_size: megabytes(clamp(256 * MiB, storage / 40, 8 * GiB)),
    checkpoint_timeout: "15min",
    checkpoint_completion_target: 0.9,
    max_wal_senders: 10,
    max_replication_slots: 10,
    // A standby that stays away costs at most this much disk; after that it is rebuilt.
    max_slot_wal_keep_size: megabytes(storage * 0.3),
    hot_standby_feedback: true,
    // A lost peer is noticed in seconds.
    wal_sender_timeout: "5s",
    wal_receiver_timeout: "5s",
    tcp_user_timeout: "5s",
    tcp_keepalives_idle: 60,
    tcp_keepalives_interval: 20,
    tcp_keepalives_count: 3,
    wal_log_hints: true,
    password_encryption: "scram-sha-256",
    shared_preload_libraries: "pg_stat_statements",
    track_io_timing: true,
    log_checkpoints: true,
    log_lock_waits: true,
    log_autovacuum_min_duration: "10s",
    log_line_prefix: "%m [%p] %q%u@%d ",
  };
}

/** How many connections these parameters leave to those for whom none are reserved. */
export function clientConnections(parameters: Parameters): number {
  return (
    Number(parameters.max_connections) -
    Number(parameters.superuser_reserved_connections) -
    Number(parameters.reserved_connections ?? 0)
  );
}
