-- What the InfluxDB mirror (docs/decisions/0019-influxdb-mirror.md) remembers beside its checkpoint.
CREATE TABLE influx_copies (
  partition smallint PRIMARY KEY,
  covers bigint NOT NULL,
  device_id integer NOT NULL,
  metric smallint NOT NULL,
  time timestamptz NOT NULL,
  is_finished boolean NOT NULL
);
COMMENT ON TABLE influx_copies IS 'Copies of all stored readings, made when log records were dropped before the mirror came to them.';
COMMENT ON COLUMN influx_copies.partition IS 'Partition of the readings family.';
COMMENT ON COLUMN influx_copies.covers IS 'Everything the writer had stored up to this log position is in it.';
COMMENT ON COLUMN influx_copies.device_id IS 'Device of the last reading sent: there a restart goes on.';
COMMENT ON COLUMN influx_copies.metric IS 'Metric of the last reading sent.';
COMMENT ON COLUMN influx_copies.time IS 'Time of the last reading sent.';
COMMENT ON COLUMN influx_copies.is_finished IS 'The copy is complete.';

-- The readings themselves are in `readings`.
CREATE TABLE influx_refused (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  reason text NOT NULL,
  points integer NOT NULL,
  lines text NOT NULL
);
COMMENT ON TABLE influx_refused IS 'Points that InfluxDB refused for what they are; only the latest refusals are kept.';
COMMENT ON COLUMN influx_refused.id IS 'Number of the refusal.';
COMMENT ON COLUMN influx_refused.at IS 'When.';
COMMENT ON COLUMN influx_refused.reason IS 'InfluxDB''s reason.';
COMMENT ON COLUMN influx_refused.points IS 'Number of points.';
COMMENT ON COLUMN influx_refused.lines IS 'The points as they were sent.';
