# shellcheck shell=bash
# rewind-keeping: a former primary rejoins, and what only it had stays in a folder that a PostgreSQL can be started on.
# diverged-expire: how long it stays.

# A former primary with a table that the present one lacks, and both stopped but the present one.
cat >"${root[database]}/diverge.sh" <<'SCRIPT'
set -euo pipefail
cd "$(mktemp -d /tmp/rewind.XXXXXX)"
export PGHOST=$PWD PGUSER=postgres
quiet() { "$@" >>log 2>&1 || { tail log; exit 1; }; }
run() { quiet pg_ctl -D "$1/pgdata" -w -l "$1.log" -o "-p $2 -k $PWD -c listen_addresses= -c wal_log_hints=on -c wal_keep_size=128MB" start; }
rewind() { rewind-keeping -D former/pgdata --source-server "host=$PWD port=7002 user=postgres dbname=postgres"; }
size_of() { du --summarize --block-size=1 "$1" | cut -f1; }
mkdir former present
quiet initdb -U postgres -A trust --no-sync -D former/pgdata
run former 7001
quiet pg_basebackup -p 7001 -D present/pgdata --checkpoint=fast --no-sync -R
run present 7002
quiet psql -p 7002 -c 'SELECT pg_promote()'
quiet psql -p 7002 -c CHECKPOINT
quiet psql -p 7001 -c 'CREATE TABLE only_here AS SELECT 1 AS one'
quiet pg_ctl -D former/pgdata -m fast stop
trap 'pg_ctl -D present/pgdata -m immediate stop >/dev/null' EXIT
SCRIPT

cat >"${root[database]}/whole.sh" <<'SCRIPT'
rewind
grep -rq . former/diverged
mv former/diverged/timeline-1-* former/diverged/pgdata
rm -f former/diverged/pgdata/postmaster.pid
run former/diverged 7003
psql -p 7003 -XqAtc 'SELECT one FROM only_here'
quiet pg_ctl -D former/diverged/pgdata -m immediate stop
SCRIPT

# A limit between the sizes of the WAL and of all of it: what was written here only is in the WAL that was kept.
cat >"${root[database]}/wal.sh" <<'SCRIPT'
DIVERGED_BYTES=$(($(size_of former/pgdata) - 1)) rewind
copy=$(echo former/diverged/timeline-1-*)
ls "$copy"
pg_controldata "$copy" | sed -n "s/^Latest checkpoint's TimeLineID: *//p"
{ pg_waldump --path="$copy/pg_wal" --start=0/3000028 --rmgr=Storage 2>&1 || true; } | grep -o 'CREATE base' | sort -u
SCRIPT

# Two former copies: the older goes, since the new one does not fit beside both.
cat >"${root[database]}/room.sh" <<'SCRIPT'
mkdir -p former/diverged/timeline-1-0-1 former/diverged/timeline-1-0-2 former/diverged/cut-off.part
for copy in former/diverged/timeline-*; do head -c 4194304 /dev/zero >"$copy/data"; done
touch --date '2 days ago' former/diverged/timeline-1-0-2
touch --date '1 day ago' former/diverged/timeline-1-0-1
DIVERGED_BYTES=$(($(size_of former/pgdata) + 6 * 1048576)) rewind
ls former/diverged | sed 's/^timeline-1-0-[0-9A-F]\{3,\}$/new/'
SCRIPT

cat >"${root[database]}/nothing.sh" <<'SCRIPT'
DIVERGED_BYTES=1048576 rewind
ls former/diverged
psql -p 7002 -XqAtc 'SELECT 1'
SCRIPT

# A copy's age in minutes by its name, one that is being made, and no folder at all.
cat >"${root[database]}/expire.sh" <<'SCRIPT'
set -euo pipefail
cd "$(mktemp -d /tmp/expire.XXXXXX)"
diverged-expire "$PWD/none" 7
for minutes in 10 10070 10090; do
  mkdir -p "kept/$minutes/base"
  touch "kept/$minutes/base/1"
  touch --date "$minutes minutes ago" "kept/$minutes"
done
mkdir kept/making.part
touch --date '20000 minutes ago' kept/making.part
diverged-expire "$PWD/kept" 7
ls kept
SCRIPT

# rewinds SYNCHRONOUS_MODE SCRIPT: what the script prints, beside a Patroni that has this setting.
rewinds() {
  local entered
  entering database
  mkdir -p "${root[database]}/fake"
  printf '#!/bin/sh\necho %q\n' "{\"synchronous_mode\": $1}" >"${root[database]}/fake/curl"
  chmod 0755 "${root[database]}/fake/curl"
  "${entered[@]}" env DIVERGED_BYTES=1073741824 bash -c "PATH=/fake:\$PATH; . /diverge.sh; . /$2.sh" 2>"$work/rewind" ||
    { cat "$work/rewind" && return 1; }
}
says() { grep -q "$1" "$work/rewind" || { cat "$work/rewind" && return 1; }; }
prints_lines() { diff <(printf '%s\n' "${@:2}") <(echo "$1"); }

keeps_what_a_rewind_undoes() { prints_lines "$(rewinds false whole)" 1 && says 'had writes that the leader lacks'; }
keeps_nothing_where_commits_wait() {
  # It ends where the script looks for the copy, after the rewind.
  ! rewinds '"quorum"' whole && says 'Done!' && ! grep -q 'had writes' "$work/rewind"
}
keeps_only_the_wal() {
  prints_lines "$(rewinds false wal)" global pg_wal 1 'CREATE base' && says 'too large to be kept: keeping only its WAL' && says 'Done!'
}
makes_room() {
  prints_lines "$(rewinds false room)" timeline-1-0-1 new && says 'removing .*/timeline-1-0-2, because all copies together' && says 'had writes'
}
rewinds_without_room() { prints_lines "$(rewinds false nothing)" 1 && says 'WARNING: neither the data directory nor its WAL fits' && says 'Done!'; }
expires() {
  prints_lines "$(inside database bash /expire.sh 2>"$work/rewind")" 10 10070 making.part && says '/10090 was kept long enough' &&
    says 'writes of a former leader are kept in .*/10070' && ! grep -q making "$work/rewind"
}

check 'what a rewind undoes is kept, and a PostgreSQL starts on it' keeps_what_a_rewind_undoes
check 'nothing is kept where commits wait for a standby' keeps_nothing_where_commits_wait
check 'of what is too large the WAL is kept' keeps_only_the_wal
check 'the oldest copy makes room, and one that was cut off goes' makes_room
check 'what does not fit at all is said, and rewound' rewinds_without_room
check 'copies go after their days, and those that stay are named' expires
