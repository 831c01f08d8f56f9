-- The application's database, which belongs to a role that nobody can be, and the application's role; may run again at any
-- time. psql variables: database, role, password.

-- The password must not reach the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off;
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN PASSWORD :'password';
SELECT 'CREATE ROLE database_owner NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'database_owner') \gexec
SELECT format('CREATE DATABASE %I OWNER database_owner', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

-- Who owns a database can change its settings for every session in it, the superuser's too. An owner of former times may
-- have: all such settings go, and are told.
SELECT oid AS database_id, datdba <> 'database_owner'::regrole AS owned_by_another
FROM pg_database WHERE datname = :'database' \gset
\if :owned_by_another
  SELECT format('ALTER DATABASE %I SET %s, which its former owner may have set, is gone: where it is wanted, ALTER ROLE %I SET it, or set it again as the superuser',
    :'database', setting, :'role')
  FROM pg_db_role_setting, unnest(setconfig) AS setting WHERE setdatabase = :database_id AND setrole = 0;
  ALTER DATABASE :"database" RESET ALL;
  ALTER DATABASE :"database" OWNER TO database_owner;
\endif
