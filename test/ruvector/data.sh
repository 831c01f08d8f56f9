# shellcheck shell=bash disable=SC2154
# Tables of random vectors, and how well searches find them.

# vectors PORT: what the others here need in the application's database.
vectors() {
  sql "$1" <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ruvector SCHEMA public;
CREATE FUNCTION random_vector(dimensions integer) RETURNS ruvector LANGUAGE sql AS $$
  SELECT ('[' || string_agg((random() - 0.5)::real::text, ',') || ']')::ruvector FROM generate_series(1, dimensions)
$$;
-- How many of the 10 nearest rows are among the 10 that a search by the index finds: the share, over 20 searches.
CREATE FUNCTION recall(items regclass, dimensions integer) RETURNS numeric LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  hits integer := 0;
  found integer;
BEGIN
  PERFORM setseed(0.25);
  FOR i IN 1..20 LOOP
    -- No index serves a sum.
    EXECUTE format('SELECT count(*)
      FROM (SELECT id FROM %1$s ORDER BY embedding <-> $1 LIMIT 10) AS searched
      JOIN (SELECT id FROM %1$s ORDER BY (embedding <-> $1) + 0 LIMIT 10) AS nearest USING (id)', items)
      INTO found USING random_vector(dimensions);
    hits := hits + found;
  END LOOP;
  RETURN hits / 200.0;
END $$;
SQL
}

# items PORT NAME ROWS DIMENSIONS: a table, the same in each run.
items() {
  sql "$1" >/dev/null <<SQL
SELECT setseed(0.5);
CREATE TABLE $2 (id integer PRIMARY KEY, kind text, embedding ruvector($4));
INSERT INTO $2 SELECT i, CASE i % 100 WHEN 0 THEN 'rare' ELSE 'common' END, random_vector($4) FROM generate_series(1, $3) AS i;
ANALYZE $2;
SQL
}

# index PORT NAME: on such a table, by the distance that <-> gives.
index() {
  sql "$1" -c "CREATE INDEX $2_embedding ON $2 USING hnsw (embedding ruvector_l2_ops)"
}

# by_index PORT COMMAND...: with the table's index where one can be used.
by_index() {
  sql "$1" -c 'SET enable_seqscan = off' "${@:2}"
}

# soon COMMAND...: it succeeds within 20 seconds.
soon() {
  local deadline=$((SECONDS + 20))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# fails_with PATTERN COMMAND...
fails_with() {
  local pattern=$1
  shift
  ! "$@" >"$work/failure" 2>&1 && cat "$work/failure" && grep -qE "$pattern" "$work/failure"
}
