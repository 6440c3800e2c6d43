-- What people at a door find damaged, with photos. The photos stand by their hash: what was sent twice is there once, and who
-- says that something is damaged names the hashes.
CREATE TABLE pass_photos (
  pass bigint NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  at timestamptz NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (pass, sha256)
);
COMMENT ON TABLE pass_photos IS 'Photos that people took at a door of what went through. Rows are only ever added.';
COMMENT ON COLUMN pass_photos.pass IS 'Number of the pass.';
COMMENT ON COLUMN pass_photos.sha256 IS 'SHA-256 of the bytes, hex.';
COMMENT ON COLUMN pass_photos.media_type IS 'image/jpeg or image/png, by its first bytes.';
COMMENT ON COLUMN pass_photos.bytes IS 'The photo, without what it says of where and with what it was taken.';
COMMENT ON COLUMN pass_photos.at IS 'When it came.';
COMMENT ON COLUMN pass_photos.by_name IS 'Who sent it.';

CREATE TABLE pass_damages (
  position bigint PRIMARY KEY,
  pass bigint NOT NULL,
  at bigint NOT NULL,
  by text NOT NULL,
  epcs text[] NOT NULL,
  note text,
  photos text[] NOT NULL
);
CREATE INDEX pass_damages_by_pass ON pass_damages (pass, at);
COMMENT ON TABLE pass_damages IS 'What people at a door said to be damaged.';
COMMENT ON COLUMN pass_damages.position IS 'Log position of the fact.';
COMMENT ON COLUMN pass_damages.pass IS 'Number of the pass with which it came.';
COMMENT ON COLUMN pass_damages.at IS 'When the person saw it, epoch ms UTC.';
COMMENT ON COLUMN pass_damages.by IS 'Who said so.';
COMMENT ON COLUMN pass_damages.epcs IS 'Serials and units, EPC URNs.';
COMMENT ON COLUMN pass_damages.note IS 'In the person''s words; null = none.';
COMMENT ON COLUMN pass_damages.photos IS 'SHA-256 of the photos, hex.';
