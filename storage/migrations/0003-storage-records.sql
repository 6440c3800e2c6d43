-- What state is rebuilt from, what consumers remember, what rules found, and what is kept for how long.

-- json, not jsonb: a fact is kept as it came, NUL escapes included, and never searched.
CREATE TABLE facts (
  position bigint PRIMARY KEY,
  arrival timestamptz NOT NULL,
  type text NOT NULL,
  fact json NOT NULL
);
COMMENT ON TABLE facts IS 'Facts of the trace family by log position: what all state of trace/ and the evaluator''s contexts are rebuilt from.';
COMMENT ON COLUMN facts.position IS 'Position in the trace family of the log.';
COMMENT ON COLUMN facts.arrival IS 'When it arrived.';
COMMENT ON COLUMN facts.type IS 'Type of the fact (domain/fact.ts).';
COMMENT ON COLUMN facts.fact IS 'The fact itself.';
CREATE INDEX facts_type ON facts (type, position);

CREATE TABLE consumer_state (
  consumer text PRIMARY KEY,
  state bytea NOT NULL
);
COMMENT ON TABLE consumer_state IS 'What a consumer must remember beside its checkpoint and cannot rebuild from the record tables.';
COMMENT ON COLUMN consumer_state.consumer IS 'Name of the consumer, or of one of its parts.';
COMMENT ON COLUMN consumer_state.state IS 'In the consumer''s own format.';

-- A finding's identity is (rule, key, from).
CREATE TABLE findings (
  rule text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz,
  rule_version int NOT NULL,
  kind text NOT NULL,
  severity text NOT NULL,
  device text COLLATE "C",
  ended_by text,
  extreme double precision,
  readings int NOT NULL,
  minutes_out_of_range double precision,
  runs jsonb NOT NULL,
  limit_value double precision,
  portal jsonb,
  detected_at timestamptz NOT NULL,
  detected_late boolean NOT NULL,
  revision int NOT NULL DEFAULT 1,
  PRIMARY KEY (rule, key, from_at)
);
COMMENT ON TABLE findings IS 'What rules found, as it stands now.';
COMMENT ON COLUMN findings.rule IS 'Id of the rule.';
COMMENT ON COLUMN findings.key IS 'What it was found of: `device/metric`, or a portal and a pass.';
COMMENT ON COLUMN findings.from_at IS 'When it began.';
COMMENT ON COLUMN findings.to_at IS 'When it ended; null while it goes on.';
COMMENT ON COLUMN findings.rule_version IS 'Version of the rule.';
COMMENT ON COLUMN findings.kind IS 'Kind of the rule.';
COMMENT ON COLUMN findings.severity IS 'Severity the rule gives it.';
COMMENT ON COLUMN findings.device IS 'Device of a `device/metric` key, by which changes of exposure are looked up.';
COMMENT ON COLUMN findings.ended_by IS 'What ended it.';
COMMENT ON COLUMN findings.extreme IS 'Value farthest out of range.';
COMMENT ON COLUMN findings.readings IS 'Number of readings that made it.';
COMMENT ON COLUMN findings.minutes_out_of_range IS 'Minutes out of range.';
COMMENT ON COLUMN findings.runs IS 'Runs out of range that it is made of.';
COMMENT ON COLUMN findings.limit_value IS 'Limit that was passed.';
COMMENT ON COLUMN findings.portal IS 'Of a portal''s finding: portal, pass, serials.';
COMMENT ON COLUMN findings.detected_at IS 'When it was first found.';
COMMENT ON COLUMN findings.detected_late IS 'It was found on late readings.';
COMMENT ON COLUMN findings.revision IS 'Raised by one with every change; writing the same finding again raises nothing.';
CREATE INDEX findings_by_device ON findings (device, from_at) WHERE device IS NOT NULL;

CREATE TABLE finding_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  from_at timestamptz NOT NULL,
  event text NOT NULL,
  reason text,
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE finding_changes IS 'How findings came to stand so: every change but the mere growth of a running one.';
COMMENT ON COLUMN finding_changes.id IS 'Number of the change.';
COMMENT ON COLUMN finding_changes.rule IS 'Rule of the finding.';
COMMENT ON COLUMN finding_changes.key IS 'Key of the finding.';
COMMENT ON COLUMN finding_changes.from_at IS 'Begin of the finding.';
COMMENT ON COLUMN finding_changes.event IS 'What happened to it: opened, extended, closed, merged, split, retracted.';
COMMENT ON COLUMN finding_changes.reason IS 'Why.';
COMMENT ON COLUMN finding_changes.at IS 'When.';
CREATE INDEX finding_changes_by_finding ON finding_changes (rule, key, from_at, id);

