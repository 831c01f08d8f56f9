# shellcheck shell=bash disable=SC2154
# What is left of the index on a standby and after a crash, as it is not in the WAL.

standby=5701
as_postgres pg_basebackup --host=/tmp --port="$primary" --username=postgres --checkpoint=fast --write-recovery-conf --pgdata="/tmp/$standby"
echo "port = $standby" >>"$root/tmp/$standby/postgresql.conf"
start "$standby"

items "$primary" replicated 1000 8
index "$primary" replicated
# Into an index that the standby was copied with.
sql "$primary" -c "INSERT INTO emptied SELECT 20000 + i, 'new', random_vector(8) FROM generate_series(1, 100) AS i"
sql "$primary" -c CHECKPOINT
end=$(sql "$primary" -c 'SELECT pg_current_wal_lsn()')
caught_up() { is t sql "$standby" -c "SELECT pg_last_wal_replay_lsn() >= '$end'"; }
check 'the standby has all that the primary wrote' soon caught_up
search_replicated() { by_index "$1" -c "SELECT count(id) FROM (SELECT id FROM replicated $nearest LIMIT 10) AS found"; }
check 'the primary searches' is 10 search_replicated "$primary"
check 'fault: on a standby the table has its rows, the index no page' is '1000|0' \
  sql "$standby" -c "SELECT count(id), pg_relation_size('replicated_embedding') FROM replicated"
check 'fault: on a standby searches are errors' fails_with 'ERROR: +could not read blocks 0\.\.0' search_replicated "$standby"
check 'fault: on a standby an older index stays as it was copied' is '2100|2001' \
  sql "$standby" -c "SELECT count(id), pg_relation_size('emptied_embedding') / 8192 FROM emptied"
stop "$primary"
as_postgres pg_ctl --pgdata="/tmp/$standby" --wait promote >/dev/null
insert_replicated() { sql "$1" -c "INSERT INTO replicated SELECT max(id) + 1, 'new', random_vector(8) FROM replicated"; }
check 'fault: on a promoted standby searches are errors' fails_with 'ERROR: +could not read blocks 0\.\.0' search_replicated "$standby"
check 'fault: on a promoted standby writes are errors' fails_with 'ERROR: +could not read blocks 0\.\.0' insert_replicated "$standby"
sql "$standby" -c 'REINDEX INDEX replicated_embedding'
check 'REINDEX repairs the promoted standby' is 10 search_replicated "$standby"
check 'and it can be written to' insert_replicated "$standby"
stop "$standby"
start "$primary"

# One index that a checkpoint wrote and that then got as many rows again, and one that no checkpoint wrote.
crash() {
  as_postgres pg_ctl --pgdata="/tmp/$1" --mode=immediate --wait stop >/dev/null
  start "$1"
}
items "$primary" crashed 1000 8
index "$primary" crashed
items "$primary" unwritten 1000 8
sql "$primary" -c CHECKPOINT
sql "$primary" -c "INSERT INTO crashed SELECT 1000 + i, 'new', random_vector(8) FROM generate_series(1, 1000) AS i"
index "$primary" unwritten
check 'recall is 1 before the crash' is '1.00|1.00' sql "$primary" -c \
  "SELECT round(recall('crashed', 8), 2), round(recall('unwritten', 8), 2)"
crash "$primary"
check 'fault: after a crash recall is below 0.9' is '2000|t' sql "$primary" -c "SELECT (SELECT count(id) FROM crashed), recall('crashed', 8) < 0.9"
check 'fault: after a crash searches by a young index are errors' fails_with 'dimensions but index expects 0' \
  by_index "$primary" -c "SELECT id FROM unwritten $nearest LIMIT 1"

waiting() {
  sql "$primary" -c "SELECT wait_event_type, wait_event FROM pg_stat_activity WHERE query LIKE 'INSERT INTO unwritten%' AND pid <> pg_backend_pid()"
}
hangs_for_good() {
  local writer
  sql "$primary" -c "INSERT INTO unwritten SELECT 2000, 'new', random_vector(8)" &
  writer=$!
  soon is 'LWLock|BufferContent' waiting || return 1
  is t sql "$primary" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'INSERT INTO unwritten%' AND pid <> pg_backend_pid()" || return 1
  sleep 1
  is 'LWLock|BufferContent' waiting || return 1
  ! as_postgres pg_ctl --pgdata="/tmp/$primary" --mode=fast --wait --timeout=2 stop || return 1
  crash "$primary"
  ! wait "$writer"
}
check 'fault: after a crash an INSERT hangs until the server is stopped at once' hangs_for_good
