-- Readings carry a four-byte number instead of the device's name: at billions of rows the name would outweigh the value.
CREATE TABLE devices (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE
);

-- One value per device, metric and event time; the first accepted one stays. The key is the only index: every question
-- names device and metric. Partitions are made by storage/readings/partitions.ts before rows need them; there is no
-- default partition, so that none ever has to be emptied.
CREATE TABLE readings (
  device_id integer NOT NULL,
  metric smallint NOT NULL,
  time timestamptz NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (device_id, metric, time)
) PARTITION BY RANGE (time);

-- Which keys there are. Written once per key, so that asking for each key's latest reading needs no scan and storing a
-- reading needs no second write.
CREATE TABLE reading_keys (
  device_id integer NOT NULL REFERENCES devices,
  metric smallint NOT NULL,
  PRIMARY KEY (device_id, metric)
);
