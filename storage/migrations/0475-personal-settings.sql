-- What people set for themselves of how they are told, over what the routing says of them: whoever moves, sleeps or speaks
-- otherwise need not wait for operations. An address counts when its code was entered.
CREATE TABLE personal_settings (
  user_id integer PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  language text,
  zone text,
  quiet jsonb,
  codes integer NOT NULL DEFAULT 0,
  codes_since timestamptz
);
COMMENT ON TABLE personal_settings IS 'What people set for themselves of how they are told of alerts; null = as the routing says.';
COMMENT ON COLUMN personal_settings.user_id IS 'Whose.';
COMMENT ON COLUMN personal_settings.language IS 'Language of messages to them alone.';
COMMENT ON COLUMN personal_settings.zone IS 'IANA time zone of their quiet hours and of times in messages to them alone.';
COMMENT ON COLUMN personal_settings.quiet IS 'Quiet hours as a routing writes them (docs/routing.md), which critical alerts pierce; [] = none.';
COMMENT ON COLUMN personal_settings.codes IS 'Codes and tests that were sent for them since codes_since: bounded by the hour.';
COMMENT ON COLUMN personal_settings.codes_since IS 'When the count of codes began.';

CREATE TABLE personal_addresses (
  user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
  channel text COLLATE "C" NOT NULL,
  address text,
  verified_at timestamptz,
  wanted text,
  code bytea,
  code_expires_at timestamptz,
  tries integer NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, channel)
);
COMMENT ON TABLE personal_addresses IS 'Addresses at which people want to be told by a channel, instead of what the routing says of them.';
COMMENT ON COLUMN personal_addresses.user_id IS 'Whose.';
COMMENT ON COLUMN personal_addresses.channel IS 'Id of the channel.';
COMMENT ON COLUMN personal_addresses.address IS 'Address, number, chat or topic at which they are told; its code was entered. Null = none yet.';
COMMENT ON COLUMN personal_addresses.verified_at IS 'When its code was entered.';
COMMENT ON COLUMN personal_addresses.wanted IS 'Address whose code is awaited; nobody is told there yet.';
COMMENT ON COLUMN personal_addresses.code IS 'HMAC of person, channel, address and code under a key drawn from that of the installation: the code stands nowhere.';
COMMENT ON COLUMN personal_addresses.code_expires_at IS 'When the code is void.';
COMMENT ON COLUMN personal_addresses.tries IS 'Wrong codes so far.';
