-- The original record (docs/decisions/0021-the-original-record.md): a third family of the log carries messages as they
-- were received, in the commit of what was made of them, and the archive keeps them.
CREATE TABLE log_originals (LIKE log_readings INCLUDING ALL) PARTITION BY RANGE (position);

-- One row a segment, numbered from 1 without holes. `sha256` is over the previous one's and this row's statement
-- (storage/archive/segment.ts): a segment changed or taken away breaks the chain. `content` is zstd; null once its
-- record period has ended, while the row stays and holds the chain together.
CREATE TABLE archive_segments (
  number bigint PRIMARY KEY,
  first_position bigint NOT NULL,
  last_position bigint NOT NULL,
  -- Arrival of the messages, epoch ms UTC, both inclusive.
  arrived_from bigint NOT NULL,
  arrived_to bigint NOT NULL,
  messages integer NOT NULL,
  bytes bigint NOT NULL,
  content_sha256 bytea NOT NULL,
  sha256 bytea NOT NULL,
  content bytea
);
-- Compressed already.
ALTER TABLE archive_segments ALTER COLUMN content SET STORAGE EXTERNAL;

-- Which segments speak of a device, reader, gateway, shipment or capture, at event times [from_at, to_at].
CREATE TABLE archive_index (
  subject text COLLATE "C" NOT NULL,
  to_at bigint NOT NULL,
  from_at bigint NOT NULL,
  segment bigint NOT NULL,
  PRIMARY KEY (subject, to_at, from_at, segment)
);
CREATE INDEX archive_index_segment ON archive_index USING brin (segment);

-- Appends records to one partition and returns where: `base` is the position of the first one that was new, `known`
-- the earlier position of those recognised (null where none was), `previous` the head before, `number` the segment.
-- Positions are given under the row lock of the head, which is held until commit. Arrays run in parallel, a row each.
CREATE OR REPLACE FUNCTION log_append(
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
CREATE OR REPLACE FUNCTION log_read(
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
