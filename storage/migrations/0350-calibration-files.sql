-- Certificates of calibrations as they were uploaded. What a calibration says is a fact; these are its papers.
CREATE TABLE calibration_files (
  sha256 bytea PRIMARY KEY,
  name text NOT NULL,
  bytes bytea NOT NULL,
  at timestamptz NOT NULL,
  by text NOT NULL
);
COMMENT ON TABLE calibration_files IS 'Certificates of calibrations as they were uploaded, by their hash.';
COMMENT ON COLUMN calibration_files.sha256 IS 'SHA-256 of the file.';
COMMENT ON COLUMN calibration_files.name IS 'Name of the file, as the first who brought it called it.';
COMMENT ON COLUMN calibration_files.bytes IS 'The file itself.';
COMMENT ON COLUMN calibration_files.at IS 'When it was uploaded first.';
COMMENT ON COLUMN calibration_files.by IS 'Who did, by name.';