-- The archive (docs/decisions/0021-the-original-record.md). A segment changed or taken away breaks the chain.
CREATE TABLE archive_segments (
  number bigint PRIMARY KEY,
  first_position bigint NOT NULL,
  last_position bigint NOT NULL,
  arrived_from bigint NOT NULL,
  arrived_to bigint NOT NULL,
  messages integer NOT NULL,
  bytes bigint NOT NULL,
  content_sha256 bytea NOT NULL,
  sha256 bytea NOT NULL,
  content bytea
);
COMMENT ON TABLE archive_segments IS 'Archived messages as they were received, in hashed segments numbered from 1 without holes.';
COMMENT ON COLUMN archive_segments.number IS 'Number of the segment.';
COMMENT ON COLUMN archive_segments.first_position IS 'First log position in it.';
COMMENT ON COLUMN archive_segments.last_position IS 'Last log position in it.';
COMMENT ON COLUMN archive_segments.arrived_from IS 'First arrival in it, epoch ms UTC.';
COMMENT ON COLUMN archive_segments.arrived_to IS 'Last arrival in it, epoch ms UTC, inclusive.';
COMMENT ON COLUMN archive_segments.messages IS 'Number of messages.';
COMMENT ON COLUMN archive_segments.bytes IS 'Bytes of the content, unpacked.';
COMMENT ON COLUMN archive_segments.content_sha256 IS 'Hash of the content, unpacked.';
COMMENT ON COLUMN archive_segments.sha256 IS 'Over the previous one''s and this row''s statement (storage/archive/segment.ts).';
COMMENT ON COLUMN archive_segments.content IS 'The messages, zstd; null once their record period has ended, while the row stays and holds the chain together.';
-- Compressed already.
ALTER TABLE archive_segments ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE archive_index (
  subject text COLLATE "C" NOT NULL,
  to_at bigint NOT NULL,
  from_at bigint NOT NULL,
  segment bigint NOT NULL,
  PRIMARY KEY (subject, to_at, from_at, segment)
);
COMMENT ON TABLE archive_index IS 'Which segments speak of a subject, at event times [from_at, to_at].';
COMMENT ON COLUMN archive_index.subject IS 'Device, reader, gateway, shipment or capture, as `device:logger-7`.';
COMMENT ON COLUMN archive_index.to_at IS 'Last event time, epoch ms UTC.';
COMMENT ON COLUMN archive_index.from_at IS 'First event time, epoch ms UTC.';
COMMENT ON COLUMN archive_index.segment IS 'Number of the segment.';
CREATE INDEX archive_index_segment ON archive_index USING brin (segment);

-- Retention (docs/decisions/0022-retention-export-backup.md). Rows of holds are never taken away.
CREATE TABLE holds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subject text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  set_by text NOT NULL,
  set_at bigint NOT NULL,
  released_by text,
  released_at bigint,
  release_reason text
);
COMMENT ON TABLE holds IS 'A hold keeps everything of a shipment or a device until quality releases it.';
COMMENT ON COLUMN holds.id IS 'Number of the hold.';
COMMENT ON COLUMN holds.subject IS '`shipment:ID` or `device:ID`.';
COMMENT ON COLUMN holds.reason IS 'Why it was set.';
COMMENT ON COLUMN holds.set_by IS 'Who set it.';
COMMENT ON COLUMN holds.set_at IS 'When, epoch ms UTC.';
COMMENT ON COLUMN holds.released_by IS 'Who released it; null while it holds.';
COMMENT ON COLUMN holds.released_at IS 'When, epoch ms UTC.';
COMMENT ON COLUMN holds.release_reason IS 'Why it was released.';
CREATE UNIQUE INDEX holds_standing ON holds (subject) WHERE released_at IS NULL;
CREATE INDEX holds_by_subject ON holds (subject, id);

CREATE TABLE deletions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  what text NOT NULL,
  from_at bigint NOT NULL,
  to_at bigint NOT NULL,
  setting text NOT NULL,
  extent text NOT NULL,
  deleted bigint,
  kept bigint,
  finished_at bigint
);
COMMENT ON TABLE deletions IS 'The log of deletions. Append only: an entry is written before anything is deleted, and its result once.';
COMMENT ON COLUMN deletions.id IS 'Number of the entry.';
COMMENT ON COLUMN deletions.at IS 'When it was begun, epoch ms UTC.';
COMMENT ON COLUMN deletions.what IS '`readings` or `originals`.';
COMMENT ON COLUMN deletions.from_at IS 'Event time of readings, arrival of originals, from; epoch ms UTC.';
COMMENT ON COLUMN deletions.to_at IS 'The same, until; exclusive.';
COMMENT ON COLUMN deletions.setting IS 'The setting that asked for it, with its value.';
COMMENT ON COLUMN deletions.extent IS '`all` or `all but what is kept`.';
COMMENT ON COLUMN deletions.deleted IS 'How many were deleted; null until it is finished.';
COMMENT ON COLUMN deletions.kept IS 'How many were kept.';
COMMENT ON COLUMN deletions.finished_at IS 'When it was finished, epoch ms UTC.';
CREATE FUNCTION deletions_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.finished_at IS NULL AND ROW(OLD.id, OLD.at, OLD.what, OLD.from_at, OLD.to_at, OLD.setting,
      OLD.extent) IS NOT DISTINCT FROM ROW(NEW.id, NEW.at, NEW.what, NEW.from_at, NEW.to_at, NEW.setting, NEW.extent) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the log of deletions is not changed';
END $$;
CREATE TRIGGER deletions_stand BEFORE UPDATE OR DELETE ON deletions FOR EACH ROW EXECUTE FUNCTION deletions_stand();
CREATE TRIGGER deletions_remain BEFORE TRUNCATE ON deletions FOR EACH STATEMENT EXECUTE FUNCTION deletions_stand();

CREATE TABLE retention_swept (
  from_at bigint PRIMARY KEY,
  kept_sha256 bytea NOT NULL,
  swept_at bigint NOT NULL
);
COMMENT ON TABLE retention_swept IS 'Partitions that have been thinned out: for the same kept ranges they need no second look.';
COMMENT ON COLUMN retention_swept.from_at IS 'Begin of the partition, event time, epoch ms UTC.';
COMMENT ON COLUMN retention_swept.kept_sha256 IS 'Hash of the ranges that were kept.';
COMMENT ON COLUMN retention_swept.swept_at IS 'When, epoch ms UTC.';
