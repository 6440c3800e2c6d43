-- Who may do what. Passwords of people are hashed slowly with their parameters beside them; sessions, tokens and
-- device passwords are random enough that a plain SHA-256 keeps them, and only that is stored.
CREATE TABLE users (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('logistics', 'quality', 'dock', 'operations', 'admin')),
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE sessions (
  sha256 bytea PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tokens (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('logistics', 'quality', 'dock', 'operations', 'admin')),
  sha256 bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz
);

-- MQTT credentials: user name = id.
CREATE TABLE credentials (
  id text COLLATE "C" PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('device', 'gateway')),
  sha256 bytea NOT NULL,
  created_at timestamptz NOT NULL,
  rotated_at timestamptz
);
