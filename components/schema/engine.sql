-- The vector engine, and the names that migrations and clients use for either one.
-- Migrations have the psql variables :embedding (a column's type), :vector_cosine_ops, :vector_l2_ops, :vector_ip_ops and
-- :dimensions; clients may write both ::ruvector and ::vector.

SELECT :'engine' = 'pgvector' AS pgvector \gset
\if :pgvector
  \set vector_type vector
  \set vector_alias ruvector
\else
  \set vector_type ruvector
  \set vector_alias vector
\endif
SELECT format('%s(%s)', :'vector_type', :dimensions) AS embedding,
  :'vector_type' || '_cosine_ops' AS vector_cosine_ops,
  :'vector_type' || '_l2_ops' AS vector_l2_ops,
  :'vector_type' || '_ip_ops' AS vector_ip_ops \gset
