-- The log (docs/decisions/0003-the-log-in-postgres.md): three families of records, the head of every partition, one
-- function that appends and one that reads. It is transport: what state is rebuilt from are the record tables. Payloads
-- are binary already and compressed where it pays: stored outside the row as they are.
COMMENT ON TABLE isotherm_migrations IS 'Which files of storage/migrations this database has had.';
COMMENT ON COLUMN isotherm_migrations.id IS 'Number of the file.';
COMMENT ON COLUMN isotherm_migrations.name IS 'Name of the file.';
COMMENT ON COLUMN isotherm_migrations.sha256 IS 'Of the file as it was applied, hex: an edited file is refused.';
COMMENT ON COLUMN isotherm_migrations.applied_at IS 'When it was applied.';

CREATE TABLE log_readings (
  position bigint NOT NULL,
  partition smallint NOT NULL,
  kind text NOT NULL,
  version smallint NOT NULL,
  source text NOT NULL,
  sequence bigint,
  arrival bigint NOT NULL,
  payload bytea NOT NULL,
  PRIMARY KEY (partition, position)
) PARTITION BY RANGE (position);
COMMENT ON TABLE log_readings IS 'Log records of the family `readings`. Segment n is the table log_readings_n with positions [n * 2^20, (n + 1) * 2^20), so that old records leave by dropping a table.';
COMMENT ON COLUMN log_readings.position IS 'Place in the partition, rising; without holes within a segment.';
COMMENT ON COLUMN log_readings.partition IS 'Partition of the family.';
COMMENT ON COLUMN log_readings.kind IS 'What the payload holds, as `readings`, `fact`, `tick`.';
COMMENT ON COLUMN log_readings.version IS 'Version of the payload''s format.';
COMMENT ON COLUMN log_readings.source IS 'Who sent it.';
COMMENT ON COLUMN log_readings.sequence IS 'Number the source gave it, by which a resend is recognised; null where it gives none.';
COMMENT ON COLUMN log_readings.arrival IS 'When it arrived, epoch ms UTC.';
COMMENT ON COLUMN log_readings.payload IS 'The record itself.';
ALTER TABLE log_readings ALTER COLUMN payload SET STORAGE EXTERNAL;

-- LIKE takes the comments of the columns along.
CREATE TABLE log_trace (LIKE log_readings INCLUDING ALL) PARTITION BY RANGE (position);
COMMENT ON TABLE log_trace IS 'Log records of the family `trace`: facts, sightings, ticks, in one order.';
-- The original record (docs/decisions/0021-the-original-record.md).
CREATE TABLE log_originals (LIKE log_readings INCLUDING ALL) PARTITION BY RANGE (position);
COMMENT ON TABLE log_originals IS 'Log records of the family `originals`: messages as they were received, in the commit of what was made of them, until the archive has them.';

-- Whoever appends holds the row lock of the head until commit: that is what makes positions appear in order.
CREATE TABLE log_head (
  family text NOT NULL,
  partition smallint NOT NULL,
  position bigint NOT NULL DEFAULT 0,
  segment bigint NOT NULL DEFAULT 0,
  segment_bytes bigint NOT NULL DEFAULT 0,
  segment_opened bigint,
  floor bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (family, partition)
) WITH (fillfactor = 20);
COMMENT ON TABLE log_head IS 'How far each partition of the log has come: one row each.';
COMMENT ON COLUMN log_head.family IS 'Family of records.';
COMMENT ON COLUMN log_head.partition IS 'Partition of the family.';
COMMENT ON COLUMN log_head.position IS 'Last position given.';
COMMENT ON COLUMN log_head.segment IS 'Segment that is appended to.';
COMMENT ON COLUMN log_head.segment_bytes IS 'Payload bytes in it.';
COMMENT ON COLUMN log_head.segment_opened IS 'When its first record came, epoch ms UTC; null while it is empty.';
COMMENT ON COLUMN log_head.floor IS 'Last position that was dropped with its segment; records at or below it are gone.';

