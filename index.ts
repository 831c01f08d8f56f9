import { PostgresCluster } from "./components/index.ts";
import { loadConfig } from "./config/load.ts";

export const { writeUrl, readUrl, statsUrl, caCertificate, topology } = new PostgresCluster("cluster", {
  config: loadConfig(),
});
