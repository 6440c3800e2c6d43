-- How much a partner may do, and what it did on a day; its files found by their fate among very many.
ALTER TABLE partners
  ADD COLUMN requests_a_minute integer NOT NULL DEFAULT 300,
  ADD COLUMN files_a_day integer NOT NULL DEFAULT 2000,
  ADD COLUMN bytes_a_day bigint NOT NULL DEFAULT 268435456;
COMMENT ON COLUMN partners.requests_a_minute IS 'Most requests of its tokens in a minute.';
COMMENT ON COLUMN partners.files_a_day IS 'Most files in either direction on a day, in UTC.';
COMMENT ON COLUMN partners.bytes_a_day IS 'Most bytes of these.';

CREATE TABLE partner_use (
  partner text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  files integer NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  turned_away integer NOT NULL DEFAULT 0,
  turned_away_at timestamptz,
  PRIMARY KEY (partner, day)
);
CREATE INDEX partner_use_turned_away ON partner_use (turned_away_at) WHERE turned_away_at IS NOT NULL;
COMMENT ON TABLE partner_use IS 'What partners did on a day, held against what is agreed with them.';
COMMENT ON COLUMN partner_use.partner IS 'Whose.';
COMMENT ON COLUMN partner_use.day IS 'In UTC, YYYY-MM-DD.';
COMMENT ON COLUMN partner_use.files IS 'Files and messages that were kept, in either direction.';
COMMENT ON COLUMN partner_use.bytes IS 'Their size.';
COMMENT ON COLUMN partner_use.turned_away IS 'Requests and files that were too many.';
COMMENT ON COLUMN partner_use.turned_away_at IS 'When the last of these came, to a minute; null = there was none.';

CREATE INDEX partner_files_by_fate ON partner_files (partner, fate, id DESC);
