-- Files of loggers that were read out by cable, and how files are read that do not say it themselves.
CREATE TABLE logger_files (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256 bytea NOT NULL,
  device text COLLATE "C" NOT NULL,
  zone text NOT NULL,
  twice text CHECK (twice IN ('first', 'second')),
  name text NOT NULL,
  shipment text COLLATE "C",
  at timestamptz NOT NULL,
  by text NOT NULL,
  answer jsonb NOT NULL,
  UNIQUE NULLS NOT DISTINCT (sha256, device, zone, twice)
);
COMMENT ON TABLE logger_files IS 'Files of loggers that were taken in; the bytes are in the archive of originals.';
COMMENT ON COLUMN logger_files.id IS 'Number of the file.';
COMMENT ON COLUMN logger_files.sha256 IS 'SHA-256 of the file.';
COMMENT ON COLUMN logger_files.device IS 'Device that its readings are of; its probes are this with a point and a number.';
COMMENT ON COLUMN logger_files.zone IS 'Time zone that its times were read in.';
COMMENT ON COLUMN logger_files.twice IS 'Which of two hours a time was taken for that occurs twice; null: none was said.';
COMMENT ON COLUMN logger_files.name IS 'Name of the file.';
COMMENT ON COLUMN logger_files.shipment IS 'Shipment that it was uploaded for; null: none.';
COMMENT ON COLUMN logger_files.at IS 'When it was taken.';
COMMENT ON COLUMN logger_files.by IS 'Who uploaded it, by name.';
COMMENT ON COLUMN logger_files.answer IS 'What was taken of it, what not and why, its own summary beside ours.';
CREATE INDEX logger_files_device ON logger_files (device, at DESC, id DESC);
CREATE INDEX logger_files_shipment ON logger_files (shipment, at DESC, id DESC) WHERE shipment IS NOT NULL;
CREATE INDEX logger_files_at ON logger_files (at DESC, id DESC);

CREATE TABLE logger_file_mappings (
  name text COLLATE "C" PRIMARY KEY,
  mapping jsonb NOT NULL,
  at timestamptz NOT NULL,
  by text NOT NULL
);
COMMENT ON TABLE logger_file_mappings IS 'How files of loggers are read that do not say it themselves.';
COMMENT ON COLUMN logger_file_mappings.name IS 'Name of the mapping.';
COMMENT ON COLUMN logger_file_mappings.mapping IS 'Which columns they are, and what else the file does not say.';
COMMENT ON COLUMN logger_file_mappings.at IS 'When it was made or changed last.';
COMMENT ON COLUMN logger_file_mappings.by IS 'Who did, by name.';
