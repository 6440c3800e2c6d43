-- What people and systems are still to be told: one row per alert, event and channel, written in the transaction of
-- the event and kept until it is delivered or given up. A job queue carries the work; this table is the truth.
CREATE TABLE outbox (
  -- `{event}.{channel}`; also the id of the job.
  id text PRIMARY KEY,
  -- Fixed per alert and event: the `webhook-id` by which a receiver knows a repeat.
  event text NOT NULL,
  type text NOT NULL,
  alert_id text NOT NULL,
  channel text NOT NULL,
  -- As it is sent, the same at every attempt; null once delivered.
  body text,
  created_at timestamptz NOT NULL,
  -- When a job was first made for it.
  queued_at timestamptz,
  attempts int NOT NULL DEFAULT 0,
  -- Not before then; the sweeper makes a job again where none did it by then.
  next_attempt_at timestamptz NOT NULL,
  last_error text,
  delivered_at timestamptz,
  dead_at timestamptz
);
CREATE INDEX outbox_pending ON outbox (channel, next_attempt_at) WHERE delivered_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_new ON outbox (channel) WHERE queued_at IS NULL;
CREATE INDEX outbox_dead ON outbox (channel, dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
