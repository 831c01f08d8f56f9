import { readScript } from "../host/HostScript.ts";

/** What every node's copy of the application's database has besides Citus: its own check of domains. */
export const domainsSql = readScript("domains.sql", import.meta.url);
