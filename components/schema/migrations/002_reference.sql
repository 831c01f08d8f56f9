-- Small tables that every node holds whole, so that any shard can be joined with them where it is.

-- Which vector index serves which column, for clients that look for one.
CREATE TABLE vector_indexes (
  name text PRIMARY KEY,
  table_name text NOT NULL,
  column_name text NOT NULL,
  dimensions integer NOT NULL,
  metric text NOT NULL CHECK (metric IN ('cosine', 'l2', 'ip')),
  options jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
SELECT postgres_cluster.replicate('vector_indexes');

CREATE TABLE sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  namespace text,
  data jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz
);
SELECT postgres_cluster.replicate('sessions');
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE metadata (
  key text PRIMARY KEY,
  value jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
SELECT postgres_cluster.replicate('metadata');
