-- What asks for rows and stretches is planned in the time of rows (docs/decisions/0212). unpacked_between() computes and asks
-- nothing, so that no snapshot is at stake: written in PL/pgSQL it is no longer taken into the query around it, where its
-- planning cost two milliseconds a mention, and is planned once a connection, when a stretch is first unpacked.

CREATE OR REPLACE FUNCTION unpacked_between(device_id integer, metric smallint, since timestamptz, packed bytea,
  "from" timestamptz, "to" timestamptz, first_block integer)
RETURNS TABLE ("time" timestamptz, value double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1440 SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  RETURN QUERY
  SELECT
    unpacked_between.since + block.unit * (block.first + i * block.span / greatest(block.readings - 1, 1)
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
    SELECT packed_stretch_bits(unpacked_between.device_id, unpacked_between.metric, unpacked_between.since, unpacked_between.packed) AS bits
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
      FROM generate_series(unpacked_between.first_block, substring(whole.bits, 41, 16)::integer - 1) AS nth OFFSET 0
    ) AS header
    WHERE unpacked_between.since + (ARRAY[1, 10, 100, 1000, 60000])[header.unit + 1] * (header.first - header.below)
        * interval '1 millisecond' < unpacked_between."to"
      AND unpacked_between.since + (ARRAY[1, 10, 100, 1000, 60000])[header.unit + 1]
        * (header.first + header.span - header.below + (1::bigint << header.time_width)) * interval '1 millisecond'
        > unpacked_between."from"
    OFFSET 0
  ) AS block
  CROSS JOIN LATERAL generate_series(0, block.readings - 1) AS i;
END $$;

-- As in 0750, with one look at the rows: over sixty partitions each costs milliseconds of planning.
CREATE OR REPLACE FUNCTION latest_reading(device_id integer, metric smallint)
RETURNS TABLE ("time" timestamptz, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
  SELECT greatest(own.time, last.time),
    CASE WHEN own.time IS NULL OR last.time > own.time THEN last.value ELSE own.value END
  FROM (SELECT) AS one
  LEFT JOIN LATERAL (
    SELECT r.time, r.value FROM readings AS r WHERE r.device_id = $1 AND r.metric = $2 ORDER BY r.time DESC LIMIT 1
  ) AS own ON true
  LEFT JOIN LATERAL (
    SELECT last.time, last.value FROM (
      SELECT begun.since, begun.packed FROM (
        SELECT p.since, p.packed FROM packed_readings AS p
        WHERE p.device_id = $1 AND p.metric = $2 ORDER BY p.since DESC LIMIT 1
      ) AS begun WHERE begun.since + interval '24 hours' > coalesce(own.time, '-infinity') OFFSET 0
    ) AS stretch CROSS JOIN LATERAL last_of_stretch($1, $2, stretch.since, stretch.packed) AS last
  ) AS last ON true
  WHERE own.time IS NOT NULL OR last.time IS NOT NULL
$$;
