-- Named queries of EPCIS 2.0 and the subscriptions to them (sections 8.2.5 and 12.6; docs/epcis.md).
CREATE TABLE epcis_queries (
  name text COLLATE "C" PRIMARY KEY,
  query json NOT NULL,
  created_at bigint NOT NULL,
  created_by text NOT NULL
);
COMMENT ON TABLE epcis_queries IS 'Named queries. One is never changed: it is removed, with its subscriptions, and made anew.';
COMMENT ON COLUMN epcis_queries.name IS 'As it stands in the path.';
COMMENT ON COLUMN epcis_queries.query IS 'Parameters of the SimpleEventQuery, as they came.';
COMMENT ON COLUMN epcis_queries.created_at IS 'Epoch ms UTC.';
COMMENT ON COLUMN epcis_queries.created_by IS 'The name then shown of who made it.';

-- Events in the order in which they became visible. Record times and log positions do not say it: writers commit side by side.
CREATE TABLE epcis_arrivals (
  arrival bigint PRIMARY KEY,
  position bigint NOT NULL,
  index integer NOT NULL
);
COMMENT ON TABLE epcis_arrivals IS 'Which event became visible when, for subscriptions: an event with a higher number is never visible before one with a lower.';
COMMENT ON COLUMN epcis_arrivals.arrival IS 'Counts up by one.';
COMMENT ON COLUMN epcis_arrivals.position IS 'Position of the event.';
COMMENT ON COLUMN epcis_arrivals.index IS 'Index of the event.';
INSERT INTO epcis_arrivals (arrival, position, index)
SELECT row_number() OVER (ORDER BY record_time, position, index), position, index FROM epcis_events;

CREATE TABLE epcis_unplaced (
  position bigint NOT NULL,
  index integer NOT NULL,
  PRIMARY KEY (position, index)
);
COMMENT ON TABLE epcis_unplaced IS 'Events that have no arrival yet: a second''s worth.';
COMMENT ON COLUMN epcis_unplaced.position IS 'Position of the event.';
COMMENT ON COLUMN epcis_unplaced.index IS 'Index of the event.';

CREATE TABLE epcis_subscriptions (
  id text PRIMARY KEY,
  query text COLLATE "C" NOT NULL REFERENCES epcis_queries (name) ON DELETE CASCADE,
  dest text NOT NULL,
  signature_token text,
  schedule json,
  report_if_empty boolean NOT NULL,
  initial_record_time bigint NOT NULL,
  created_at bigint NOT NULL,
  created_by text NOT NULL,
  actor text NOT NULL,
  arrival bigint NOT NULL,
  batch integer NOT NULL,
  is_draining boolean NOT NULL DEFAULT false,
  next_at bigint NOT NULL,
  claim text,
  claimed_until bigint NOT NULL DEFAULT 0,
  sending text,
  sending_arrivals json,
  sending_upto bigint,
  sending_at bigint,
  attempts integer NOT NULL DEFAULT 0,
  last_notified_at bigint,
  failing_since bigint,
  last_error text,
  ended_at bigint,
  ended_because text
);
COMMENT ON TABLE epcis_subscriptions IS 'Who is told of what a named query finds, and how far that is.';
COMMENT ON COLUMN epcis_subscriptions.id IS 'Id of the subscription.';
COMMENT ON COLUMN epcis_subscriptions.query IS 'Name of the query.';
COMMENT ON COLUMN epcis_subscriptions.dest IS 'Where it is sent to.';
COMMENT ON COLUMN epcis_subscriptions.signature_token IS 'What messages are signed with, sealed; null = not signed.';
COMMENT ON COLUMN epcis_subscriptions.schedule IS 'When it is run: second, minute, hour, dayOfMonth, month, dayOfWeek, UTC; null = as events come.';
COMMENT ON COLUMN epcis_subscriptions.report_if_empty IS 'A run that finds nothing is told too.';
COMMENT ON COLUMN epcis_subscriptions.initial_record_time IS 'Events recorded before are not told, epoch ms UTC.';
COMMENT ON COLUMN epcis_subscriptions.created_at IS 'Epoch ms UTC.';
COMMENT ON COLUMN epcis_subscriptions.created_by IS 'The name then shown of who made it.';
COMMENT ON COLUMN epcis_subscriptions.actor IS 'Who made it: it ends when they may no longer.';
COMMENT ON COLUMN epcis_subscriptions.arrival IS 'Every event up to this arrival is told, or is none of the query''s.';
COMMENT ON COLUMN epcis_subscriptions.batch IS 'Most events of a message; fewer once the receiver has said that one was too large.';
COMMENT ON COLUMN epcis_subscriptions.is_draining IS 'The run under way has told events already.';
COMMENT ON COLUMN epcis_subscriptions.next_at IS 'When it is looked at next, epoch ms UTC.';
COMMENT ON COLUMN epcis_subscriptions.claim IS 'Who works on it.';
COMMENT ON COLUMN epcis_subscriptions.claimed_until IS 'Until when, epoch ms UTC: a process that died holds it no longer.';
COMMENT ON COLUMN epcis_subscriptions.sending IS 'Id of the message under way: kept before it is sent, the same at each attempt; null = none.';
COMMENT ON COLUMN epcis_subscriptions.sending_arrivals IS 'Arrivals of its events.';
COMMENT ON COLUMN epcis_subscriptions.sending_upto IS 'What `arrival` is once it is taken.';
COMMENT ON COLUMN epcis_subscriptions.sending_at IS 'When it was made, epoch ms UTC.';
COMMENT ON COLUMN epcis_subscriptions.attempts IS 'How often it was tried in vain.';
COMMENT ON COLUMN epcis_subscriptions.last_notified_at IS 'When a message was last taken, epoch ms UTC.';
COMMENT ON COLUMN epcis_subscriptions.failing_since IS 'Since when none is taken, epoch ms UTC; null = it gets on.';
COMMENT ON COLUMN epcis_subscriptions.last_error IS 'Why the last attempt failed.';
COMMENT ON COLUMN epcis_subscriptions.ended_at IS 'When it ended, epoch ms UTC; null = it is active.';
COMMENT ON COLUMN epcis_subscriptions.ended_because IS 'Why.';
CREATE INDEX epcis_subscriptions_query ON epcis_subscriptions (query, created_at, id);
CREATE INDEX epcis_subscriptions_due ON epcis_subscriptions (next_at) WHERE ended_at IS NULL;
