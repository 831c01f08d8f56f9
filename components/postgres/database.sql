-- The application's database, which belongs to a role that nobody can log in as, and the application's role; may be repeated.
-- psql variables: database, role, password.

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

-- The owner of a database can change settings for every session in it, even the superuser's. A former owner may have done so:
-- all such settings are removed and reported.
SELECT oid AS database_id, datdba <> 'database_owner'::regrole AS owned_by_another
FROM pg_database WHERE datname = :'database' \gset
\if :owned_by_another
  SELECT format('ALTER DATABASE %I SET %s was removed, because a former owner may have set it: if you need it, use ALTER ROLE %I SET, or set it again as the superuser',
    :'database', setting, :'role')
  FROM pg_db_role_setting, unnest(setconfig) AS setting WHERE setdatabase = :database_id AND setrole = 0;
  ALTER DATABASE :"database" RESET ALL;
  ALTER DATABASE :"database" OWNER TO database_owner;
\endif
