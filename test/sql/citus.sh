# shellcheck shell=bash
# With Citus: a coordinator and three workers; and a plain database that gets Citus later.

coordinator=5600
workers=(5601 5602 5603)
cluster "$coordinator" "${workers[@]}"

check 'Citus: the migrations apply, in order' applies_all "$coordinator"
check 'Citus: a second run applies nothing and changes nothing' applies_nothing "$coordinator"
check 'Citus: four tables of 32 shards are distributed by namespace and co-located' is \
  'builtin.graph_edges,builtin.graph_nodes,builtin.memory_entries,builtin.patterns|namespace|32' sql "$coordinator" -c \
  "SELECT string_agg(table_name::text, ',' ORDER BY table_name::text), distribution_column, shard_count FROM citus_tables
   WHERE citus_table_type = 'distributed' GROUP BY colocation_id, distribution_column, shard_count"
check 'Citus: all belongs to the application, on workers too' is 'app' sql "${workers[1]}" -c \
  "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'builtin'"
rights_everywhere() {
  local port
  for port in "$coordinator" "${workers[@]}"; do
    rights "$port" || return 1
  done
}
check 'Citus: on every node all roles may look into builtin, its owner may create there' rights_everywhere
check 'Citus: three reference tables' is 'builtin.metadata,builtin.sessions,builtin.vector_indexes' sql "$coordinator" -c \
  "SELECT string_agg(table_name::text, ',' ORDER BY table_name::text) FROM citus_tables WHERE citus_table_type = 'reference'"
check 'Citus: reference tables are on every node' is '4' sql "$coordinator" -c \
  "SELECT count(DISTINCT nodeport) FROM citus_shards WHERE table_name = 'builtin.vector_indexes'::regclass"
reads_reference_everywhere() {
  local port
  for port in "${workers[@]}"; do
    is 3 app "$port" -c 'SELECT count(*) FROM builtin.vector_indexes'
  done
}
check 'Citus: every worker answers from its own copy' reads_reference_everywhere
check 'Citus: the shards are spread over the three workers' is '10,11,11' sql "$coordinator" -c \
  "SELECT string_agg(n::text, ',' ORDER BY n) FROM (SELECT count(*) AS n FROM citus_shards WHERE table_name = 'builtin.memory_entries'::regclass GROUP BY nodeport)"
check 'Citus: every shard has its HNSW index' is '32' sql "$coordinator" -c \
  "SELECT sum(result::int) FROM run_command_on_workers(\$\$SELECT count(*) FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am a ON a.oid = c.relam
   WHERE amname = 'hnsw' AND relname ~ '^memory_entries_embedding_[0-9]+' AND indisvalid\$\$)"

check 'Citus: the reference architecture'\''s INSERTs and query work' reference_statements_work "$coordinator"
check 'Citus: parameters can be cast to ruvector' casts_parameters "$coordinator"
uses_the_indexes() {
  # The shards' plans are the workers': they need the setting too.
  app "$coordinator" -c 'SET citus.propagate_set_commands = local' -c 'BEGIN' -c 'SET LOCAL enable_seqscan = off' \
    -c "EXPLAIN (COSTS off) $search" | tee "$work/plan"
  grep -q 'Index Scan using memory_entries_embedding_' "$work/plan"
}
check 'Citus: the query uses the HNSW indexes' uses_the_indexes

# tasks COUNT QUERY: how many shards the query runs on.
tasks() {
  app "$coordinator" -c "EXPLAIN (COSTS off) $2" | tee "$work/plan"
  grep -qE "^ *Task Count: $1$" "$work/plan"
}
check 'Citus: a search in a namespace runs on one shard' tasks 1 \
  "SELECT key FROM builtin.memory_entries WHERE namespace = 'claude-flow' ORDER BY embedding <=> '$embedding'::ruvector LIMIT 10"
