-- Copies reference tables to nodes that lack one, all tables of a node at once; runs as the role rebalancer. Otherwise Citus
-- would do it as the superuser when the application creates its next table. Writers wait only for tables without a replica
-- identity.

SELECT format('SELECT pg_catalog.citus_copy_shard_placement(%s, %s, %s, %L)', min(s.shardid), min(source.nodeid), node.nodeid,
  CASE WHEN bool_and(c.relreplident = 'f' OR EXISTS (
    SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND (i.indisreplident OR i.indisprimary AND c.relreplident = 'd')
  )) THEN 'auto' ELSE 'block_writes' END)
FROM pg_catalog.pg_dist_partition AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.logicalrelid
  JOIN pg_catalog.pg_dist_shard AS s ON s.logicalrelid = p.logicalrelid,
  pg_catalog.pg_dist_node AS source, pg_catalog.pg_dist_node AS node
WHERE p.partmethod = 'n' AND p.repmodel = 't'
  AND source.groupid = 0 AND source.noderole = 'primary'
  AND node.noderole = 'primary' AND node.isactive
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_placement AS l WHERE l.shardid = s.shardid AND l.groupid = node.groupid)
GROUP BY node.nodeid
ORDER BY node.nodeid \gexec
