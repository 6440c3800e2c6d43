-- Browsers that a person wants to be told on (Push API, RFC 8030).
CREATE TABLE push_subscriptions (
  id text COLLATE "C" PRIMARY KEY,
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  service text NOT NULL,
  browser text NOT NULL,
  sealed text NOT NULL,
  created_at timestamptz NOT NULL,
  told_at timestamptz
);
CREATE INDEX push_subscriptions_by_user ON push_subscriptions (user_id);
COMMENT ON TABLE push_subscriptions IS 'Browsers that people want to be told of alerts on.';
COMMENT ON COLUMN push_subscriptions.id IS 'SHA-256 of the address at the push service, base64url: a browser is known again by it.';
COMMENT ON COLUMN push_subscriptions.user_id IS 'Whose browser it is now.';
COMMENT ON COLUMN push_subscriptions.service IS 'Host of the push service, as people see it.';
COMMENT ON COLUMN push_subscriptions.browser IS 'What the browser said of itself when it asked.';
COMMENT ON COLUMN push_subscriptions.sealed IS 'Address and keys of the subscription, sealed with the key of the installation: who has them may write to the browser.';
COMMENT ON COLUMN push_subscriptions.created_at IS 'When it was asked for.';
COMMENT ON COLUMN push_subscriptions.told_at IS 'When its push service last took a message; null = never.';
