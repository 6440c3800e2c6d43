-- Access that can be given for a time, limited, and taken away again.
-- Which roles there are is said once, in domain/permission.ts.
ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD COLUMN disabled_at timestamptz;
COMMENT ON COLUMN users.password_hash IS 'argon2id, or scrypt until the next sign-in, with its parameters and salt.';
COMMENT ON COLUMN users.disabled_at IS 'Since when the user may not sign in; null = may.';

ALTER TABLE sessions ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY UNIQUE;
ALTER TABLE sessions ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE sessions ADD COLUMN address text;
ALTER TABLE sessions ADD COLUMN agent text;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
COMMENT ON COLUMN sessions.id IS 'Number of the session, to end it by.';
COMMENT ON COLUMN sessions.last_used_at IS 'When it was last used, to the minute.';
COMMENT ON COLUMN sessions.address IS 'Network address of the sign-in.';
COMMENT ON COLUMN sessions.agent IS 'User-Agent of the sign-in.';

ALTER TABLE tokens DROP CONSTRAINT tokens_role_check;
ALTER TABLE tokens ADD COLUMN expires_at timestamptz;
ALTER TABLE tokens ADD COLUMN created_by text;
COMMENT ON COLUMN tokens.last_used_at IS 'When it was last used, to the minute.';
COMMENT ON COLUMN tokens.expires_at IS 'When it ends; null = never.';
COMMENT ON COLUMN tokens.created_by IS 'Name then shown of who created it.';

ALTER TABLE credentials ADD COLUMN kind text;
ALTER TABLE credentials ADD COLUMN last_seen_at timestamptz;
COMMENT ON TABLE credentials IS 'MQTT credentials of devices, gateways and services.';
COMMENT ON COLUMN credentials.kind IS 'device, gateway or service; null = not said: what it does first decides.';
COMMENT ON COLUMN credentials.last_seen_at IS 'When it last signed in, to the minute.';

-- Whose readings and sightings a credential may bring besides its own.
CREATE TABLE credential_sources (
  credential text COLLATE "C" NOT NULL REFERENCES credentials ON DELETE CASCADE,
  source text COLLATE "C" NOT NULL,
  state text NOT NULL,
  first_seen_at timestamptz NOT NULL,
  decided_at timestamptz,
  decided_by text,
  PRIMARY KEY (credential, source)
);
CREATE INDEX credential_sources_by_source ON credential_sources (source, credential);
COMMENT ON TABLE credential_sources IS 'Sources that a gateway or service speaks for: devices bridged by it, its readers.';
COMMENT ON COLUMN credential_sources.credential IS 'Who speaks.';
COMMENT ON COLUMN credential_sources.source IS 'For which device or reader.';
COMMENT ON COLUMN credential_sources.state IS 'confirmed, refused, or waiting for a person.';
COMMENT ON COLUMN credential_sources.first_seen_at IS 'When it was first brought, or listed.';
COMMENT ON COLUMN credential_sources.decided_at IS 'When it was confirmed or refused.';
COMMENT ON COLUMN credential_sources.decided_by IS 'Name then shown of who decided.';

-- What was taken away, for processes that hold something open on it. A row in the transaction that takes it away.
CREATE TABLE access_changes (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  what text COLLATE "C" NOT NULL
);
CREATE INDEX access_changes_by_time ON access_changes (at);
COMMENT ON TABLE access_changes IS 'What was taken away in the last week.';
COMMENT ON COLUMN access_changes.number IS 'Order of writing, not of commit.';
COMMENT ON COLUMN access_changes.at IS 'When.';
COMMENT ON COLUMN access_changes.what IS 'user:7, token:3, session:1, credential:logger-7, or sources:gateway-1.';
