-- The vector engine, and the names under which migrations and clients speak to either one.
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

BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS :"vector_type" SCHEMA public;
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS citus \gset
\if :citus
  -- From before Citus came it is on no worker; made anew it is. Where a column has it, it goes with the column's table.
  SELECT EXISTS (
    SELECT FROM pg_type AS t WHERE t.oid = to_regtype(format('public.%I', :'vector_alias'))
      AND NOT EXISTS (SELECT FROM pg_dist_object AS d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid)
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid = t.oid AND d.deptype = 'n')
  ) AS alias_local \gset
  \if :alias_local
    DROP DOMAIN public.:"vector_alias";
  \endif
\endif
SELECT to_regtype(format('public.%I', :'vector_alias')) IS NULL AS alias_missing \gset
\if :alias_missing
  CREATE DOMAIN public.:"vector_alias" AS public.:"vector_type";
\endif
COMMIT;
