-- Who may do what. Passwords of people are hashed slowly with their parameters beside them; sessions, tokens and device
-- passwords are random enough that a plain SHA-256 keeps them, and only that is stored.
CREATE TABLE users (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('logistics', 'quality', 'dock', 'operations', 'admin')),
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE users IS 'People who sign in.';
COMMENT ON COLUMN users.id IS 'Number of the user.';
COMMENT ON COLUMN users.name IS 'Name to sign in with.';
COMMENT ON COLUMN users.role IS 'Role, which says what the user may do.';
COMMENT ON COLUMN users.password_hash IS 'scrypt, with its parameters and salt.';
COMMENT ON COLUMN users.created_at IS 'When the user was created.';

CREATE TABLE sessions (
  sha256 bytea PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE sessions IS 'Sign-ins of people that have not ended.';
COMMENT ON COLUMN sessions.sha256 IS 'Hash of the secret in the cookie.';
COMMENT ON COLUMN sessions.user_id IS 'Who signed in.';
COMMENT ON COLUMN sessions.created_at IS 'When.';
COMMENT ON COLUMN sessions.expires_at IS 'When it ends.';
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tokens (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('logistics', 'quality', 'dock', 'operations', 'admin')),
  sha256 bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz
);
COMMENT ON TABLE tokens IS 'API tokens of partner systems.';
COMMENT ON COLUMN tokens.id IS 'Number of the token.';
COMMENT ON COLUMN tokens.name IS 'What people call it.';
COMMENT ON COLUMN tokens.role IS 'Role, which says what its bearer may do.';
COMMENT ON COLUMN tokens.sha256 IS 'Hash of the token.';
COMMENT ON COLUMN tokens.created_at IS 'When it was created.';
COMMENT ON COLUMN tokens.last_used_at IS 'When it was last used.';

-- A credential is made for an id alone: whether a gateway or a logger signs in with it shows in what it publishes.
CREATE TABLE credentials (
  id text COLLATE "C" PRIMARY KEY,
  sha256 bytea NOT NULL,
  created_at timestamptz NOT NULL,
  rotated_at timestamptz
);
COMMENT ON TABLE credentials IS 'MQTT credentials of devices and gateways.';
COMMENT ON COLUMN credentials.id IS 'User name and client id.';
COMMENT ON COLUMN credentials.sha256 IS 'Hash of the password.';
COMMENT ON COLUMN credentials.created_at IS 'When it was created.';
COMMENT ON COLUMN credentials.rotated_at IS 'When its password was last changed.';
