-- Who is told of an alert, by which channel, when and why: worked out when it opens, and kept after it.
CREATE TABLE alert_notices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert bigint NOT NULL,
  channel text NOT NULL,
  person text,
  step text NOT NULL,
  route text NOT NULL,
  why text NOT NULL,
  due_at timestamptz NOT NULL,
  told_at timestamptz,
  message text,
  delivered_at timestamptz,
  cancelled_at timestamptz,
  cancelled_why text,
  CHECK (told_at IS NULL OR cancelled_at IS NULL)
);
COMMENT ON TABLE alert_notices IS 'Who is told of an alert, by which channel, when and why.';
COMMENT ON COLUMN alert_notices.id IS 'Number of the notice.';
COMMENT ON COLUMN alert_notices.alert IS 'Number of the alert.';
COMMENT ON COLUMN alert_notices.channel IS 'Channel it goes by.';
COMMENT ON COLUMN alert_notices.person IS 'Who is told; null: a channel without anybody in particular.';
COMMENT ON COLUMN alert_notices.step IS '`first`, `escalation n` or `repeat n`.';
COMMENT ON COLUMN alert_notices.route IS 'Route that leads to them, from the root.';
COMMENT ON COLUMN alert_notices.why IS 'How they come to be told.';
COMMENT ON COLUMN alert_notices.due_at IS 'Not before then.';
COMMENT ON COLUMN alert_notices.told_at IS 'When its message went into the outbox.';
COMMENT ON COLUMN alert_notices.message IS 'That message.';
COMMENT ON COLUMN alert_notices.delivered_at IS 'When the receiver took the message.';
COMMENT ON COLUMN alert_notices.cancelled_at IS 'When it was known that it need not be told.';
COMMENT ON COLUMN alert_notices.cancelled_why IS 'Why not.';
CREATE INDEX alert_notices_by_alert ON alert_notices (alert, due_at, id);
CREATE INDEX alert_notices_due ON alert_notices (due_at) WHERE told_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX alert_notices_by_message ON alert_notices (message) WHERE message IS NOT NULL AND delivered_at IS NULL;
