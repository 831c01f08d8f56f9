-- Small tables that every node holds whole, so that any shard can be joined with them where it is.

-- Which vector index serves which column, for clients that look for one. Names of indexes and tables have their schema.
CREATE TABLE builtin.vector_indexes (
  name text PRIMARY KEY,
  table_name text NOT NULL,
  column_name text NOT NULL,
  dimensions integer NOT NULL,
  metric text NOT NULL CHECK (metric IN ('cosine', 'l2', 'ip')),
  options jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
SELECT postgres_cluster.replicate('builtin.vector_indexes');

CREATE TABLE builtin.sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  namespace text,
  data jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz
);
SELECT postgres_cluster.replicate('builtin.sessions');
CREATE INDEX sessions_by_expiry ON builtin.sessions (expires_at);

CREATE TABLE builtin.metadata (
  key text PRIMARY KEY,
  value jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
SELECT postgres_cluster.replicate('builtin.metadata');
