COMMENT ON COLUMN partner_files.fate IS 'waiting, taken, asked, refused, repeated, given.';
