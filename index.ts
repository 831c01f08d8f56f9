import { PostgresCluster } from "./components/index.ts";
import { loadSettings } from "./config/load.ts";

export const { writeUrl, readUrl, statsUrl, caCertificate, topology } = new PostgresCluster(
  "cluster",
  loadSettings(),
);
