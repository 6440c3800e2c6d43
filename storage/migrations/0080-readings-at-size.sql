-- Readings at size (docs/decisions/0017): a place for times that have no week of their own, and, where the server has
-- TimescaleDB, a hypertable instead of native partitions. Whether `readings` is one or the other is asked of the table
-- itself, by storage/readings/partitions.ts alone.

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

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')
    AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'readings'::regclass)
  THEN
    DROP TABLE readings;
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
    CREATE TABLE readings_odd PARTITION OF readings DEFAULT;
    -- Asked by time alone when a week gets its own partition.
    CREATE INDEX readings_odd_time ON readings_odd (time);
  END IF;
END $$;