CREATE TABLE log_segments (
  family text NOT NULL,
  partition smallint NOT NULL,
  number bigint NOT NULL,
  last bigint NOT NULL,
  bytes bigint NOT NULL,
  opened bigint NOT NULL,
  closed bigint NOT NULL,
  PRIMARY KEY (family, partition, number)
);
COMMENT ON TABLE log_segments IS 'Closed segments of the log that are still there.';
COMMENT ON COLUMN log_segments.family IS 'Family of records.';
COMMENT ON COLUMN log_segments.partition IS 'Partition of the family.';
COMMENT ON COLUMN log_segments.number IS 'Number of the segment.';
COMMENT ON COLUMN log_segments.last IS 'Last position used in it.';
COMMENT ON COLUMN log_segments.bytes IS 'Payload bytes.';
COMMENT ON COLUMN log_segments.opened IS 'When its first record came, epoch ms UTC.';
COMMENT ON COLUMN log_segments.closed IS 'When the next segment began, epoch ms UTC.';

-- The digest keeps apart what a sender gave one number although it differs: two kinds of record out of one batch, or a
-- gateway that lost its spool and counts from 1 again.
CREATE TABLE log_identity (
  source text NOT NULL,
  family text NOT NULL,
  partition smallint NOT NULL,
  sequence bigint NOT NULL,
  digest bigint NOT NULL,
  position bigint NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (source, family, partition, sequence, digest)
);
COMMENT ON TABLE log_identity IS 'Which numbered records have been appended, so that a resend is recognised.';
COMMENT ON COLUMN log_identity.source IS 'Who sent it.';
COMMENT ON COLUMN log_identity.family IS 'Family it was appended to.';
COMMENT ON COLUMN log_identity.partition IS 'Partition it was appended to.';
COMMENT ON COLUMN log_identity.sequence IS 'Number the source gave it.';
COMMENT ON COLUMN log_identity.digest IS 'First 64 bits of a hash over kind and payload.';
COMMENT ON COLUMN log_identity.position IS 'Where it was appended.';
COMMENT ON COLUMN log_identity.at IS 'When it was appended, epoch ms UTC.';
CREATE INDEX log_identity_at ON log_identity (at);

CREATE TABLE log_consumers (
  name text PRIMARY KEY,
  mandatory boolean NOT NULL,
  declared bigint NOT NULL,
  seen bigint NOT NULL
);
COMMENT ON TABLE log_consumers IS 'Every consumer of the log that was ever declared, in whichever process.';
COMMENT ON COLUMN log_consumers.name IS 'Name of the consumer.';
COMMENT ON COLUMN log_consumers.mandatory IS 'The log keeps records until it has had them.';
COMMENT ON COLUMN log_consumers.declared IS 'When it was first declared, epoch ms UTC.';
COMMENT ON COLUMN log_consumers.seen IS 'When its process last declared it, epoch ms UTC.';

CREATE TABLE log_checkpoints (
  consumer text NOT NULL REFERENCES log_consumers (name) ON DELETE CASCADE,
  family text NOT NULL,
  partition smallint NOT NULL,
  position bigint NOT NULL DEFAULT 0,
  detached bigint,
  PRIMARY KEY (consumer, family, partition)
) WITH (fillfactor = 20);
COMMENT ON TABLE log_checkpoints IS 'How far each consumer has come in each partition, moved in the transaction of its effects.';
COMMENT ON COLUMN log_checkpoints.consumer IS 'Name of the consumer.';
COMMENT ON COLUMN log_checkpoints.family IS 'Family it reads.';
COMMENT ON COLUMN log_checkpoints.partition IS 'Partition of the family.';
COMMENT ON COLUMN log_checkpoints.position IS 'Last position it has finished.';
COMMENT ON COLUMN log_checkpoints.detached IS 'When an optional consumer fell behind the cap and lost its hold on segments, epoch ms UTC; null while it has it.';

