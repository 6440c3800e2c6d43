-- Which weeks are packed (docs/decisions/0195), so that upkeep, retention and the way back find them without reading the
-- stretches; and two functions that judge a stretch without unpacking it.
CREATE TABLE packed_weeks (
  from_at timestamptz PRIMARY KEY,
  stretches bigint NOT NULL,
  readings bigint NOT NULL,
  bytes bigint NOT NULL,
  packed_at bigint NOT NULL,
  rows_since bigint
);
COMMENT ON TABLE packed_weeks IS 'Weeks of which readings are packed.';
COMMENT ON COLUMN packed_weeks.from_at IS 'When the week begins: a partition''s bound.';
COMMENT ON COLUMN packed_weeks.stretches IS 'Rows it has in packed_readings.';
COMMENT ON COLUMN packed_weeks.readings IS 'Readings in them.';
COMMENT ON COLUMN packed_weeks.bytes IS 'Bytes of what is packed, without what a row costs.';
COMMENT ON COLUMN packed_weeks.packed_at IS 'When it was last packed, epoch ms UTC.';
COMMENT ON COLUMN packed_weeks.rows_since IS 'When upkeep first saw that it has a partition again, of readings that came late; epoch ms UTC; null while it has none.';

CREATE FUNCTION packed_count(packed bytea) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN length(packed) < 15 THEN 0
    ELSE (get_byte(packed, 2)::bigint << 16) + (get_byte(packed, 3) << 8) + get_byte(packed, 4) END
$$;
COMMENT ON FUNCTION packed_count IS 'How many readings a stretch says that it holds; of a damaged one any number.';

CREATE FUNCTION packed_stretch_is_whole(device_id integer, metric smallint, since timestamptz, packed bytea) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT length(packed) >= 15 AND get_byte(packed, 0) = 1 AND substr(packed, 8, 4) = substr(sha256(
    int4send(device_id) || int2send(metric) || int8send((extract(epoch FROM since) * 1000)::bigint)
      || substr(packed, 1, 7) || substr(packed, 12)), 1, 4)
$$;
COMMENT ON FUNCTION packed_stretch_is_whole IS 'Whether a stretch''s check is right and its form known: what unpacked_readings() refuses otherwise.';
