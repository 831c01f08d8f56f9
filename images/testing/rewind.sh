# shellcheck shell=bash
# rewind-keeping: a former primary rejoins, and what only it had stays in a folder that a PostgreSQL can be started on.

cat >"${root[database]}/rewind.sh" <<'SCRIPT'
set -euo pipefail
cd "$(mktemp -d /tmp/rewind.XXXXXX)"
export PGHOST=$PWD PGUSER=postgres
quiet() { "$@" >>log 2>&1 || { tail log; exit 1; }; }
run() { quiet pg_ctl -D "$1/pgdata" -w -l "$1.log" -o "-p $2 -k $PWD -c listen_addresses= -c wal_log_hints=on -c wal_keep_size=128MB" start; }
mkdir former present
quiet initdb -U postgres -A trust --no-sync -D former/pgdata
run former 7001
quiet pg_basebackup -p 7001 -D present/pgdata --checkpoint=fast --no-sync -R
run present 7002
quiet psql -p 7002 -c 'SELECT pg_promote()'
quiet psql -p 7002 -c CHECKPOINT
quiet psql -p 7001 -c 'CREATE TABLE only_here AS SELECT 1 AS one'
quiet pg_ctl -D former/pgdata -m fast stop
rewind-keeping -D former/pgdata --source-server "host=$PWD port=7002 user=postgres dbname=postgres"
grep -rq . former/diverged
mv former/diverged/timeline-1-* former/diverged/pgdata
rm -f former/diverged/pgdata/postmaster.pid
run former/diverged 7003
psql -p 7003 -XqAtc 'SELECT one FROM only_here'
quiet pg_ctl -D former/diverged/pgdata -m immediate stop
quiet pg_ctl -D present/pgdata -m immediate stop
SCRIPT

# rewinds SYNCHRONOUS_MODE: the script, beside a Patroni that has this setting.
rewinds() {
  local entered
  entering database
  mkdir -p "${root[database]}/fake"
  printf '#!/bin/sh\necho %q\n' "{\"synchronous_mode\": $1}" >"${root[database]}/fake/curl"
  chmod 0755 "${root[database]}/fake/curl"
  "${entered[@]}" env DIVERGED_BYTES=1073741824 sh -c 'PATH=/fake:$PATH exec bash /rewind.sh' 2>"$work/rewind"
}
keeps_what_a_rewind_undoes() {
  [[ $(rewinds false) == 1 ]] || { cat "$work/rewind"; return 1; }
  grep -q 'had writes that the leader lacks' "$work/rewind"
}
keeps_nothing_where_commits_wait() {
  # It ends where the script looks for the copy, after the rewind.
  [[ $(rewinds '"quorum"') == '' ]] && grep -q 'Done!' "$work/rewind" && ! grep -q 'had writes' "$work/rewind"
}

check 'what a rewind undoes is kept, and a PostgreSQL starts on it' keeps_what_a_rewind_undoes
check 'nothing is kept where commits wait for a standby' keeps_nothing_where_commits_wait
