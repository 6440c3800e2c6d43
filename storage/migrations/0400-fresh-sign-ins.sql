-- A fresh sign-in at an OpenID provider as a signature, bound to the record that was shown; and a record that is shown to two
-- people, or in two sessions, is shown to each.
ALTER TABLE records_to_sign DROP CONSTRAINT records_to_sign_pkey;
ALTER TABLE records_to_sign ADD PRIMARY KEY (record_hash, session);
COMMENT ON TABLE records_to_sign IS 'Records that were shown in a session to be signed by a passkey or a fresh sign-in; each is taken once.';

CREATE TABLE fresh_sign_ins (
  ticket_sha256 bytea PRIMARY KEY,
  session bigint NOT NULL,
  user_id integer NOT NULL,
  record_hash text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  auth_at bigint NOT NULL,
  nonce text NOT NULL,
  salt text NOT NULL,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE fresh_sign_ins IS 'Sign-ins at an OpenID provider that were made to sign one record; each signs once.';
COMMENT ON COLUMN fresh_sign_ins.ticket_sha256 IS 'Hash of the ticket that the browser brings back.';
COMMENT ON COLUMN fresh_sign_ins.session IS 'Id of the session that asked.';
COMMENT ON COLUMN fresh_sign_ins.user_id IS 'Whose session it is: the same person as the provider vouched for.';
COMMENT ON COLUMN fresh_sign_ins.record_hash IS 'SHA-256 of the record that it signs, hex.';
COMMENT ON COLUMN fresh_sign_ins.issuer IS 'The provider.';
COMMENT ON COLUMN fresh_sign_ins.subject IS 'What it knows the person by (sub).';
COMMENT ON COLUMN fresh_sign_ins.auth_at IS 'When the person signed in there (auth_time), epoch ms UTC.';
COMMENT ON COLUMN fresh_sign_ins.nonce IS 'What the provider signed: SHA-256 of the salt, a dot and the hash of the record, base64url.';
COMMENT ON COLUMN fresh_sign_ins.salt IS 'Random, of this sign-in alone.';
COMMENT ON COLUMN fresh_sign_ins.expires_at IS 'Until when it can sign.';
CREATE INDEX fresh_sign_ins_end ON fresh_sign_ins (expires_at);
