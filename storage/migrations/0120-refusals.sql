-- How much of whom was refused, and why: kept apart from the entries in quarantine, because a sensor whose every message
-- is refused has no readings to be found by, and because what costs only itself is counted without an entry.
CREATE TABLE refusals (
  source text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  topic text NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (source, reason)
);
COMMENT ON TABLE refusals IS 'How many readings or messages of a source were refused for a reason.';
COMMENT ON COLUMN refusals.source IS 'Device or gateway it is counted on.';
COMMENT ON COLUMN refusals.reason IS 'Code of the reason.';
COMMENT ON COLUMN refusals.count IS 'Readings, or messages, refused so far.';
COMMENT ON COLUMN refusals.first_at IS 'Arrival of the first of them.';
COMMENT ON COLUMN refusals.last_at IS 'Arrival of the last of them.';
COMMENT ON COLUMN refusals.topic IS 'Topic or path of the last one.';
COMMENT ON COLUMN refusals.detail IS 'The reason of the last one, in a sentence.';
