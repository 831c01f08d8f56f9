import { describe, expect, test } from "vitest";
import { parametersFor } from "../../../components/postgres/parameters.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** A parameter that is an amount of memory, in bytes. */
function bytes(parameters: ReturnType<typeof parametersFor>, name: string): number {
  const [, number] = /^(\d+)MB$/.exec(String(parameters[name])) ?? [];
  if (number === undefined) throw new Error(`${name} is ${parameters[name]}`);
  return Number(number) * MiB;
}

const memories = Array.from({ length: 60 }, (_, index) => Math.floor(256 * MiB * 1.18 ** index));
const of = (memory: number) => parametersFor({ cpus: 2, memory, storage: 100 * GiB });

test("the documented coordinator: 2 cores, 8 GiB, 100 GiB", () => {
  expect(of(8 * GiB)).toEqual({
    max_connections: 256,
    superuser_reserved_connections: 5,
    shared_buffers: "2048MB",
    effective_cache_size: "6144MB",
    work_mem: "8MB",
    maintenance_work_mem: "512MB",
    max_worker_processes: 10,
    max_parallel_workers: 2,
    max_parallel_workers_per_gather: 1,
    max_parallel_maintenance_workers: 1,
    random_page_cost: 1.1,
    effective_io_concurrency: 200,
    wal_compression: "lz4",
    max_wal_size: "10240MB",
    min_wal_size: "2560MB",
    checkpoint_timeout: "15min",
    checkpoint_completion_target: 0.9,
    max_wal_senders: 10,
    max_replication_slots: 10,
    max_slot_wal_keep_size: "30720MB",
    hot_standby_feedback: true,
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
  });
});

test("the documented worker: 4 cores, 16 GiB, 500 GiB", () => {
  expect(parametersFor({ cpus: 4, memory: 16 * GiB, storage: 500 * GiB })).toMatchObject({
    max_connections: 500,
    shared_buffers: "4096MB",
    effective_cache_size: "12288MB",
    work_mem: "8MB",
    maintenance_work_mem: "1024MB",
    max_worker_processes: 12,
    max_parallel_workers_per_gather: 2,
    max_wal_size: "32768MB",
    min_wal_size: "8192MB",
    max_slot_wal_keep_size: "153600MB",
  });
});

describe("over all sizes of memory", () => {
  test.each(["shared_buffers", "effective_cache_size", "maintenance_work_mem"])(
    "%s never shrinks",
    (name) => {
      const values = memories.map((memory) => bytes(of(memory), name));
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    },
  );

  test("max_connections never shrinks, from 50 to 500", () => {
    const values = memories.map((memory) => of(memory).max_connections as number);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect([values[0], values.at(-1)]).toEqual([50, 500]);
  });

  test("nothing is above the container", () => {
    for (const memory of memories) {
      const parameters = of(memory);
      const buffers = bytes(parameters, "shared_buffers");
      expect(buffers).toBeLessThanOrEqual(memory / 4);
      expect(bytes(parameters, "effective_cache_size")).toBeLessThanOrEqual(memory * 0.75);
      expect(bytes(parameters, "maintenance_work_mem")).toBeLessThanOrEqual(memory / 4);
      // Every connection sorts at once: still within the container, as far as work_mem's floor of 4 MB lets it.
      const sorting = bytes(parameters, "work_mem") * (parameters.max_connections as number);
      expect(buffers + sorting, String(memory)).toBeLessThanOrEqual(Math.max(memory, 512 * MiB));
    }
  });
});

test("the smallest container gets what PostgreSQL needs", () => {
  expect(parametersFor({ cpus: 0.1, memory: 256 * MiB, storage: GiB })).toMatchObject({
    max_connections: 50,
    shared_buffers: "64MB",
    work_mem: "4MB",
    maintenance_work_mem: "64MB",
    max_worker_processes: 9,
    max_parallel_workers: 1,
    max_parallel_workers_per_gather: 1,
    max_wal_size: "1024MB",
    min_wal_size: "256MB",
    max_slot_wal_keep_size: "307MB",
  });
});

test("cores count as whole ones, and no query takes more than four", () => {
  const parallel = (cpus: number) => {
    const { max_parallel_workers, max_parallel_workers_per_gather } = parametersFor({
      cpus,
      memory: GiB,
      storage: GiB,
    });
    return [max_parallel_workers, max_parallel_workers_per_gather];
  };
  expect([0.5, 1, 2.5, 4, 8, 64].map(parallel)).toEqual([
    [1, 1],
    [1, 1],
    [3, 1],
    [4, 2],
    [8, 4],
    [64, 4],
  ]);
});
