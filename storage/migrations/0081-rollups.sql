-- Rollups (docs/decisions/0018): what a key measured in each hour and UTC day, and in each minute of the hours that
-- have many readings. A chart of a year reads hundreds of rows instead of hundreds of thousands. The same on native
-- partitions and on TimescaleDB.
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
CREATE TABLE readings_1h (LIKE readings_1m INCLUDING ALL);
CREATE TABLE readings_1d (LIKE readings_1m INCLUDING ALL);

-- Whoever stores a reading before `marking` marks its day. The row is locked FOR SHARE from reading it to the commit, so
-- that it moves between transactions only; it stands alone so that nothing else waits for those.
CREATE TABLE rollup_marking (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  marking timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO rollup_marking DEFAULT VALUES;

-- Readings before `rolled` are in the rollups, but for days that are marked. Readings before `kept` have been dropped:
-- there the rollups are all there is.
CREATE TABLE rollup_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  rolled timestamptz NOT NULL DEFAULT '-infinity',
  kept timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO rollup_state DEFAULT VALUES;

-- Days of keys whose rollups are to be made again. Appended only, one row a day, key and transaction, and removed by
-- the repair that makes them: two transactions never wait for each other here.
CREATE TABLE rollup_marks (
  device_id integer NOT NULL,
  metric smallint NOT NULL,
  day timestamptz NOT NULL
);
CREATE INDEX rollup_marks_key ON rollup_marks (device_id, metric, day);
