-- Channels of several kinds, and messages of one alert in the order in which they were written.
ALTER TABLE channels ADD COLUMN kind text NOT NULL DEFAULT 'webhook';
ALTER TABLE channels ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
COMMENT ON TABLE channels IS 'Where alerts are sent besides the channels of the configuration.';
COMMENT ON COLUMN channels.kind IS 'How it is spoken to: webhook, email, slack and so on (docs/channels.md).';
COMMENT ON COLUMN channels.settings IS 'What its kind needs besides address and secret, and what is no secret: sender, receivers, chat.';
COMMENT ON COLUMN channels.url IS 'Where messages are sent; empty where its kind has one place for everybody. Of Slack and Microsoft Teams, whose address is the secret, the host alone.';
COMMENT ON COLUMN channels.secret IS 'Key of the signatures, password or token, or the whole address of Slack and Microsoft Teams; sealed with the key of the installation.';

ALTER TABLE outbox ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;
COMMENT ON COLUMN outbox.position IS 'Order in which messages of one alert were written: they are delivered in it.';
CREATE INDEX outbox_order ON outbox (channel, alert_id, position) WHERE delivered_at IS NULL AND dead_at IS NULL;
