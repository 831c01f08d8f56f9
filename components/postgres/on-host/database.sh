# Creates the application's database and its role on the leader, and sets the role's password.
# GROUP LEADER (connection string) FROM (database to work from: with Citus its own, which passes roles on to all nodes)
# DATABASE ROLE PASSWORD (letters and digits) SQL PRIVILEGES (what runs in FROM, and then in DATABASE)
# NODES (Citus' groups; when one joins this runs again, and Citus passes the privileges on)
# shellcheck shell=bash disable=SC2317 # functions are called by name

# run DATABASE SQL
run() {
  sql "$LEADER dbname=$1" <<SQL
\\set database '$DATABASE'
\\set role '$ROLE'
\\set password '$PASSWORD'
$2
SQL
}

told=$(mktemp)
trap 'rm -f "$told"' EXIT
apply() { run "$FROM" "$SQL" >"$told" && run "$DATABASE" "$PRIVILEGES"; }

lock_leader
retry 60 apply || fail "$GROUP: database $DATABASE could not be created on the leader: see docker service logs of the members"
while read -r line; do say "$line"; done <"$told"
exit 0
