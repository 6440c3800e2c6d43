-- What the InfluxDB mirror (storage/mirror/) remembers beside its checkpoint.

-- A copy of all stored readings, made when log records were dropped before the mirror came to them: everything the
-- writer had stored up to the log position `covers` is in it. The last reading sent is where a restart goes on.
CREATE TABLE influx_copies (
  partition smallint PRIMARY KEY,
  covers bigint NOT NULL,
  device_id integer NOT NULL,
  metric smallint NOT NULL,
  time timestamptz NOT NULL,
  is_finished boolean NOT NULL
);

-- Points that InfluxDB refused for what they are, as they were sent, with its reason. The readings themselves are in
-- `readings`; only the latest refusals are kept.
CREATE TABLE influx_refused (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  reason text NOT NULL,
  points integer NOT NULL,
  lines text NOT NULL
);