CREATE TABLE log_dead (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer text NOT NULL,
  family text NOT NULL,
  partition smallint NOT NULL,
  position bigint NOT NULL,
  kind text NOT NULL,
  version smallint NOT NULL,
  source text NOT NULL,
  sequence bigint,
  arrival bigint NOT NULL,
  reason text NOT NULL,
  payload bytea NOT NULL,
  at bigint NOT NULL,
  UNIQUE (consumer, family, partition, position)
);
COMMENT ON TABLE log_dead IS 'Records that a consumer could not take; it went on without them.';
COMMENT ON COLUMN log_dead.id IS 'Number of the row.';
COMMENT ON COLUMN log_dead.consumer IS 'Who could not take it.';
COMMENT ON COLUMN log_dead.family IS 'Family of the record.';
COMMENT ON COLUMN log_dead.partition IS 'Partition of the record.';
COMMENT ON COLUMN log_dead.position IS 'Its position.';
COMMENT ON COLUMN log_dead.kind IS 'Its kind.';
COMMENT ON COLUMN log_dead.version IS 'Version of its payload.';
COMMENT ON COLUMN log_dead.source IS 'Who sent it.';
COMMENT ON COLUMN log_dead.sequence IS 'Number the source gave it.';
COMMENT ON COLUMN log_dead.arrival IS 'When it arrived, epoch ms UTC.';
COMMENT ON COLUMN log_dead.reason IS 'Why it could not be taken.';
COMMENT ON COLUMN log_dead.payload IS 'The record itself.';
COMMENT ON COLUMN log_dead.at IS 'When it was set aside, epoch ms UTC.';

-- Appends records to one partition and returns where: `base` is the position of the first one that was new, `known`
-- the earlier position of those recognised (null where none was), `previous` the head before, `number` the segment.
-- Positions are given under the row lock of the head, which is held until commit. Arrays run in parallel, a row each.
CREATE FUNCTION log_append(
  a_family text, a_partition smallint, a_tag text, a_now bigint, a_roll_bytes bigint, a_roll_ms bigint, a_bytes bigint,
  a_identified boolean, a_kind text[], a_version smallint[], a_source text[], a_sequence bigint[], a_digest bigint[],
  a_arrival bigint[], a_payload bytea[],
  OUT previous bigint, OUT base bigint, OUT head bigint, OUT number bigint, OUT known bigint[]
) LANGUAGE plpgsql
-- Plans are made once, at the sight of tables without statistics; an index is always right.
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  width CONSTANT bigint := 1048576;
  h log_head%ROWTYPE;
  fresh bigint := cardinality(a_payload);
