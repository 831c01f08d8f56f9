import { readScript } from "../host/HostScript.ts";

/** Statements for the application's database on every node, with Citus: they restrict the constraints of domains. */
export const domainsSql = readScript("domains.sql", import.meta.url);
