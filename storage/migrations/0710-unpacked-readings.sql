-- Packed readings (storage/packed/packed-stretch.ts, docs/decisions/0167) read by SQL alone. A number of any width is one
-- `substring` of `bit varying`, so that a day costs about a millisecond and needs no loop. Not STRICT, and STABLE: so that
-- the planner takes it into the query around it and compares the times that are asked for before a value is made.

-- What stands for the bits of a stretch that are not what was written; named, so that one knows which to put back.
CREATE FUNCTION packed_stretch_damaged(device_id integer, metric smallint, since timestamptz) RETURNS bit varying
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'the stretch from % of device number %, metric % is damaged',
    to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), device_id, metric USING ERRCODE = 'data_corrupted';
END $$;

-- The bits of a stretch whose check is right and whose form is known.
CREATE FUNCTION packed_stretch_bits(device_id integer, metric smallint, since timestamptz, packed bytea) RETURNS bit varying
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN length(packed) >= 15 AND get_byte(packed, 0) = 1 AND substr(packed, 8, 4) = substr(sha256(
      int4send(device_id) || int2send(metric) || int8send((extract(epoch FROM since) * 1000)::bigint)
        || substr(packed, 1, 7) || substr(packed, 12)), 1, 4)
    THEN ('x' || encode(packed, 'hex'))::bit varying
    ELSE packed_stretch_damaged(device_id, metric, since)
  END
$$;

-- A double by the high and low halves of its bits (IEEE 754, binary64); every step is exact.
CREATE FUNCTION float8_of_bits(high bigint, low bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN (high >> 20) & 2047 = 2047 AND ((high & 1048575) << 32) + low <> 0 THEN 'NaN'::float8
    WHEN (high >> 20) & 2047 = 2047 THEN CASE WHEN high >> 31 = 1 THEN '-Infinity'::float8 ELSE 'Infinity'::float8 END
    WHEN high = 2147483648 AND low = 0 THEN '-0'::float8
    ELSE (CASE WHEN high >> 31 = 1 THEN -1.0::float8 ELSE 1.0::float8 END) * CASE
      WHEN (high >> 20) & 2047 = 0 THEN (((high & 1048575) << 32) + low)::float8 * power(2.0::float8, -1074)
      ELSE (1.0::float8 + (((high & 1048575) << 32) + low)::float8 / 4503599627370496::float8)
        * power(2.0::float8, ((high >> 20) & 2047)::float8 - 1023)
    END
  END
$$;

CREATE FUNCTION unpacked_readings(device_id integer, metric smallint, since timestamptz, packed bytea)
RETURNS TABLE ("time" timestamptz, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1440 AS $$
  SELECT
    unpacked_readings.since + block.unit * (block.first + i * block.span / greatest(block.readings - 1, 1)
      + substring(whole.bits, block.at + i * block.time_width, block.time_width)::bigint - block.below)
      * interval '1 millisecond',
    CASE
      WHEN block.form & 64 <> 0 THEN float8_of_bits(
        block.base + substring(whole.bits, block.values_at + i * block.value_width, block.value_width)::bigint,
        substring(whole.bits, block.values_at + block.readings * block.value_width + i * 32, 32)::bigint)
      WHEN block.form & 32 <> 0
        AND substring(whole.bits, block.values_at + i * block.value_width, block.value_width)::bigint
          = (1::bigint << block.value_width) - 1 THEN '-0'::float8
      WHEN block.form & 16 <> 0 THEN ((block.base
        + substring(whole.bits, block.values_at + i * block.value_width, block.value_width)::bigint)::float8 / block.scale)::float4::float8
      ELSE (block.base
        + substring(whole.bits, block.values_at + i * block.value_width, block.value_width)::bigint)::float8 / block.scale
    END
  FROM (
    SELECT packed_stretch_bits(unpacked_readings.device_id, unpacked_readings.metric, unpacked_readings.since, unpacked_readings.packed) AS bits
    OFFSET 0
  ) AS whole
  CROSS JOIN LATERAL (
    SELECT header.readings, header.time_width, header.value_width, header.form, header.first, header.span, header.below,
      header.base, header.at, header.at + header.readings * header.time_width AS values_at,
      (10.0::float8 ^ (header.form & 15)) AS scale,
      (ARRAY[1, 10, 100, 1000, 60000])[header.unit + 1] AS unit
    FROM (
      SELECT substring(whole.bits, 9, 8)::integer AS unit,
        substring(whole.bits, 89 + nth * 200, 8)::integer + 1 AS readings,
        substring(whole.bits, 97 + nth * 200, 8)::integer AS time_width,
        substring(whole.bits, 105 + nth * 200, 8)::integer AS form,
        substring(whole.bits, 113 + nth * 200, 8)::integer AS value_width,
        substring(whole.bits, 121 + nth * 200, 32)::bigint AS first,
        substring(whole.bits, 153 + nth * 200, 32)::bigint AS span,
        substring(whole.bits, 185 + nth * 200, 32)::bigint AS below,
        substring(whole.bits, 217 + nth * 200, 48)::bigint - 140737488355328 AS base,
        substring(whole.bits, 265 + nth * 200, 24)::integer * 8 + 1 AS at
      FROM generate_series(0, substring(whole.bits, 41, 16)::integer - 1) AS nth OFFSET 0
    ) AS header OFFSET 0
  ) AS block
  CROSS JOIN LATERAL generate_series(0, block.readings - 1) AS i
$$;
COMMENT ON FUNCTION unpacked_readings IS 'The readings of a stretch, in order of their times.';
