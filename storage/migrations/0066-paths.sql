-- Statements once for all subjects that share them. What 300,000 serials of one unit have gone through together is a
-- path: a few rows, and one membership each that stays as it is when the unit's story goes on. The views show every
-- statement of every subject, as the tables before did.

CREATE SEQUENCE path_ids;

-- Paths of a subject that equal each other: `since`, `until` half-open epoch ms, `holds` as in 0020-trace.sql.
CREATE FUNCTION pg_temp.interned(kind text, subject_name text, value_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I RENAME TO old_%s', kind, kind);
  EXECUTE format('CREATE TABLE %I (path bigint NOT NULL, value text, since bigint NOT NULL, until bigint,
    position bigint NOT NULL, source text NOT NULL, holds boolean NOT NULL, PRIMARY KEY (path, since, source))',
    kind || '_paths');
  EXECUTE format('CREATE TABLE %I (subject text PRIMARY KEY, path bigint NOT NULL)', kind || '_members');
  EXECUTE format('CREATE TEMP TABLE told ON COMMIT DROP AS
    SELECT subject, dense_rank() OVER (ORDER BY story) AS path FROM (
      SELECT %I AS subject, string_agg(jsonb_build_array(%I, since, position, source)::text, '','' ORDER BY since, source)
        AS story FROM old_%s GROUP BY 1) s', subject_name, value_name, kind);
  EXECUTE 'CREATE TEMP TABLE numbered ON COMMIT DROP AS
    SELECT path, nextval(''path_ids'') AS id, min(subject) AS subject FROM told GROUP BY path';
  EXECUTE format('INSERT INTO %I SELECT t.subject, n.id FROM told t JOIN numbered n USING (path)', kind || '_members');
  EXECUTE format('INSERT INTO %I SELECT n.id, o.%I, o.since, o.until, o.position, o.source, o.holds FROM old_%s o
    JOIN numbered n ON n.subject = o.%I', kind || '_paths', value_name, kind, subject_name);
  EXECUTE 'DROP TABLE told, numbered';
  EXECUTE format('DROP TABLE old_%s', kind);
  EXECUTE format('CREATE INDEX %I ON %I (path)', kind || '_members_path', kind || '_members');
  EXECUTE format('CREATE INDEX %I ON %I (value, since) WHERE holds', kind || '_paths_value', kind || '_paths');
  EXECUTE format('CREATE INDEX %I ON %I (source)', kind || '_paths_source', kind || '_paths');
  EXECUTE format('CREATE VIEW %I AS SELECT m.subject AS %I, p.value AS %I, p.since, p.until, p.position, p.source,
    p.holds, p.path FROM %I p JOIN %I m USING (path)', kind, subject_name, value_name, kind || '_paths', kind || '_members');
END $$;
SELECT pg_temp.interned('containment', 'child', 'parent');
SELECT pg_temp.interned('attachments', 'device', 'subject');
SELECT pg_temp.interned('presence', 'epc', 'place');

-- A change of what is in what concerns only passes from its moment on.
CREATE INDEX passes_since ON passes (since);
