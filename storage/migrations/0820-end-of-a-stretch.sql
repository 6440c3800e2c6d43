-- The writer packs a backlog as it comes in (docs/decisions/0228), so a key's last stretch may be of an hour ago. What comes
-- after it cannot collide; it is told by the header of the stretch's last block.

CREATE FUNCTION packed_end(since timestamptz, packed bytea) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT since + (ARRAY[1, 10, 100, 1000, 60000])[get_byte(packed, 1) + 1]
    * (sum(CASE nth / 4 WHEN 2 THEN -1 ELSE 1 END * (get_byte(packed, at + 4 + nth)::bigint << 8 * (3 - nth % 4)))
      + (1::bigint << get_byte(packed, at + 1))) * interval '1 millisecond'
  FROM (SELECT 11 + 25 * (get_byte(packed, 5) * 256 + get_byte(packed, 6) - 1) AS at) AS last, generate_series(0, 11) AS nth
  GROUP BY at
$$;
COMMENT ON FUNCTION packed_end IS 'When a stretch that is whole is over: at or after its last reading, by the width of its numbers at most.';

COMMENT ON TABLE packed_readings IS 'Readings in stretches, a row a stretch of a key: at most one UTC day. Old weeks, and backlogs as they came in.';
