-- What one process at a time does: who does it is told by an advisory lock, and whether somebody still does by the epoch,
-- which each new owner raises and which is checked in the transaction of what is done.
CREATE TABLE owners (
  name text COLLATE "C" PRIMARY KEY,
  epoch bigint NOT NULL,
  since timestamptz NOT NULL
);
COMMENT ON TABLE owners IS 'What one process of the installation does at a time, and how often the process has changed.';
COMMENT ON COLUMN owners.name IS 'What is owned: `consumer:writer`, `ticks`.';
COMMENT ON COLUMN owners.epoch IS 'Raised with each new owner; a former one has a lower one.';
COMMENT ON COLUMN owners.since IS 'When the present owner took it.';
