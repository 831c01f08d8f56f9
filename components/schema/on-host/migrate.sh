# The schema of the application's database: runs the migrations that are not applied yet, on the leader.
# GROUP LEADER OWNER (connection strings: as the superuser, as the application's role) DATABASE
# FILES (JSON, a file's text by its name; setup.sql is run as the superuser, run.sql with the migrations as the role)
# shellcheck shell=bash

# Ends with psql's status: 2 if the connection failed or broke, 3 for an error in a file.
run() {
  # shellcheck disable=SC2016 # expands in the container
  in_member bash -c '
    set -euo pipefail
    folder=$(mktemp -d)
    trap "rm -rf \"$folder\"" EXIT
    cd "$folder"
    cat >files.json
    while read -r name; do
      mkdir -p "$(dirname "$name")"
      jq -j --arg name "$name" ".[\$name]" files.json >"$name"
    done < <(jq -r "keys[]" files.json)
    psql -XqAt -v ON_ERROR_STOP=1 -f setup.sql "$1"
    psql -XqAt -v ON_ERROR_STOP=1 -f run.sql "$2"' bash "$LEADER dbname=$DATABASE" "$OWNER dbname=$DATABASE" <<<"$FILES"
}

lock_leader
words=$(mktemp)
trap 'rm -f "$words"' EXIT
deadline=$((SECONDS + 60))
while :; do
  status=0
  run 2>"$words" || status=$?
  # What a broken connection left undone is done by the next attempt, maybe on another leader.
  { [ "$status" = 2 ] && [ "$SECONDS" -lt "$deadline" ]; } || break
  sleep 1
done
# psql's own prefix goes; the checks' place in the program's files says nothing.
sed -E 's/^psql:(lock|extension|prepare|apply)\.sql:[0-9]+: ERROR: +//; s/^psql:([^ ]+:[0-9]+): /\1: /' "$words" >&2
[ "$status" = 0 ] || fail "$GROUP: the schema of database $DATABASE was not brought up to date; the reason is above, and what it names was rolled back"
exit 0
