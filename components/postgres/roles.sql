-- The superuser's sessions, the monitor's role, and who may enter PostgreSQL's own databases; runs in database postgres,
-- after pooler.sql, and may run again at any time. psql variable: monitor_password.

-- Patroni and Citus open sessions of their own in the application's database, without a startup option. There too names
-- are PostgreSQL's own, whatever stands in the application's schemas.
ALTER ROLE postgres SET search_path = pg_catalog;

SELECT 'CREATE ROLE monitor' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'monitor') \gexec
-- The password must not reach the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off;
ALTER ROLE monitor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'monitor_password';
ALTER ROLE monitor SET search_path = pg_catalog;
GRANT pg_monitor TO monitor;

-- Whoever has a role for the application's database has no business in these.
GRANT CONNECT ON DATABASE postgres TO rewind, monitor;
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
