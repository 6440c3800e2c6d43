-- Where packed readings lie (docs/decisions/0167). A reading is in `readings` or in here, never in both: what is packed is
-- written and its rows are dropped in one transaction. Empty until a week is packed.
CREATE TABLE packed_readings (
  device_id integer NOT NULL,
  metric smallint NOT NULL,
  since timestamptz NOT NULL,
  packed bytea NOT NULL,
  PRIMARY KEY (device_id, metric, since)
);
-- Bits do not compress further.
ALTER TABLE packed_readings ALTER COLUMN packed SET STORAGE EXTERNAL;
COMMENT ON TABLE packed_readings IS 'Readings of old weeks, a row a stretch of a key: at most one UTC day.';
COMMENT ON COLUMN packed_readings.device_id IS 'Device (devices.id).';
COMMENT ON COLUMN packed_readings.metric IS 'Code of the metric (domain/metric.ts).';
COMMENT ON COLUMN packed_readings.since IS 'Time of the first reading in it.';
COMMENT ON COLUMN packed_readings.packed IS 'The readings, as storage/packed/packed-stretch.ts says; unpacked_readings() gives them.';

CREATE TABLE packing_readings (LIKE packed_readings INCLUDING ALL);
COMMENT ON TABLE packing_readings IS 'What a week will be packed into, while it is being made: nobody reads it.';
COMMENT ON COLUMN packing_readings.device_id IS 'Device (devices.id).';
COMMENT ON COLUMN packing_readings.metric IS 'Code of the metric (domain/metric.ts).';
COMMENT ON COLUMN packing_readings.since IS 'Time of the first reading in it.';
COMMENT ON COLUMN packing_readings.packed IS 'The readings, as in packed_readings.';

-- Readings of a key with event times [from, to), rows and packed, each once; in no order. Inlined into the query around it.
-- No stretch is longer than 24 hours: not `1 day`, which in a zone with summer time is another number of hours.
CREATE FUNCTION readings_between(device_id integer, metric smallint, "from" timestamptz, "to" timestamptz)
RETURNS TABLE ("time" timestamptz, value double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1440 AS $$
  SELECT r.time, r.value FROM readings AS r
  WHERE r.device_id = $1 AND r.metric = $2 AND r.time >= $3 AND r.time < $4
  UNION ALL
  SELECT one.time, one.value FROM packed_readings AS p
  CROSS JOIN LATERAL unpacked_readings(p.device_id, p.metric, p.since, p.packed) AS one
  WHERE p.device_id = $1 AND p.metric = $2 AND p.since > $3 - interval '24 hours' AND p.since < $4
    AND one.time >= $3 AND one.time < $4
$$;
COMMENT ON FUNCTION readings_between IS 'Readings of a key in an interval, whether they are rows or packed.';
