-- A screen that hangs at a door has a token of its own, for that door alone; a code that an administrator asks for
-- makes it, once, and soon.
ALTER TABLE tokens ADD COLUMN door text COLLATE "C";
COMMENT ON COLUMN tokens.door IS 'Portal whose screen it is, which it is good for alone; null = no screen.';

CREATE TABLE screen_codes (
  digest bytea PRIMARY KEY,
  door text COLLATE "C" NOT NULL,
  site text COLLATE "C" NOT NULL,
  made_by jsonb NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX screen_codes_expiry ON screen_codes (expires_at);
COMMENT ON TABLE screen_codes IS 'Codes that connect a screen with a door; each goes when it is used.';
COMMENT ON COLUMN screen_codes.digest IS 'SHA-256 of the code: the code stands nowhere.';
COMMENT ON COLUMN screen_codes.door IS 'Portal.';
COMMENT ON COLUMN screen_codes.site IS 'Its site.';
COMMENT ON COLUMN screen_codes.made_by IS 'Who asked for it, as the audit trail names people.';
COMMENT ON COLUMN screen_codes.expires_at IS 'When it is void.';
