-- Readings (docs/decisions/0017), what is made of them, and what was refused. Readings carry a four-byte number instead
-- of the device's name: at billions of rows the name would outweigh the value.
CREATE TABLE devices (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE
);
COMMENT ON TABLE devices IS 'Every device that ever sent a reading.';
COMMENT ON COLUMN devices.id IS 'Number that stands for it in readings.';
COMMENT ON COLUMN devices.name IS 'Its device id.';

CREATE TABLE reading_keys (
  device_id integer NOT NULL REFERENCES devices,
  metric smallint NOT NULL,
  PRIMARY KEY (device_id, metric)
);
COMMENT ON TABLE reading_keys IS 'Which keys (device and metric) there are; written once per key, so that asking for each key''s latest reading needs no scan.';
COMMENT ON COLUMN reading_keys.device_id IS 'Device (devices.id).';
COMMENT ON COLUMN reading_keys.metric IS 'Code of the metric (domain/metric.ts).';

-- The hypertable's settings, once, for the new table below and for `isotherm migrate --timescale`. Columns of one key
-- lie together and in order, which is how every question asks for them. The columnstore is of the community licence;
-- an Apache build has hypertables only.
CREATE FUNCTION readings_as_hypertable(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM create_hypertable(target, by_range('time', interval '7 days'), create_default_indexes => false);
  IF current_setting('timescaledb.license') = 'timescale' THEN
    EXECUTE format(
      'ALTER TABLE %s SET (timescaledb.enable_columnstore, timescaledb.segmentby = %L, timescaledb.orderby = %L)',
      target, 'device_id, metric', 'time');
  END IF;
  -- A late reading looks into compressed batches for its like; how many, the backlog decides, not a setting.
  EXECUTE format('ALTER DATABASE %I SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0',
    current_database());
END $$;

-- A chunk is compressed once most late readings are in: a logger may be away for a week or two.
CREATE FUNCTION readings_columnstore_policy() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('timescaledb.license') = 'timescale' THEN
    CALL add_columnstore_policy('readings', after => interval '14 days', if_not_exists => true);
  END IF;
END $$;

-- One value per device, metric and event time; the first accepted one stays. The key is the only index: every question
-- names device and metric. Where the server has TimescaleDB this is a hypertable, else partitions are made by
-- storage/readings/partitions.ts before rows need them; `readings_odd` takes times that have no week of their own.
-- Whether it is one or the other is asked of the table itself, by storage/readings/partitions.ts alone.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    CREATE TABLE readings (
      device_id integer NOT NULL,
      metric smallint NOT NULL,
      time timestamptz NOT NULL,
      value double precision NOT NULL,
      PRIMARY KEY (device_id, metric, time)
    );
    PERFORM readings_as_hypertable('readings');
    PERFORM readings_columnstore_policy();
  ELSE
    CREATE TABLE readings (
      device_id integer NOT NULL,
      metric smallint NOT NULL,
      time timestamptz NOT NULL,
      value double precision NOT NULL,
      PRIMARY KEY (device_id, metric, time)
    ) PARTITION BY RANGE (time);
    CREATE TABLE readings_odd PARTITION OF readings DEFAULT;
    -- Asked by time alone when a week gets its own partition.
    CREATE INDEX readings_odd_time ON readings_odd (time);
  END IF;
END $$;
COMMENT ON TABLE readings IS 'Every accepted reading: one value per device, metric and event time.';
COMMENT ON COLUMN readings.device_id IS 'Device (devices.id).';
COMMENT ON COLUMN readings.metric IS 'Code of the metric (domain/metric.ts).';
COMMENT ON COLUMN readings.time IS 'Event time: when it was measured.';
COMMENT ON COLUMN readings.value IS 'What was measured, in the unit of the metric.';

-- Rollups (docs/decisions/0018): a chart of a year reads hundreds of rows instead of hundreds of thousands. The same on
-- native partitions and on TimescaleDB.
CREATE TABLE readings_1m (
  device_id integer NOT NULL,
  n integer NOT NULL,
  time timestamptz NOT NULL,
  sum double precision NOT NULL,
  min double precision NOT NULL,
  max double precision NOT NULL,
  first double precision NOT NULL,
  last double precision NOT NULL,
  metric smallint NOT NULL,
  PRIMARY KEY (device_id, metric, time)
);
COMMENT ON TABLE readings_1m IS 'What a key measured in each minute, of hours that have many readings.';
COMMENT ON COLUMN readings_1m.device_id IS 'Device (devices.id).';
COMMENT ON COLUMN readings_1m.n IS 'Number of readings.';
COMMENT ON COLUMN readings_1m.time IS 'Start of the bucket, UTC.';
COMMENT ON COLUMN readings_1m.sum IS 'Sum of the values.';
COMMENT ON COLUMN readings_1m.min IS 'Smallest value.';
COMMENT ON COLUMN readings_1m.max IS 'Largest value.';
COMMENT ON COLUMN readings_1m.first IS 'Value of the first reading.';
COMMENT ON COLUMN readings_1m.last IS 'Value of the last reading.';
COMMENT ON COLUMN readings_1m.metric IS 'Code of the metric (domain/metric.ts).';
CREATE TABLE readings_1h (LIKE readings_1m INCLUDING ALL);
COMMENT ON TABLE readings_1h IS 'What a key measured in each hour.';
CREATE TABLE readings_1d (LIKE readings_1m INCLUDING ALL);
COMMENT ON TABLE readings_1d IS 'What a key measured in each UTC day.';

-- The row is locked FOR SHARE from reading it to the commit, so that it moves between transactions only; it stands alone
-- so that nothing else waits for those.
CREATE TABLE rollup_marking (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  marking timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE rollup_marking IS 'Whoever stores a reading before `marking` marks its day for repair.';
COMMENT ON COLUMN rollup_marking.one IS 'There is one row.';
COMMENT ON COLUMN rollup_marking.marking IS 'Event time before which days are marked.';
INSERT INTO rollup_marking DEFAULT VALUES;

CREATE TABLE rollup_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  rolled timestamptz NOT NULL DEFAULT '-infinity',
  kept timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE rollup_state IS 'How far the rollups reach.';
COMMENT ON COLUMN rollup_state.one IS 'There is one row.';
COMMENT ON COLUMN rollup_state.rolled IS 'Readings before it are in the rollups, but for days that are marked.';
COMMENT ON COLUMN rollup_state.kept IS 'Readings before it have been dropped: there the rollups are all there is.';
INSERT INTO rollup_state DEFAULT VALUES;

-- Appended only, one row a day, key and transaction, and removed by the repair: two transactions never wait for each
-- other here.
CREATE TABLE rollup_marks (
  device_id integer NOT NULL,
  metric smallint NOT NULL,
  day timestamptz NOT NULL
);
COMMENT ON TABLE rollup_marks IS 'Days of keys whose rollups are to be made again.';
COMMENT ON COLUMN rollup_marks.device_id IS 'Device (devices.id).';
COMMENT ON COLUMN rollup_marks.metric IS 'Code of the metric (domain/metric.ts).';
COMMENT ON COLUMN rollup_marks.day IS 'Start of the UTC day.';
CREATE INDEX rollup_marks_key ON rollup_marks (device_id, metric, day);

-- The log position makes redelivery harmless.
CREATE TABLE quarantine (
  partition smallint NOT NULL,
  position bigint NOT NULL,
  index integer NOT NULL,
  arrival timestamptz NOT NULL,
  source text,
  topic text NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  payload bytea NOT NULL,
  PRIMARY KEY (partition, position, index)
);
COMMENT ON TABLE quarantine IS 'What ingest refused, kept as it came until a person looks at it.';
COMMENT ON COLUMN quarantine.partition IS 'Partition of the log record it came in.';
COMMENT ON COLUMN quarantine.position IS 'Position of that record.';
COMMENT ON COLUMN quarantine.index IS 'Which part of the record, from 0.';
COMMENT ON COLUMN quarantine.arrival IS 'When it arrived.';
COMMENT ON COLUMN quarantine.source IS 'Device or gateway it is counted on; null where it names none.';
COMMENT ON COLUMN quarantine.topic IS 'Topic or path it was sent to.';
COMMENT ON COLUMN quarantine.reason IS 'Code of the reason.';
COMMENT ON COLUMN quarantine.detail IS 'The reason in a sentence.';
COMMENT ON COLUMN quarantine.payload IS 'The part that was refused, as it came.';
-- Newest first, of all and of one source.
CREATE INDEX quarantine_arrival ON quarantine (arrival DESC, partition, position, index);
CREATE INDEX quarantine_source ON quarantine (source, arrival DESC);
