-- The number of streams that readings are parted over is raised while everything runs (docs/decisions/0256). What is under way
-- stands here, so that whoever comes by brings it to its end, and with each new stream where it begins.
CREATE TABLE log_divisions (
  partitions int PRIMARY KEY,
  first_sequence bigint NOT NULL,
  begun bigint NOT NULL,
  in_force bigint
);
COMMENT ON TABLE log_divisions IS 'Raises of the number of streams of log_streams; none where it is as it was at first';
COMMENT ON COLUMN log_divisions.partitions IS 'How many there are from then on; a multiple of those before';
COMMENT ON COLUMN log_divisions.first_sequence IS 'Sequence that the new streams begin with';
COMMENT ON COLUMN log_divisions.begun IS 'Epoch ms UTC';
COMMENT ON COLUMN log_divisions.in_force IS 'Since when readings are parted so, epoch ms UTC; null while it is under way';

ALTER TABLE log_streams ADD COLUMN parent int, ADD COLUMN parent_position bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN log_streams.parent IS 'The stream that had its devices before; null where it is one of the first';
COMMENT ON COLUMN log_streams.parent_position IS 'Up to here a consumer reads the parent before it begins here, so that each device keeps its order';
