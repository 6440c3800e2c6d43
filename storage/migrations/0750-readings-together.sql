-- Readings whether they are rows or packed (docs/decisions/0191), for statements that read few of them and for people. What
-- reads many takes the stretches as they are and unpacks them outside. `readings` stays the table, so that it can be
-- replaced behind these, as the way to TimescaleDB does. All are inlined into the query around them.

-- As unpacked_readings(), of which this is the whole: but blocks before the given one, and blocks none of whose times can
-- lie in [from, to), are passed over by their headers.
CREATE FUNCTION unpacked_between(device_id integer, metric smallint, since timestamptz, packed bytea,
  "from" timestamptz, "to" timestamptz, first_block integer)
RETURNS TABLE ("time" timestamptz, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1440 AS $$
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
  CROSS JOIN LATERAL generate_series(0, block.readings - 1) AS i
$$;
COMMENT ON FUNCTION unpacked_between IS 'The readings of a stretch but for blocks that have none in [from, to): others are among them.';

CREATE OR REPLACE FUNCTION unpacked_readings(device_id integer, metric smallint, since timestamptz, packed bytea)
RETURNS TABLE ("time" timestamptz, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1440 AS $$
  SELECT one.time, one.value FROM unpacked_between($1, $2, $3, $4, '-infinity', 'infinity', 0) AS one
$$;

-- The last block is where the last reading is; how many there are is in bytes 5 and 6.
CREATE FUNCTION last_of_stretch(device_id integer, metric smallint, since timestamptz, packed bytea)
RETURNS TABLE ("time" timestamptz, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
  SELECT one.time, one.value
  FROM unpacked_between($1, $2, $3, $4, '-infinity', 'infinity', get_byte($4, 5) * 256 + get_byte($4, 6) - 1) AS one
  ORDER BY one.time DESC LIMIT 1
$$;
COMMENT ON FUNCTION last_of_stretch IS 'The last reading of a stretch.';

CREATE OR REPLACE FUNCTION readings_between(device_id integer, metric smallint, "from" timestamptz, "to" timestamptz)
RETURNS TABLE ("time" timestamptz, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1440 AS $$
  SELECT r.time, r.value FROM readings AS r
  WHERE r.device_id = $1 AND r.metric = $2 AND r.time >= $3 AND r.time < $4
  UNION ALL
  SELECT one.time, one.value FROM packed_readings AS p
  CROSS JOIN LATERAL unpacked_between(p.device_id, p.metric, p.since, p.packed, $3, $4, 0) AS one
  WHERE p.device_id = $1 AND p.metric = $2 AND p.since > $3 - interval '24 hours' AND p.since < $4
    AND one.time >= $3 AND one.time < $4
$$;

-- What is asked of device and metric outside of it is asked of both sides.
CREATE FUNCTION readings_between("from" timestamptz, "to" timestamptz)
RETURNS TABLE (device_id integer, metric smallint, "time" timestamptz, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000000 AS $$
  SELECT r.device_id, r.metric, r.time, r.value FROM readings AS r WHERE r.time >= $1 AND r.time < $2
  UNION ALL
  SELECT p.device_id, p.metric, one.time, one.value FROM packed_readings AS p
  CROSS JOIN LATERAL unpacked_between(p.device_id, p.metric, p.since, p.packed, $1, $2, 0) AS one
  WHERE p.since > $1 - interval '24 hours' AND p.since < $2 AND one.time >= $1 AND one.time < $2
$$;
COMMENT ON FUNCTION readings_between(timestamptz, timestamptz) IS
  'Readings in an interval, whether they are rows or packed; say WHERE device_id and metric, which both sides have an index for.';

-- Of a key: the latest of its rows, or of its last stretch where that is later. It may be: rows of a week that is packed are
-- of readings that came late. A stretch is no longer than 24 hours, so most need not be looked into.
CREATE FUNCTION latest_reading(device_id integer, metric smallint)
RETURNS TABLE ("time" timestamptz, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
  SELECT latest.time, latest.value FROM (
    (SELECT r.time, r.value FROM readings AS r WHERE r.device_id = $1 AND r.metric = $2 ORDER BY r.time DESC LIMIT 1)
    UNION ALL
    (SELECT one.time, one.value FROM (
      SELECT last.since, last.packed FROM (
        SELECT p.since, p.packed FROM packed_readings AS p
        WHERE p.device_id = $1 AND p.metric = $2 ORDER BY p.since DESC LIMIT 1
      ) AS last
      WHERE last.since + interval '24 hours' > coalesce((
        SELECT r.time FROM readings AS r WHERE r.device_id = $1 AND r.metric = $2 ORDER BY r.time DESC LIMIT 1), '-infinity')
      OFFSET 0
    ) AS last CROSS JOIN LATERAL last_of_stretch($1, $2, last.since, last.packed) AS one)
  ) AS latest ORDER BY latest.time DESC LIMIT 1
$$;
COMMENT ON FUNCTION latest_reading IS 'The latest reading of a key, whether it is a row or packed.';

-- Of a key in [from, to): one row, of null where there is none. A function of a relation and not of a value: that would not
-- be inlined, and see what was there when the statement around it began, a week that was packed since in neither place.
CREATE FUNCTION first_reading(device_id integer, metric smallint, "from" timestamptz, "to" timestamptz)
RETURNS TABLE ("time" timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
  SELECT least(
    (SELECT r.time FROM readings AS r
      WHERE r.device_id = $1 AND r.metric = $2 AND r.time >= $3 AND r.time < $4 ORDER BY r.time LIMIT 1),
    (SELECT p.since FROM packed_readings AS p
      WHERE p.device_id = $1 AND p.metric = $2 AND p.since >= $3 AND p.since < $4 ORDER BY p.since LIMIT 1),
    (SELECT min(one.time) FROM (
      SELECT p.since, p.packed FROM packed_readings AS p
      WHERE p.device_id = $1 AND p.metric = $2 AND p.since < $3 AND p.since > $3 - interval '24 hours'
      ORDER BY p.since DESC LIMIT 1
    ) AS begun CROSS JOIN LATERAL unpacked_between($1, $2, begun.since, begun.packed, $3, $4, 0) AS one
    WHERE one.time >= $3 AND one.time < $4))
$$;
COMMENT ON FUNCTION first_reading IS 'When the first reading of a key in an interval was, whether it is a row or packed.';

-- As in 0010, of rows and packed. VOLATILE: a STABLE function sees what was there when the statement around it began, and a
-- week that is packed between that and the first look into `readings` would be in neither place. Of the hours that are read
-- themselves a stretch is unpacked once, not once an hour.
CREATE OR REPLACE FUNCTION grafana.readings(devices text[], metric text, "from" timestamptz, "to" timestamptz, width interval)
  RETURNS TABLE ("time" timestamptz, device text, n bigint, min double precision, mean double precision, max double precision)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
DECLARE
  -- Of the rollups: [since, until), whole hours; empty where buckets are no whole minutes.
  since timestamptz := "from";
  until timestamptz := "from";
  state rollup_state%ROWTYPE;
  seconds numeric := extract(epoch FROM width);
  rolled text;
BEGIN
  IF seconds >= 60 AND seconds % 60 = 0 THEN
    SELECT * INTO state FROM rollup_state;
    since := date_bin('1 hour', "from" + interval '1 hour' - interval '1 microsecond', 'epoch');
    until := greatest(since, least(date_bin('1 hour', "to", 'epoch'), state.rolled));
  END IF;
  IF seconds % 3600 = 0 THEN
    rolled := 'SELECT h.time, h.n, h.sum, h.min, h.max FROM hour h';
  ELSE
    rolled := 'SELECT m.time, m.n, m.sum, m.min, m.max FROM hour h CROSS JOIN LATERAL (
                 SELECT * FROM readings_1m m WHERE m.device_id = d.id AND m.metric = $2
                    AND m.time >= h.time AND m.time < h.time + interval ''1 hour'' OFFSET 0
               ) m WHERE h.n > 120
               UNION ALL
               SELECT r.time, 1, r.value, r.value, r.value FROM hour h CROSS JOIN LATERAL (
                 SELECT * FROM readings r WHERE r.device_id = d.id AND r.metric = $2
                    AND r.time >= h.time AND r.time < h.time + interval ''1 hour'' OFFSET 0
               ) r WHERE h.n <= 120
               UNION ALL
               SELECT one.time, 1, one.value, one.value, one.value FROM packed_readings p
                 CROSS JOIN LATERAL unpacked_between(p.device_id, p.metric, p.since, p.packed, $6, $7, 0) one
                WHERE p.device_id = d.id AND p.metric = $2 AND p.since > $6 - interval ''24 hours'' AND p.since < $7
                  AND one.time >= $6 AND one.time < $7
                  AND date_bin(''1 hour'', one.time, ''epoch'') IN (SELECT h.time FROM hour h WHERE h.n <= 120)';
  END IF;
  RETURN QUERY EXECUTE format(
    'SELECT bucket.time, d.name::text, bucket.n, bucket.min, bucket.sum / bucket.n, bucket.max
       FROM devices d CROSS JOIN LATERAL (
         WITH hour AS MATERIALIZED (
           SELECT * FROM readings_1h h
            WHERE h.device_id = d.id AND h.metric = $2 AND h.time >= $6 AND h.time < $7 AND NOT EXISTS (
              SELECT FROM rollup_marks k WHERE k.device_id = d.id AND k.metric = $2 AND k.day >= $8
                 AND k.day = date_bin(''1 day'', h.time, ''epoch''))
         )
         SELECT date_bin(greatest($5, interval ''1 ms''), part.time, ''epoch'') AS time, sum(part.n)::bigint AS n,
                sum(part.sum) AS sum, min(part.min), max(part.max)
           FROM (
             SELECT r.time, 1 AS n, r.value AS sum, r.value AS min, r.value AS max
               FROM readings_between(d.id, $2, $3, least($6, $4)) r
             UNION ALL
             SELECT r.time, 1, r.value, r.value, r.value FROM readings_between(d.id, $2, greatest($7, $3), $4) r
             UNION ALL
             %s
             UNION ALL
             SELECT r.time, 1, r.value, r.value, r.value FROM (
                SELECT DISTINCT k.day FROM rollup_marks k WHERE k.device_id = d.id AND k.metric = $2 AND k.day >= $8
                   AND k.day < $7 AND k.day > $6 - interval ''1 day''
              ) marked CROSS JOIN LATERAL
                readings_between(d.id, $2, greatest(marked.day, $6), least(marked.day + interval ''1 day'', $7)) r
           ) part GROUP BY 1
       ) bucket
      WHERE d.name = ANY ($1) ORDER BY 1, 2', rolled)
    USING devices, (SELECT code FROM grafana.metrics m WHERE m.metric = $2), "from", "to", width, since, until,
      coalesce(state.kept, '-infinity');
END $$;

-- The last reading of every key, or of some devices' keys: one index probe each.
CREATE OR REPLACE FUNCTION grafana.latest(devices text[] DEFAULT NULL)
  RETURNS TABLE (device text, metric text, unit text, "time" timestamptz, value double precision)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
BEGIN
  RETURN QUERY EXECUTE
    'SELECT d.name::text, m.metric, m.unit, r.time, r.value
       FROM devices d JOIN reading_keys k ON k.device_id = d.id JOIN grafana.metrics m ON m.code = k.metric
       CROSS JOIN LATERAL latest_reading(k.device_id, k.metric) r
      WHERE $1 IS NULL OR d.name = ANY ($1)'
    USING devices;
END $$;
