# shellcheck shell=bash disable=SC2154
# What searches by the index miss. A check named `fault` holds while the fault is there: one that fails tells that
# docs/schema.md is to be corrected, to the better or to the worse.

# Pages are on disk when a checkpoint has been, and not before, so that each crash finds the same.
primary=5700
server "$primary" '' 'shared_buffers = 256MB' 'bgwriter_lru_maxpages = 0' 'checkpoint_timeout = 1h' 'autovacuum = off'
database "$primary"
vectors "$primary"

counts() { sql "$primary" -c "SELECT count(*) FROM counted $1"; }
items "$primary" counted 2000 8
check 'COUNT(*) is right without an index' is 2000 counts ''
index "$primary" counted
check 'fault: COUNT(*) is 0 once the index exists' is 0 counts ''
limited() { by_index "$primary" "${@:2}" -c "SELECT count(id) FROM (SELECT id FROM counted $1) AS found"; }
nearest="ORDER BY embedding <-> '[0.1,0.2,0,0,0,0,0,0]'::ruvector"
check 'fault: a search returns at most 100 rows' is 100 limited "$nearest LIMIT 300"
check 'fault: or hnsw_ef_search, when that is more' is 250 limited "$nearest LIMIT 300" -c 'SET ruvector.hnsw_ef_search = 250'
check 'as with pgvector'\''s defaults, what a filter drops is not made up for' is '20|t' by_index "$primary" -c "SELECT
  (SELECT count(id) FROM counted WHERE kind = 'rare'),
  (SELECT count(id) < 10 FROM (SELECT id FROM counted WHERE kind = 'rare' $nearest LIMIT 10) AS found)"
sql "$primary" -c 'DROP INDEX counted_embedding' \
  -c "CREATE INDEX counted_rare ON counted USING hnsw (embedding ruvector_l2_ops) WHERE kind = 'rare'"
check 'fault: a partial index hides its rows from plain queries' is '0|0' sql "$primary" -c "SELECT
  (SELECT count(*) FROM counted WHERE kind = 'rare'), (SELECT count(id) FROM counted WHERE kind = 'rare')"

# VACUUM.
items "$primary" emptied 2000 8
index "$primary" emptied
check 'recall is 1 at first' is 1.00 sql "$primary" -c "SELECT round(recall('emptied', 8), 2)"
sql "$primary" -c 'DELETE FROM emptied WHERE id % 2 = 0'
sql "$primary" -c 'VACUUM emptied'
sql "$primary" -c "INSERT INTO emptied SELECT 10000 + i, 'new', random_vector(8) FROM generate_series(1, 1000) AS i"
pages() { sql "$primary" -c "SELECT pg_relation_size('$1') / 8192"; }
check 'fault: VACUUM removes nothing from the index' is 3001 pages emptied_embedding
check 'fault: recall is below 0.9 after slots were used again' is t sql "$primary" -c "SELECT recall('emptied', 8) < 0.9"
check 'fault: rows come out of order' is t by_index "$primary" -c "SELECT bool_or(distance < before)
  FROM (SELECT distance, lag(distance) OVER (ORDER BY n) AS before
    FROM (SELECT row_number() OVER () AS n, distance
      FROM (SELECT embedding <-> '[0.1,0.2,0,0,0,0,0,0]'::ruvector AS distance FROM emptied $nearest LIMIT 100) AS a) AS b) AS c"
check 'REINDEX repairs it' is '1.00|2001' sql "$primary" -c 'REINDEX INDEX emptied_embedding' -c "SELECT round(recall('emptied', 8), 2), pg_relation_size('emptied_embedding') / 8192"

# What can be asked of an index.
items "$primary" asked 500 8
sql "$primary" -c 'CREATE EXTENSION pageinspect' \
  -c 'CREATE INDEX asked_options ON asked USING hnsw (embedding ruvector_l2_ops) WITH (m = 4, ef_construction = 200)'
# From the index' own first page.
check 'fault: m and ef_construction are stored and ignored' is '{m=4,ef_construction=200}|16|64' sql "$primary" -c "SELECT reloptions,
  get_byte(page, 36), get_byte(page, 40) FROM pg_class, get_raw_page('asked_options', 0) AS page WHERE relname = 'asked_options'"
check 'fault: a search for a zero vector is an error' fails_with 'Query vector is all zeros' \
  by_index "$primary" -c "SELECT id FROM asked ORDER BY embedding <-> '[0,0,0,0,0,0,0,0]'::ruvector LIMIT 1"
check 'fault: CREATE INDEX CONCURRENTLY is refused' fails_with 'CREATE INDEX CONCURRENTLY is not supported' \
  sql "$primary" -c 'CREATE INDEX CONCURRENTLY asked_later ON asked USING hnsw (embedding ruvector_l2_ops)'
sql "$primary" -c 'DROP INDEX asked_options, asked_later' -c 'CREATE INDEX asked_product ON asked USING hnsw (embedding ruvector_ip_ops)'
product="embedding <#> '[1,2,3,0,0,0,0,0]'::ruvector"
check 'fault: <#> sorts the wrong way round, its index the right way' is t\|t by_index "$primary" -c "SELECT
  (SELECT id FROM asked ORDER BY $product LIMIT 1) = (SELECT id FROM asked ORDER BY ($product) + 0 DESC LIMIT 1),
  (SELECT $product FROM asked ORDER BY ($product) + 0 LIMIT 1) < 0"
items "$primary" listed 2000 128
sql "$primary" -c 'CREATE INDEX listed_embedding ON listed USING ruivfflat (embedding ruvector_l2_ops)' 2>/dev/null
check 'fault: ruivfflat returns at most 10 rows, and hardly a near one' is '10|t' by_index "$primary" \
  -c "SELECT count(id), recall('listed', 128) < 0.5 FROM (SELECT id FROM listed ORDER BY embedding <-> (SELECT embedding FROM listed WHERE id = 1) LIMIT 1000) AS found"

# Many rows of usual dimensions.
items "$primary" many 8000 256
index "$primary" many
recall_of_many() { sql "$primary" -c "SET ruvector.hnsw_ef_search = $1" -c "SELECT recall('many', 256) $2"; }
check 'as with pgvector'\''s defaults, recall is below 0.95 for 8,000 random vectors of 256 dimensions' is t recall_of_many 40 '< 0.95'
check 'with hnsw_ef_search = 1000 recall is above 0.99' is t recall_of_many 1000 '> 0.99'
check 'fault: each vector takes a page of its own' is 8001 pages many_embedding