check 'Citus: a search without one runs on all shards' tasks 32 "$search"
check 'Citus: an INSERT runs on one shard' tasks 1 "INSERT INTO builtin.memory_entries (namespace, key, value) VALUES ('agents', 'coder-2', 'Agent data...')"
check 'Citus: joins within a namespace run on one shard' tasks 1 \
  "SELECT m.key, p.name, n.id, e.target FROM builtin.memory_entries m JOIN builtin.patterns p USING (namespace) JOIN builtin.graph_nodes n USING (namespace)
   JOIN builtin.graph_edges e ON e.namespace = n.namespace AND e.source = n.id WHERE m.namespace = 'agents'"
check 'Citus: a reference table is joined on the shard' tasks 1 \
  "SELECT m.key, i.metric FROM builtin.memory_entries m JOIN builtin.vector_indexes i ON i.table_name = 'builtin.memory_entries' WHERE m.namespace = 'agents'"
keeps_edges_whole() {
  app "$coordinator" -c "INSERT INTO builtin.graph_nodes (namespace, id) VALUES ('agents', 'a'), ('agents', 'b')" \
    -c "INSERT INTO builtin.graph_edges (namespace, source, target) VALUES ('agents', 'a', 'b')"
  ! app "$coordinator" -c "INSERT INTO builtin.graph_edges (namespace, source, target) VALUES ('agents', 'a', 'c')" || return 1
  app "$coordinator" -c "DELETE FROM builtin.graph_nodes WHERE namespace = 'agents' AND id = 'b'"
  is 0 app "$coordinator" -c 'SELECT count(*) FROM builtin.graph_edges'
}
check 'Citus: an edge has its nodes and goes with them' keeps_edges_whole

check 'Citus: a user may have a table sessions' makes_sessions "$coordinator"
check 'Citus: ... with its rows on the workers' app "$coordinator" -c "SELECT create_distributed_table('sessions', 'session_key')"
check 'Citus: ... which is the one that is used' uses_its_own_sessions "$coordinator"
check 'Citus: DROP TABLE IF EXISTS without a schema leaves the built-in table alone' drops_its_own "$coordinator"
check 'Citus: no built-in table is visible without its schema' sees_none "$coordinator"
check 'Citus: a role with builtin last in its search_path has short names' has_short_names "$coordinator"
sql "$coordinator" -c 'CREATE ROLE reader LOGIN'
check 'Citus: who has removed the tables can have them again' comes_back_after_removal "$coordinator"
check 'Citus: ... on every node' rights_everywhere
check 'Citus: another role reads a built-in table once it may' reads_when_granted "$coordinator"
check 'Citus: schema none after builtin, and builtin once more: the tables stay' changes_nothing "$coordinator"

own first
check 'Citus: one'\''s own migrations apply' is $'applied own/001_notes.sql\napplied own/010_text.sql' migrate "$coordinator" "$settings"
check 'Citus: one'\''s own table lies beside the others' is 1 sql "$coordinator" -c \
  "SELECT count(DISTINCT colocation_id) FROM citus_tables WHERE table_name IN ('notes'::regclass, 'builtin.memory_entries'::regclass)"

# The same on all nodes, shards and their indexes included.
everywhere() {
  local port
  for port in "$coordinator" "${workers[@]}"; do
    state "$port"
  done
}
leaves_all_nodes() {
  local before
  before=$(everywhere)
  refuses "$coordinator" "$settings" "$1" && diff <(echo "$before") <(everywhere)
}
next 011_shards.sql <<'SQL'
CREATE TABLE half (namespace text PRIMARY KEY, embedding :embedding);
SELECT postgres_cluster.distribute('half', 'namespace', 'builtin.memory_entries');
CREATE INDEX ON half USING hnsw (embedding :vector_cosine_ops);
ALTER TABLE builtin.memory_entries ADD COLUMN half text;
INSERT INTO half (namespace) VALUES ('a'), ('b'), ('c');
SELECT 1 / 0;
SQL
check 'Citus: a failure half way leaves every node as before' leaves_all_nodes '^own/011_shards.sql:6: ERROR:  division by zero'

