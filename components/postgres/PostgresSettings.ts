import type {
  DatabaseConfig,
  ImagesConfig,
  NetworkConfig,
  ResourcesConfig,
  TimingConfig,
} from "../../config/ClusterConfig.ts";

/** What PostgreSQL, Patroni and PgBouncer of every group are configured from. */
export interface PostgresSettings {
  /** Subnets that members have addresses in. */
  readonly network: Pick<NetworkConfig, "coordinators" | "workers">;
  /** Whether the image has Citus. */
  readonly images: Pick<ImagesConfig, "citus">;
  readonly resources: Pick<ResourcesConfig, "coordinator" | "worker">;
  readonly database: DatabaseConfig;
  readonly timing: TimingConfig;
}
