-- Which batches of each gateway have arrived (trace/batch-numbers.ts): the numbers as ranges, and the holes in them that
-- are shown as missing, with the rows of read_gaps that show them. Rebuilt from the sightings records like all of trace.
CREATE TABLE gateway_batches (
  gateway text PRIMARY KEY,
  -- Of the last record taken in: what is replayed changes nothing.
  position bigint NOT NULL,
  life integer NOT NULL,
  latest bigint NOT NULL,
  ranges jsonb NOT NULL,
  readers jsonb NOT NULL,
  missing jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX read_gaps_until ON read_gaps (reader, until);
