/** The role that looks at the cluster: it has `pg_monitor` and nothing that lets it change anything. */
export const monitorRole = "monitor";

/** libpq's password file with the monitor's password, in every database member. */
export const monitorPassfile = "/run/secrets/monitor.pgpass";
