-- Passkeys (WebAuthn): a key pair in a device of the user, which asks for a finger or a PIN; only the public key is here.
ALTER TABLE users ADD COLUMN handle uuid NOT NULL DEFAULT gen_random_uuid();
COMMENT ON COLUMN users.handle IS 'What passkeys know the user by: it says nothing about the person.';

CREATE TABLE passkeys (
  id text COLLATE "C" PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  name text NOT NULL,
  public_key bytea NOT NULL,
  counter bigint NOT NULL,
  transports text[] NOT NULL,
  is_backed_up boolean NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);
COMMENT ON TABLE passkeys IS 'Passkeys that users have registered.';
COMMENT ON COLUMN passkeys.id IS 'Credential id, base64url.';
COMMENT ON COLUMN passkeys.user_id IS 'Whose.';
COMMENT ON COLUMN passkeys.name IS 'What the user calls it.';
COMMENT ON COLUMN passkeys.public_key IS 'COSE key.';
COMMENT ON COLUMN passkeys.counter IS 'Signatures so far, as the authenticator counts; 0 = it does not. One that falls back is a copy.';
COMMENT ON COLUMN passkeys.transports IS 'How the authenticator is reached: internal, usb, hybrid.';
COMMENT ON COLUMN passkeys.is_backed_up IS 'Whether it is kept in an account of a vendor and outlives the device.';
COMMENT ON COLUMN passkeys.created_at IS 'When it was registered.';
COMMENT ON COLUMN passkeys.last_used_at IS 'When it last signed in; null = never.';

CREATE TABLE passkey_challenges (
  challenge text COLLATE "C" PRIMARY KEY,
  holder text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenges_by_address ON passkey_challenges (address, expires_at);
CREATE INDEX passkey_challenges_expiry ON passkey_challenges (expires_at);
COMMENT ON TABLE passkey_challenges IS 'Challenges that wait for an answer; each is taken once.';
COMMENT ON COLUMN passkey_challenges.challenge IS 'Random, base64url.';
COMMENT ON COLUMN passkey_challenges.holder IS 'Who alone may answer: session:NUMBER, or the hash of a browser''s cookie.';
COMMENT ON COLUMN passkey_challenges.address IS 'Network that asked: one holds only so many.';
COMMENT ON COLUMN passkey_challenges.expires_at IS 'When it is void.';
