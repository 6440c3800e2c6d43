-- PINs that acknowledge an alert by an answer to an SMS, and how often somebody guessed.
CREATE TABLE alert_pins (
  digest bytea PRIMARY KEY,
  number text COLLATE "C" NOT NULL,
  alert text COLLATE "C" NOT NULL,
  reopened integer NOT NULL,
  person text NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX alert_pins_by_number ON alert_pins (number, alert, made_at);
CREATE INDEX alert_pins_expiry ON alert_pins (expires_at);
COMMENT ON TABLE alert_pins IS 'PINs in messages to phones that acknowledge an alert; each goes when it is used.';
COMMENT ON COLUMN alert_pins.digest IS 'HMAC of number and PIN under a key drawn from that of the installation: the PIN stands nowhere.';
COMMENT ON COLUMN alert_pins.number IS 'Phone number that it was sent to and counts from; digits alone.';
COMMENT ON COLUMN alert_pins.alert IS 'Alert that it acknowledges.';
COMMENT ON COLUMN alert_pins.reopened IS 'How often the alert had been opened again: a PIN serves one opening.';
COMMENT ON COLUMN alert_pins.person IS 'Who was told.';
COMMENT ON COLUMN alert_pins.made_at IS 'When it was made.';
COMMENT ON COLUMN alert_pins.expires_at IS 'When it is void.';

CREATE TABLE alert_pin_tries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text COLLATE "C" NOT NULL,
  tried_at timestamptz NOT NULL
);
CREATE INDEX alert_pin_tries_by_number ON alert_pin_tries (number, tried_at);
CREATE INDEX alert_pin_tries_by_time ON alert_pin_tries (tried_at);
COMMENT ON TABLE alert_pin_tries IS 'Wrong PINs from numbers that had been sent one, of the last hour.';
COMMENT ON COLUMN alert_pin_tries.id IS 'Number of the try.';
COMMENT ON COLUMN alert_pin_tries.number IS 'Phone number that it came from; digits alone.';
COMMENT ON COLUMN alert_pin_tries.tried_at IS 'When it came.';
