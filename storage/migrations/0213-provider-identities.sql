-- People for whom another OpenID provider vouches. A row outlives its user: who was deleted here is not made anew by signing in.
CREATE TABLE user_identities (
  issuer text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  user_id integer REFERENCES users ON DELETE SET NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX user_identities_by_user ON user_identities (user_id);
COMMENT ON TABLE user_identities IS 'Who users are at an OpenID provider.';
COMMENT ON COLUMN user_identities.issuer IS 'The provider.';
COMMENT ON COLUMN user_identities.subject IS 'What it knows the person by (sub): never given to another.';
COMMENT ON COLUMN user_identities.user_id IS 'The user here; null = was deleted, and stays out.';
COMMENT ON COLUMN user_identities.name IS 'The name that the user had when made.';
COMMENT ON COLUMN user_identities.created_at IS 'When the person first signed in.';
COMMENT ON COLUMN user_identities.last_used_at IS 'When the person last signed in.';
