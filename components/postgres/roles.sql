-- Settings of the superuser, the role monitor, and who may connect to PostgreSQL's own databases; runs in database postgres,
-- after pooler.sql, and may be repeated. psql variable: monitor_password.

-- Patroni and Citus open sessions in the application's database without our startup option. There, too, names must mean
-- PostgreSQL's own objects, not those of the application's schemas.
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

-- Roles of the application's database do not need these databases.
GRANT CONNECT ON DATABASE postgres TO rewind, monitor;
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
