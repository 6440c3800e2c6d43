-- The end of a segment's record period is the only change the archive knows. It goes through one function of the role that
-- owns the archive, which holds it to an entry of the log of deletions that is under way, and writes an audit entry of its
-- own: the product's role can end a segment in no other way (docs/decisions/0030-two-database-roles.md).
CREATE TABLE archive_ended (
  segment bigint PRIMARY KEY,
  deletion bigint NOT NULL,
  audit_entry text COLLATE "C" NOT NULL
);
COMMENT ON TABLE archive_ended IS 'Segments of the archive whose content was deleted after its record period.';
COMMENT ON COLUMN archive_ended.segment IS 'Number of the segment.';
COMMENT ON COLUMN archive_ended.deletion IS 'Entry of the log of deletions that it was done for.';
COMMENT ON COLUMN archive_ended.audit_entry IS 'Entry of the audit trail that the function wrote.';

-- Whether what is missing was deleted.
CREATE INDEX deletions_by_range ON deletions (what, to_at);

CREATE FUNCTION archive_end(a_segment bigint, a_deletion bigint, a_now bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  s record;
  d record;
  id text := 'evt_' || gen_random_uuid();
  leaf text;
  number bigint;
BEGIN
  SELECT * INTO s FROM archive_segments a WHERE a.number = a_segment AND a.content IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'segment % is not there, or has ended', a_segment;
  END IF;
  SELECT * INTO d FROM deletions l WHERE l.id = a_deletion AND l.what = 'originals' AND l.finished_at IS NULL
    AND l.from_at <= s.arrived_from AND l.to_at > s.arrived_to;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no deletion of originals is under way that segment % lies in', a_segment;
  END IF;
  UPDATE archive_segments a SET content = NULL WHERE a.number = a_segment;
  DELETE FROM archive_index i WHERE i.segment = a_segment;
  -- Canonical JSON (RFC 8785): members in order, no blanks; everything in it is ASCII.
  leaf := format('{"action":"archive.end","actor":{"id":"platform","kind":"platform","name":"Isotherm"},"at":"%s","id":"%s",'
    '"new":{"deletion":%s,"setting":%s},"old":{"messages":%s,"sha256":"%s"},"origin":{"address":null,"via":"platform"},'
    '"reason":null,"subject":"archive-segment:%s","v":1}',
    to_char(to_timestamp(a_now / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), id, a_deletion,
    to_json(d.setting), s.messages, encode(s.sha256, 'hex'), a_segment);
  INSERT INTO audit_entries (id, at, actor_id, actor_name, action, subject, leaf, sha256)
    VALUES (id, to_timestamp(a_now / 1000.0), 'platform', 'Isotherm', 'archive.end', 'archive-segment:' || a_segment, leaf,
      sha256(convert_to(leaf, 'UTF8')))
    RETURNING audit_entries.number INTO number;
  INSERT INTO audit_unplaced VALUES (number);
  INSERT INTO archive_ended VALUES (a_segment, a_deletion, id);
END $$;

-- As in 0010, but for the schema that our tables are in.
CREATE OR REPLACE VIEW grafana.tables AS
  SELECT coalesce(parent.relname, own.relname)::text AS "table", sum(pg_total_relation_size(own.oid))::bigint AS bytes
  FROM pg_class own LEFT JOIN pg_inherits i ON i.inhrelid = own.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
  WHERE own.relkind IN ('r', 'm')
    AND coalesce(parent.relnamespace, own.relnamespace)
      = (SELECT relnamespace FROM pg_class WHERE oid = 'isotherm_migrations'::regclass) GROUP BY 1;
