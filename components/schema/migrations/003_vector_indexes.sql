-- Searches by cosine distance: ORDER BY embedding <=> '[…]'.

CREATE INDEX memory_entries_embedding ON builtin.memory_entries
  USING hnsw (embedding :vector_cosine_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX patterns_embedding ON builtin.patterns
  USING hnsw (embedding :vector_cosine_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX graph_nodes_embedding ON builtin.graph_nodes
  USING hnsw (embedding :vector_cosine_ops) WITH (m = 16, ef_construction = 64);

INSERT INTO builtin.vector_indexes (name, table_name, column_name, dimensions, metric, options)
SELECT name || '_embedding', name, 'embedding', :dimensions, 'cosine', '{"m": 16, "ef_construction": 64}'
FROM unnest(ARRAY['builtin.memory_entries', 'builtin.patterns', 'builtin.graph_nodes']) AS name;
