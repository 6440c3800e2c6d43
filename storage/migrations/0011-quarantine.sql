-- What ingest refused, kept as it came until a person looks at it. The log position makes redelivery harmless.
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
-- Newest first, of all and of one source.
CREATE INDEX quarantine_arrival ON quarantine (arrival DESC, partition, position, index);
CREATE INDEX quarantine_source ON quarantine (source, arrival DESC);