BEGIN
  SELECT * INTO STRICT h FROM log_head l WHERE l.family = a_family AND l.partition = a_partition FOR NO KEY UPDATE;
  previous := h.position;

  IF a_identified THEN
    -- A subquery, not a join: it can only be looked up in the index, one by one.
    SELECT array_agg(s.position ORDER BY s.row), count(*) FILTER (WHERE s.position IS NULL)
      INTO known, fresh
      FROM (SELECT u.row, (SELECT i.position FROM log_identity i
                            WHERE i.source = u.source AND i.family = a_family AND i.partition = a_partition
                              AND i.sequence = u.sequence AND i.digest = u.digest) AS position
              FROM unnest(a_source, a_sequence, a_digest) WITH ORDINALITY u (source, sequence, digest, row)) s;
    IF fresh = cardinality(a_payload) THEN
      known := NULL;
    ELSE
      SELECT array_agg(u.kind ORDER BY u.row), array_agg(u.version ORDER BY u.row), array_agg(u.source ORDER BY u.row),
             array_agg(u.sequence ORDER BY u.row), array_agg(u.digest ORDER BY u.row),
             array_agg(u.arrival ORDER BY u.row), array_agg(u.payload ORDER BY u.row)
        INTO a_kind, a_version, a_source, a_sequence, a_digest, a_arrival, a_payload
        FROM unnest(a_kind, a_version, a_source, a_sequence, a_digest, a_arrival, a_payload)
          WITH ORDINALITY u (kind, version, source, sequence, digest, arrival, payload, row)
       WHERE known[u.row] IS NULL;
    END IF;
  END IF;

  number := h.segment;
  base := h.position + 1;
  head := h.position;
  IF fresh = 0 THEN
    RETURN;
  END IF;

  -- A segment ends when it is full, large or old; the next one begins at its own first position.
  IF h.segment_opened IS NOT NULL AND (h.segment_bytes >= a_roll_bytes OR a_now - h.segment_opened >= a_roll_ms
      OR base + fresh > (h.segment + 1) * width) THEN
    INSERT INTO log_segments VALUES
      (a_family, a_partition, h.segment, h.position, h.segment_bytes, h.segment_opened, a_now);
    h.segment_bytes := 0;
    h.segment_opened := NULL;
    number := h.segment + 1;
    base := number * width;
  END IF;
  head := base + fresh - 1;

  -- unnest in the select list streams row by row; in FROM it would spool every payload first.
  IF a_family = 'readings' THEN
    INSERT INTO log_readings (position, partition, kind, version, source, sequence, arrival, payload)
    SELECT generate_series(base, head), a_partition, unnest(a_kind), unnest(a_version), unnest(a_source),
           unnest(a_sequence), unnest(a_arrival), unnest(a_payload);
  ELSIF a_family = 'originals' THEN
    INSERT INTO log_originals (position, partition, kind, version, source, sequence, arrival, payload)
    SELECT generate_series(base, head), a_partition, unnest(a_kind), unnest(a_version), unnest(a_source),
           unnest(a_sequence), unnest(a_arrival), unnest(a_payload);
  ELSE
    INSERT INTO log_trace (position, partition, kind, version, source, sequence, arrival, payload)
    SELECT generate_series(base, head), a_partition, unnest(a_kind), unnest(a_version), unnest(a_source),
           unnest(a_sequence), unnest(a_arrival), unnest(a_payload);
  END IF;

  IF a_identified THEN
    INSERT INTO log_identity (source, family, partition, sequence, digest, position, at)
    SELECT u.source, a_family, a_partition, u.sequence, u.digest, base + u.row - 1, a_now
      FROM unnest(a_source, a_sequence, a_digest) WITH ORDINALITY u (source, sequence, digest, row)
     WHERE u.sequence IS NOT NULL;
  END IF;

  UPDATE log_head l
     SET position = head, segment = number, segment_bytes = h.segment_bytes + a_bytes,
         segment_opened = coalesce(h.segment_opened, a_now)
   WHERE l.family = a_family AND l.partition = a_partition;
  PERFORM pg_notify('isotherm_log', a_family || '/' || a_partition || ':' || head || ':' || a_tag);
END
$$;

-- Reads on from a position: at least one record if there is one, no more than so many and so many payload bytes. The
-- last row holds no record but the floor: if that is beyond a_after, segments were dropped and records are missing. It
-- is read last, so that a drop in between shows.
CREATE FUNCTION log_read(
  a_family text, a_partition smallint, a_after bigint, a_records bigint, a_bytes bigint
) RETURNS TABLE (
  "position" bigint, kind text, version smallint, source text, sequence bigint, arrival bigint, payload bytea, floor bigint
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
#variable_conflict use_column
DECLARE
  taken bigint := 0;
  r log_readings%ROWTYPE;
  records refcursor;
BEGIN
  IF a_family = 'readings' THEN
    OPEN records FOR SELECT * FROM log_readings l
      WHERE l.partition = a_partition AND l.position > a_after ORDER BY l.position LIMIT a_records;
  ELSIF a_family = 'originals' THEN
    OPEN records FOR SELECT * FROM log_originals l
      WHERE l.partition = a_partition AND l.position > a_after ORDER BY l.position LIMIT a_records;
  ELSE
    OPEN records FOR SELECT * FROM log_trace l
      WHERE l.partition = a_partition AND l.position > a_after ORDER BY l.position LIMIT a_records;
  END IF;
  LOOP
    FETCH records INTO r;
    EXIT WHEN NOT FOUND;
    -- The size of a payload stored outside its row is known without reading it.
    taken := taken + octet_length(r.payload);
    EXIT WHEN taken > a_bytes AND position IS NOT NULL;
    position := r.position; kind := r.kind; version := r.version; source := r.source; sequence := r.sequence;
    arrival := r.arrival; payload := r.payload;
    RETURN NEXT;
  END LOOP;
  CLOSE records;
  position := NULL; kind := NULL; version := NULL; source := NULL; sequence := NULL; arrival := NULL; payload := NULL;
  SELECT h.floor INTO STRICT floor FROM log_head h WHERE h.family = a_family AND h.partition = a_partition;
  RETURN NEXT;
END
$$;
