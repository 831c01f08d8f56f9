# shellcheck shell=bash disable=SC2154
# What the schema does, whichever the vector engine; each takes a server's port, those that migrate settings too.

# The reference architecture's vectors with their dots filled in.
embedding=$(seq -s, 1 384 | sed -E 's/([0-9]+)/0.\1/g; s/^/[/; s/$/]/')
search="SELECT namespace, key, value,
               1 - (embedding <=> '$embedding'::ruvector) as similarity
        FROM builtin.memory_entries
        ORDER BY embedding <=> '$embedding'::ruvector
        LIMIT 10;"

built_in=$(find "$project/components/schema/migrations" -name '*.sql' -printf 'applied built-in/%f\n' | sort)
applies_all() {
  diff <(echo "$built_in") <(migrate "$@")
}
applies_nothing() {
  local before printed
  before=$(state "$1")
  printed=$(migrate "$1" "${2:-{\}}") || return 1
  [[ -z $printed ]] && diff <(echo "$before") <(state "$1")
}

# The similarity of the same vector is 1 but for what its 32-bit numbers lose.
reference_query() {
  app "$1" -c "SET enable_seqscan = off; $search" | awk -F'|' -v OFS='|' '{ $4 = sprintf("%.6f", $4) } 1'
}
reference_statements_work() {
  app "$1" <<SQL
INSERT INTO builtin.memory_entries (namespace, key, value, embedding)
        VALUES ('claude-flow', 'pattern-1', 'data', '$embedding'::ruvector);
INSERT INTO builtin.memory_entries (namespace, key, value)
       VALUES ('agents', 'coder-1', 'Agent data...');
SQL
  is 'claude-flow|pattern-1|data|1.000000' reference_query "$1"
}
uses_the_index() {
  app "$1" -c "SET enable_seqscan = off; EXPLAIN (COSTS off) $search" | tee "$work/plan"
  grep -q "Index Scan using memory_entries_embedding" "$work/plan"
}
casts_parameters() {
  is t app "$1" <<SQL
SELECT count(*) >= 1 FROM (SELECT key FROM builtin.memory_entries WHERE namespace = \$1 ORDER BY embedding <=> \$2::ruvector LIMIT 1) \\bind claude-flow $embedding \\g
SQL
}
