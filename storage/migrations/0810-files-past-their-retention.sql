-- Files of partners and systems whose content is past its retention: hash, fate and all else that is known of them stay.
ALTER TABLE partner_files ADD COLUMN content_gone_at timestamptz, ADD COLUMN deletion bigint;
CREATE INDEX partner_files_old ON partner_files (at, id) WHERE content_gone_at IS NULL;
COMMENT ON COLUMN partner_files.content_gone_at IS 'When its content was thrown away; null = it is there.';
COMMENT ON COLUMN partner_files.deletion IS 'Entry of the log of deletions by which it went.';
ALTER TABLE erp_files ADD COLUMN content_gone_at timestamptz, ADD COLUMN deletion bigint;
CREATE INDEX erp_files_old ON erp_files (at, id) WHERE content_gone_at IS NULL;
COMMENT ON COLUMN erp_files.content_gone_at IS 'When its content was thrown away; null = it is there.';
COMMENT ON COLUMN erp_files.deletion IS 'Entry of the log of deletions by which it went.';
-- Which goods a file was about.
CREATE INDEX epcis_events_capture ON epcis_events (capture) WHERE capture IS NOT NULL;