# What was plain is distributed once there is Citus, with its rows and foreign keys.
later=5500
app "$later" -c "INSERT INTO builtin.graph_nodes (namespace, id) VALUES ('x', 'a'), ('x', 'b')" \
  -c "INSERT INTO builtin.graph_edges (namespace, source, target) VALUES ('x', 'a', 'b')"
stop "$later"
echo "shared_preload_libraries = 'citus'" >>"$root/tmp/$later/postgresql.conf"
start "$later"
worker=5604
server "$worker" citus
as_postgres psql -Xq "host=/tmp port=$worker dbname=postgres user=postgres" -c 'CREATE DATABASE app'
extend "$worker"
extend "$later"
sql "$later" -c "SELECT citus_set_coordinator_host('localhost', $later)" \
  -c "SELECT citus_add_node('localhost', $worker)" >/dev/null
database "$later" app
becomes_distributed() {
  is '' migrate "$later" && is 'distributed 5,reference 3' sql "$later" -c \
    "SELECT string_agg(citus_table_type || ' ' || n, ',' ORDER BY citus_table_type) FROM (SELECT citus_table_type, count(*) AS n FROM citus_tables GROUP BY 1)" &&
    is '1|2|2' sql "$later" -c "SELECT (SELECT count(*) FROM builtin.graph_edges), (SELECT count(*) FROM builtin.graph_nodes),
      (SELECT count(*) FROM pg_constraint WHERE conrelid = 'builtin.graph_edges'::regclass AND contype = 'f')"
}
check 'Citus: tables that were plain are distributed when Citus comes later' becomes_distributed
check 'Citus: and only once' applies_nothing "$later"
check 'Citus: then too parameters can be cast to ruvector' casts_parameters "$later"
check 'Citus: then too the workers know ruvector' is t sql "$worker" -c "SELECT to_regtype('ruvector') IS NOT NULL"
check 'Citus: ... and all roles may look into builtin there' rights "$worker"
check 'Citus: what the application plants never runs as the superuser' withstands "$coordinator" app
check 'Citus: nor on the workers' stays "${workers[0]}"

# Citus makes what a view depends on as the superuser of the other nodes, and a domain's literals are read on the way.
plants_domains() {
  payload 'rises(text)' | app "$coordinator" || return 1
  app "$coordinator" <<'SQL'
\set ON_ERROR_STOP 0
SET client_min_messages = error;
SET citus.enable_ddl_propagation = off;
CREATE DOMAIN public.called AS text CHECK (public.rises(VALUE));
CREATE DOMAIN public.later AS text;
ALTER DOMAIN public.later ADD CHECK (public.rises(VALUE));
CREATE DOMAIN public.nested AS public.called;
SELECT format($$
  CREATE FUNCTION public.step(public.%1$I, text) RETURNS public.%1$I LANGUAGE sql AS 'SELECT $1';
  CREATE AGGREGATE public.all_%1$s(text) (SFUNC = public.step, STYPE = public.%1$I, INITCOND = 'x')
$$, domain) FROM unnest('{called,later,nested}'::text[]) AS domain \gexec
RESET citus.enable_ddl_propagation;
SELECT format('CREATE VIEW public.view_%1$s AS SELECT public.all_%1$s(key) FROM builtin.memory_entries', domain)
FROM unnest('{called,later,nested}'::text[]) AS domain \gexec
SELECT run_command_on_workers('CREATE DOMAIN public.there AS text CHECK (public.rises(VALUE))');
SQL
  local port
  for port in "$coordinator" "${workers[@]}"; do
    stays "$port" && is '' sql "$port" -c "SELECT typname FROM pg_type WHERE typname IN ('called', 'there')" || return 1
  done
}
check 'Citus: a domain gives nobody the superuser'\''s rights on other nodes' plants_domains
refuses_functions() {
  ! app "$coordinator" -c "CREATE DOMAIN public.called AS text CHECK ($1)" 2>"$work/refused" || return 1
  grep -F 'use immutable functions of PostgreSQL' "$work/refused"
}
check 'Citus: a domain that calls what reads or writes is refused, with the way out' refuses_functions \
  "query_to_xml('SELECT 1', true, false, '') IS NOT NULL"
