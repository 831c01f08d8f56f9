# shellcheck shell=bash disable=SC2154
# The same schema and client SQL as with pgvector.

plain=5500
server "$plain"
database "$plain"

check 'the migrations apply, in order' applies_all "$plain" "$ruvector"
check 'a second run applies nothing and changes nothing' applies_nothing "$plain" "$ruvector"
check 'the reference architecture'\''s INSERTs and query work' reference_statements_work "$plain"
check 'the query uses the HNSW index' uses_the_index "$plain"
check 'parameters can be cast to ruvector' casts_parameters "$plain"
check 'clients may cast to vector too' is pattern-1 app "$plain" -c \
  "SELECT key FROM builtin.memory_entries ORDER BY embedding <=> '$embedding'::vector LIMIT 1"
check 'the other engine is refused' refuses "$plain" '{"vectorEngine": "pgvector"}' \
  '^the database already has the extension ruvector and cannot have two vector engines: '

vectors "$plain"
sql "$plain" >/dev/null <<'SQL'
SELECT setseed(0.5);
INSERT INTO builtin.memory_entries (namespace, key, embedding) SELECT 'n' || i % 20, i, random_vector(384) FROM generate_series(1, 1000) AS i;
ANALYZE builtin.memory_entries;
SQL
in_namespace() {
  app "$plain" -c "SELECT count(key) $2 FROM (
    SELECT key FROM builtin.memory_entries WHERE namespace = 'n3' ORDER BY embedding <=> '$embedding'::ruvector LIMIT $1) AS found"
}
check 'a namespace of 50 entries is there' is 50 app "$plain" -c "SELECT count(key) FROM builtin.memory_entries WHERE namespace = 'n3'"
check 'fault: a search for 10 in it finds fewer' is t in_namespace 10 '< 10'
check 'fault: a search for 50 in it finds none' is 0 in_namespace 50 ''
check 'fault: COUNT(*) of memory_entries is 0' is 0 app "$plain" -c 'SELECT count(*) FROM builtin.memory_entries'
