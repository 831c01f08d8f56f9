# Copies to new nodes what they lack: the reference tables, and with REBALANCE their share of the shards. Runs on a host with a
# coordinator, and works as the role `rebalancer`, never as the superuser: copying evaluates the tables' own constraints.
# GROUP (the coordinators' label) LEADER REBALANCER (connection strings: as the superuser, as the role) DATABASE REBALANCE
# ROLE_SQL REFERENCE_SQL (statements that create the role; statements that copy reference tables)
# NODES (Citus' groups; a change makes this run again)
# shellcheck shell=bash disable=SC2317 # functions are called by name

# query CONNECTION SQL
query() { sql "$1 dbname=$DATABASE" <<<"$2" >/dev/null; }
role() { query "$LEADER" "$ROLE_SQL"; }

main() {
  retry 60 role || fail "$GROUP: the role rebalancer could not be created on the coordinators' leader: see docker service logs of the coordinators"
  query "$REBALANCER" "$REFERENCE_SQL" ||
    fail "the reference tables could not be copied to every node; the reason is above: fix it, then run pulumi up again"
  if [ "$REBALANCE" = true ]; then
    say "Citus: rebalancing shards over the worker groups"
    # Two transactions: waiting for a job that is not committed yet would never end.
    { query "$REBALANCER" "SELECT pg_catalog.citus_rebalance_start()" && query "$REBALANCER" "SELECT pg_catalog.citus_rebalance_wait()"; } ||
      fail "moving shards failed: see citus_rebalance_status() in database $DATABASE"
  fi
}
lock_leader
main
exit 0
