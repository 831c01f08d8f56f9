-- What agents remember, all of a namespace on one shard. Several namespaces share a shard, and each shard has its own
-- HNSW indexes, so that a search without a namespace runs on all shards at once.

CREATE TABLE memory_entries (
  namespace text NOT NULL,
  key text NOT NULL,
  value text,
  embedding :embedding,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, key)
);
SELECT postgres_cluster.distribute('memory_entries', 'namespace');

CREATE TABLE patterns (
  namespace text NOT NULL,
  name text NOT NULL,
  content jsonb NOT NULL DEFAULT '{}',
  embedding :embedding,
  confidence double precision NOT NULL DEFAULT 0.5 CHECK (confidence BETWEEN 0 AND 1),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, name)
);
SELECT postgres_cluster.distribute('patterns', 'namespace', 'memory_entries');

CREATE TABLE graph_nodes (
  namespace text NOT NULL,
  id text NOT NULL,
  kind text NOT NULL DEFAULT '',
  properties jsonb NOT NULL DEFAULT '{}',
  embedding :embedding,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, id)
);
SELECT postgres_cluster.distribute('graph_nodes', 'namespace', 'memory_entries');

-- An edge lies on the shard of its two nodes, for all three have its namespace.
CREATE TABLE graph_edges (
  namespace text NOT NULL,
  source text NOT NULL,
  target text NOT NULL,
  kind text NOT NULL DEFAULT '',
  weight double precision NOT NULL DEFAULT 1,
  properties jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (namespace, source, kind, target)
);
SELECT postgres_cluster.distribute('graph_edges', 'namespace', 'memory_entries');
ALTER TABLE graph_edges
  ADD CONSTRAINT graph_edges_source FOREIGN KEY (namespace, source) REFERENCES graph_nodes ON DELETE CASCADE;
ALTER TABLE graph_edges
  ADD CONSTRAINT graph_edges_target FOREIGN KEY (namespace, target) REFERENCES graph_nodes ON DELETE CASCADE;
CREATE INDEX graph_edges_by_target ON graph_edges (namespace, target);
