-- grafana.tables (0085) with TimescaleDB's chunks, which lie in a schema of their own: what counts is where the table is
-- that they belong to. What its columnstore has compressed it keeps elsewhere again; that is not in here.
CREATE OR REPLACE VIEW grafana.tables AS
  SELECT coalesce(parent.relname, own.relname)::text AS "table", sum(pg_total_relation_size(own.oid))::bigint AS bytes
  FROM pg_class own LEFT JOIN pg_inherits i ON i.inhrelid = own.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
  WHERE own.relkind IN ('r', 'm')
    AND coalesce(parent.relnamespace, own.relnamespace) = 'public'::regnamespace GROUP BY 1;
