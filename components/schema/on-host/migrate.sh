# Applies migrations to the application's database: runs those that are not applied yet, on the leader.
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
  # After a broken connection the next attempt continues, perhaps on another leader.
  { [ "$status" = 2 ] && [ "$SECONDS" -lt "$deadline" ]; } || break
  sleep 1
done
# Without psql's own prefix, and without the line of a check in the program's own files.
sed -E 's/^psql:(lock|extension|prepare|apply)\.sql:[0-9]+: ERROR: +//; s/^psql:([^ ]+:[0-9]+): /\1: /' "$words" >&2
[ "$status" = 0 ] || fail "$GROUP: the schema of database $DATABASE could not be updated; the reason is above, and the file that failed was rolled back"
exit 0
