-- What ERP and WMS brought on a day, held against the quota of their mapping files (docs/erp.md).
CREATE TABLE erp_use (
  system text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  files integer NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  turned_away integer NOT NULL DEFAULT 0,
  turned_away_at timestamptz,
  PRIMARY KEY (system, day)
);
COMMENT ON TABLE erp_use IS 'What systems did on a day, held against the quota of their mapping files.';
COMMENT ON COLUMN erp_use.system IS 'Whose.';
COMMENT ON COLUMN erp_use.day IS 'In UTC, YYYY-MM-DD.';
COMMENT ON COLUMN erp_use.files IS 'Files that were kept.';
COMMENT ON COLUMN erp_use.bytes IS 'Their size.';
COMMENT ON COLUMN erp_use.turned_away IS 'Files that were too many, and looks at one that waits.';
COMMENT ON COLUMN erp_use.turned_away_at IS 'When the last of these came; null = there was none.';
