-- The trace family's facts by log position: what all state of trace/ and the evaluator's contexts are rebuilt from.
-- json, not jsonb: a fact is kept as it came, NUL escapes included, and never searched.
CREATE TABLE facts (
  position bigint PRIMARY KEY,
  arrival timestamptz NOT NULL,
  type text NOT NULL,
  fact json NOT NULL
);
CREATE INDEX facts_type ON facts (type, position);
