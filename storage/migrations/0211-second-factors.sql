-- A second factor beside the password: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for the day the
-- app is lost.
CREATE TABLE user_factors (
  user_id integer PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  secret text NOT NULL,
  created_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  last_step bigint,
  failures integer NOT NULL DEFAULT 0,
  next_try_at timestamptz
);
COMMENT ON TABLE user_factors IS 'Authenticator apps that users have set up, one each.';
COMMENT ON COLUMN user_factors.user_id IS 'Whose.';
COMMENT ON COLUMN user_factors.secret IS 'What the app computes codes from, sealed with the key of the installation.';
COMMENT ON COLUMN user_factors.created_at IS 'When it was begun.';
COMMENT ON COLUMN user_factors.confirmed_at IS 'When a code of it was shown; null = being set up, and not asked for yet.';
COMMENT ON COLUMN user_factors.last_step IS 'Time step of 30 s of the last code that was taken: none is taken twice.';
COMMENT ON COLUMN user_factors.failures IS 'Wrong codes since the last right one.';
COMMENT ON COLUMN user_factors.next_try_at IS 'Before then no code is looked at; null = at any time.';

CREATE TABLE recovery_codes (
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  sha256 bytea NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (user_id, sha256)
);
COMMENT ON TABLE recovery_codes IS 'Codes that let a user in once each in place of the authenticator app.';
COMMENT ON COLUMN recovery_codes.user_id IS 'Whose.';
COMMENT ON COLUMN recovery_codes.sha256 IS 'Hash of the code: 80 random bits.';
COMMENT ON COLUMN recovery_codes.used_at IS 'When it was used; null = not yet.';

ALTER TABLE sessions ADD COLUMN method text NOT NULL DEFAULT 'password';
COMMENT ON COLUMN sessions.method IS 'What was shown: password, password+code, passkey, or oidc (another provider vouches).';
