-- Every file that a partner sent, or was sent, as it was, with what became of it.
CREATE TABLE partner_files (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  partner text COLLATE "C" NOT NULL,
  partner_name text NOT NULL,
  direction text NOT NULL,
  via text NOT NULL,
  name text NOT NULL,
  format text,
  bytes integer NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  content bytea NOT NULL,
  at timestamptz NOT NULL,
  by text NOT NULL,
  fate text NOT NULL,
  reason text,
  subject text COLLATE "C",
  events integer NOT NULL DEFAULT 0,
  repeats bigint
);
CREATE INDEX partner_files_of ON partner_files (partner, id DESC);
CREATE INDEX partner_files_same ON partner_files (partner, sha256, id);
COMMENT ON TABLE partner_files IS 'Files to and from partners, kept as they were.';
COMMENT ON COLUMN partner_files.id IS 'Order in which they came or went.';
COMMENT ON COLUMN partner_files.partner IS 'Whose.';
COMMENT ON COLUMN partner_files.partner_name IS 'Its name then.';
COMMENT ON COLUMN partner_files.direction IS 'in or out.';
COMMENT ON COLUMN partner_files.via IS 'https or folder.';
COMMENT ON COLUMN partner_files.name IS 'What the sender called it.';
COMMENT ON COLUMN partner_files.format IS 'What it is by its content; null = nothing that is known.';
COMMENT ON COLUMN partner_files.bytes IS 'Its size.';
COMMENT ON COLUMN partner_files.sha256 IS 'Of the file, hex.';
COMMENT ON COLUMN partner_files.content IS 'The file.';
COMMENT ON COLUMN partner_files.at IS 'When it came or went.';
COMMENT ON COLUMN partner_files.by IS 'Who brought it.';
COMMENT ON COLUMN partner_files.fate IS 'waiting, taken, refused, repeated, given.';
COMMENT ON COLUMN partner_files.reason IS 'Why it was refused, or what to know of it; null = nothing.';
COMMENT ON COLUMN partner_files.subject IS 'What it became: capture:ID or shipment:ID; null = nothing.';
COMMENT ON COLUMN partner_files.events IS 'Events in it that were taken.';
COMMENT ON COLUMN partner_files.repeats IS 'The file that it is again, to the byte; null = of none.';
