-- Channels made on the page or by the API, beside those of the configuration.
CREATE TABLE channels (
  id text COLLATE "C" PRIMARY KEY,
  url text NOT NULL,
  secret text NOT NULL,
  is_told boolean NOT NULL,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL
);
CREATE INDEX channels_told ON channels (id) WHERE is_told;
COMMENT ON TABLE channels IS 'Where alerts are sent besides the channels of the configuration: webhooks, signed as Standard Webhooks has it.';
COMMENT ON COLUMN channels.id IS 'As the outbox and metrics name it.';
COMMENT ON COLUMN channels.url IS 'Where messages are posted.';
COMMENT ON COLUMN channels.secret IS 'Key of the signatures, sealed with the key of the installation.';
COMMENT ON COLUMN channels.is_told IS 'Whether it is told of alerts.';
COMMENT ON COLUMN channels.version IS 'Raised with each change, so that who sends notices it.';
COMMENT ON COLUMN channels.created_at IS 'When it was made.';
COMMENT ON COLUMN channels.created_by IS 'Name then shown of who made it.';
