-- What agents remember, all of a namespace on one shard. Several namespaces share a shard, and each shard has its own
-- HNSW indexes, so that a search without a namespace runs on all shards at once.

-- A schema that is there already fails here: its owner could drop the tables.
CREATE SCHEMA builtin;
GRANT USAGE ON SCHEMA builtin TO PUBLIC;

CREATE TABLE builtin.memory_entries (
  namespace text NOT NULL,
  key text NOT NULL,
  value text,
  embedding :embedding,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, key)
);
SELECT postgres_cluster.distribute('builtin.memory_entries', 'namespace');

CREATE TABLE builtin.patterns (
  namespace text NOT NULL,
  name text NOT NULL,
  content jsonb NOT NULL DEFAULT '{}',
  embedding :embedding,
  confidence double precision NOT NULL DEFAULT 0.5 CHECK (confidence BETWEEN 0 AND 1),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, name)
);
SELECT postgres_cluster.distribute('builtin.patterns', 'namespace', 'builtin.memory_entries');

CREATE TABLE builtin.graph_nodes (
  namespace text NOT NULL,
  id text NOT NULL,
  kind text NOT NULL DEFAULT '',
  properties jsonb NOT NULL DEFAULT '{}',
  embedding :embedding,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, id)
);
SELECT postgres_cluster.distribute('builtin.graph_nodes', 'namespace', 'builtin.memory_entries');

-- An edge lies on the shard of its two nodes, for all three have its namespace.
CREATE TABLE builtin.graph_edges (
  namespace text NOT NULL,
  source text NOT NULL,
  target text NOT NULL,
  kind text NOT NULL DEFAULT '',
  weight double precision NOT NULL DEFAULT 1,
  properties jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, source, kind, target)
);
SELECT postgres_cluster.distribute('builtin.graph_edges', 'namespace', 'builtin.memory_entries');
ALTER TABLE builtin.graph_edges
  ADD CONSTRAINT graph_edges_source FOREIGN KEY (namespace, source) REFERENCES builtin.graph_nodes ON DELETE CASCADE;
ALTER TABLE builtin.graph_edges
  ADD CONSTRAINT graph_edges_target FOREIGN KEY (namespace, target) REFERENCES builtin.graph_nodes ON DELETE CASCADE;
CREATE INDEX graph_edges_by_target ON builtin.graph_edges (namespace, target);
