-- The log of readings on NATS JetStream (storage/log/nats): what PostgreSQL knows of each stream. There as here the log
-- loses nothing that was acknowledged; where a server does all the same, it shows by what stands here.
CREATE TABLE log_streams (
  partition int PRIMARY KEY,
  first_sequence bigint NOT NULL,
  last_sequence bigint NOT NULL,
  dropped bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  oldest bigint,
  after_table bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE log_streams IS 'Streams of NATS JetStream that hold the log of readings, one a partition; empty where PostgreSQL holds it';
COMMENT ON COLUMN log_streams.partition IS 'Of the family readings; the originals of the same messages are partition + 1 of the family originals';
COMMENT ON COLUMN log_streams.first_sequence IS 'Sequence that the stream began with, beyond every position in log_readings';
COMMENT ON COLUMN log_streams.last_sequence IS 'The latest that is known to have been acknowledged; a stream that ends before it has lost messages';
COMMENT ON COLUMN log_streams.dropped IS 'Messages up to this sequence were dropped because every consumer had passed them';
COMMENT ON COLUMN log_streams.bytes IS 'What the stream held when it was looked at last';
COMMENT ON COLUMN log_streams.oldest IS 'When its first message came, epoch ms UTC; null where it held none';
COMMENT ON COLUMN log_streams.after_table IS 'Last position in log_readings when the stream began: consumers that have not passed it read there first';

CREATE TABLE log_stream_marks (
  partition int NOT NULL REFERENCES log_streams ON DELETE CASCADE,
  sequence bigint NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (partition, sequence)
);
COMMENT ON TABLE log_stream_marks IS 'How far each stream reached when: what a consumer has not passed arrived after the mark before it';
COMMENT ON COLUMN log_stream_marks.partition IS 'Of the stream';
COMMENT ON COLUMN log_stream_marks.sequence IS 'Its last message at that moment';
COMMENT ON COLUMN log_stream_marks.at IS 'Epoch ms UTC';

CREATE TABLE log_holes (
  partition int NOT NULL,
  first bigint NOT NULL,
  last bigint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('missing', 'changed', 'cut')),
  found_at bigint NOT NULL,
  bytes bytea,
  PRIMARY KEY (partition, first)
);
CREATE INDEX log_holes_found ON log_holes (found_at);
COMMENT ON TABLE log_holes IS 'Messages of the log of readings that were acknowledged and are gone or changed; operations are told';
COMMENT ON COLUMN log_holes.partition IS 'Of the stream';
COMMENT ON COLUMN log_holes.first IS 'First sequence that is gone';
COMMENT ON COLUMN log_holes.last IS 'Last sequence that is gone';
COMMENT ON COLUMN log_holes.reason IS 'missing: no server has it; changed: its checksum does not fit; cut: the stream ended before it';
COMMENT ON COLUMN log_holes.found_at IS 'Epoch ms UTC';
COMMENT ON COLUMN log_holes.bytes IS 'What was found instead, where something was';
