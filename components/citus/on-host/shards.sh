# What nodes that came lack: the reference tables, and with REBALANCE their part of the shards; runs on a host with a
# coordinator. The role `rebalancer` does it, never the superuser: copying evaluates the tables' own constraints.
# GROUP (the coordinators' label) LEADER REBALANCER (connection strings: as the superuser, as the role) DATABASE REBALANCE
# ROLE_SQL REFERENCE_SQL (what makes the role; what copies reference tables)
# NODES (Citus' groups; when one joins this runs again)
# shellcheck shell=bash disable=SC2317 # functions are called by their names

# query CONNECTION SQL
query() { sql "$1 dbname=$DATABASE" <<<"$2" >/dev/null; }
role() { query "$LEADER" "$ROLE_SQL"; }

main() {
  retry 60 role || fail "$GROUP: the role rebalancer could not be made on the leading coordinator"
  query "$REBALANCER" "$REFERENCE_SQL" ||
    fail "the reference tables could not be copied to every node; the reason is above: mend it, then run pulumi up again"
  if [ "$REBALANCE" = true ]; then
    say "Citus: moving shards so that every shard group carries its part"
    # Two transactions: a job that is not committed yet would wait for itself.
    { query "$REBALANCER" "SELECT pg_catalog.citus_rebalance_start()" && query "$REBALANCER" "SELECT pg_catalog.citus_rebalance_wait()"; } ||
      fail "moving shards failed: see citus_rebalance_status() in database $DATABASE"
  fi
}
lock_leader
main
exit 0
