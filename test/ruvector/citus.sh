# shellcheck shell=bash disable=SC2154
# With Citus: a coordinator and two workers.

coordinator=5600
cluster "$coordinator" 5601 5602

check 'Citus: the migrations apply, in order' applies_all "$coordinator" "$ruvector"
check 'Citus: a second run applies nothing and changes nothing' applies_nothing "$coordinator" "$ruvector"
check 'Citus: the reference architecture'\''s INSERTs and query work' reference_statements_work "$coordinator"
check 'Citus: parameters can be cast to ruvector' casts_parameters "$coordinator"

vectors "$coordinator"
items "$coordinator" spread 1000 8
sql "$coordinator" -c "SELECT create_distributed_table('spread', 'id', shard_count => 2, colocate_with => 'none')" >/dev/null 2>&1
index "$coordinator" spread
check 'fault: COUNT(*) of a distributed table is 0' is 0 sql "$coordinator" -c 'SELECT count(*) FROM spread'
all_shards="SELECT count(id) FROM (SELECT id FROM spread $nearest LIMIT 1000) AS found"
# With settings that hold on the workers too.
search_all() {
  sql "$coordinator" -c "SET citus.propagate_set_commands = 'local'" -c BEGIN -c 'SET LOCAL enable_seqscan = off' "$@" -c "$all_shards" -c COMMIT
}
check 'fault: a search returns at most 100 rows of a shard' is 200 search_all
check 'hnsw_ef_search reaches the workers by SET LOCAL' is 500 search_all -c 'SET LOCAL ruvector.hnsw_ef_search = 250'
