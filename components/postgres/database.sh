# The application's database and its owner, on the leader; also gives the owner its present password.
# GROUP LEADER (connection string) FROM (database to work from: with Citus its own, which passes roles on to all nodes)
# DATABASE OWNER PASSWORD (letters and digits)
# shellcheck shell=bash

apply() {
  local container
  container=$(member_here "$GROUP") || return
  docker exec -i "$container" psql -XqAt -v ON_ERROR_STOP=1 "$LEADER dbname=$FROM" <<SQL
\\set database '$DATABASE'
\\set owner '$OWNER'
\\set password '$PASSWORD'
-- The password must not reach the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off;
SELECT format('CREATE ROLE %I LOGIN', :'owner') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \\gexec
ALTER ROLE :"owner" LOGIN PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \\gexec
ALTER DATABASE :"database" OWNER TO :"owner";
SQL
}

lock_cluster "$GROUP"
retry 60 apply || fail "$GROUP: database $DATABASE could not be made on the leader"
exit 0