check 'Citus: domains with ordinary checks are made' app "$coordinator" \
  -c "CREATE DOMAIN code AS text NOT NULL CHECK (VALUE ~ '^[a-z]+\$' AND length(VALUE) < 10 AND lower(VALUE) IN ('a', 'b'))" \
  -c "ALTER DOMAIN code ADD CHECK (VALUE <> 'c')" -c 'CREATE TABLE coded (id int PRIMARY KEY, code code)' \
  -c "SELECT create_distributed_table('coded', 'id')"
leaves_dumps_alone() { ! state "$coordinator" | grep -iE 'event trigger|check_domains'; }
check 'Citus: a dump has nothing of it' leaves_dumps_alone

# Shards and reference tables come to a new node with the rights of their owners.
new=5605
server "$new" citus 'wal_level = logical'
as_postgres psql -Xq "host=/tmp port=$new dbname=postgres user=postgres" -c 'CREATE DATABASE app'
extend "$new"
spreads() {
  sql "$coordinator" -c 'CREATE ROLE reporter' -c 'GRANT CREATE ON SCHEMA public TO reporter' >/dev/null
  app "$coordinator" -c "CREATE TABLE checked (key text PRIMARY KEY CHECK (public.rises(key)))" \
    -c "SELECT create_reference_table('checked')" -c "INSERT INTO checked VALUES ('a')" \
    -c "CREATE TABLE spread (namespace text PRIMARY KEY CHECK (public.rises(namespace)))" \
    -c "SELECT create_distributed_table('spread', 'namespace')" \
    -c "INSERT INTO spread SELECT g FROM generate_series(1, 200) AS g" >/dev/null
  sql "$coordinator" -c 'SET ROLE reporter' -c 'CREATE TABLE public.keyless (n int)' -c "SELECT create_reference_table('public.keyless')" \
    -c 'CREATE TABLE public.reported (namespace text PRIMARY KEY)' -c "SELECT create_distributed_table('public.reported', 'namespace')" >/dev/null
  sql "$coordinator" -c "SELECT citus_add_node('localhost', $new)" >/dev/null
  spread "$coordinator" && stays "$new" && is 't|t' sql "$coordinator" -c "
    SELECT count(*) FILTER (WHERE citus_table_type = 'reference') = (SELECT count(*) FROM citus_tables WHERE citus_table_type = 'reference'),
      count(*) FILTER (WHERE citus_table_type = 'distributed') > 20
    FROM citus_shards WHERE nodeport = $new" && is '200|1' app "$coordinator" -c 'SELECT (SELECT count(*) FROM spread), (SELECT count(*) FROM checked)'
}
check 'Citus: a new node gets reference tables and shards, and nobody rights by it' spreads
check 'Citus: and a second time nothing moves' spread "$coordinator"
reads_on_a_new_node() {
  rights "$new" && reader "$new" -c 'SELECT FROM builtin.memory_entries' && is 3 app "$new" -c 'SELECT count(*) FROM builtin.vector_indexes'
}
check 'Citus: there too all roles may look into builtin' reads_on_a_new_node
moves_nothing_ill() {
  app "$coordinator" -c 'CREATE TABLE unkeyed (n int)' -c "SELECT create_distributed_table('unkeyed', 'n', colocate_with => 'none', shard_count => 4)"
  sql "$coordinator" -c "SELECT citus_set_node_property('localhost', $new, 'shouldhaveshards', false)"
  ! spread "$coordinator" 2>"$work/refused" || return 1
  grep -F 'moving shards failed' "$work/refused"
}
check 'Citus: shards that cannot be moved are told' moves_nothing_ill
