-- What people act on, and what they and their systems are still to be told.

-- Rows are only ever added by those who mark and taken away by the alert worker, a group (rule, key) at a time: repeated
-- marks coalesce when they are taken, and marking never waits for the worker, as an upsert of one row per group would.
CREATE TABLE alert_work (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  from_at timestamptz NOT NULL,
  reason text,
  is_exposure boolean NOT NULL DEFAULT false,
  not_before timestamptz,
  attempt int NOT NULL DEFAULT 0
);
COMMENT ON TABLE alert_work IS 'Findings the alert worker has to look at, marked in the transaction that changed them.';
COMMENT ON COLUMN alert_work.id IS 'Number of the mark.';
COMMENT ON COLUMN alert_work.rule IS 'Rule of the finding.';
COMMENT ON COLUMN alert_work.key IS 'Key of the finding.';
COMMENT ON COLUMN alert_work.from_at IS 'Begin of the finding that changed.';
COMMENT ON COLUMN alert_work.reason IS 'Why it changed.';
COMMENT ON COLUMN alert_work.is_exposure IS 'Exposure changed, not the finding: what is known of the serials is asked again too.';
COMMENT ON COLUMN alert_work.not_before IS 'Look again then, not before: readings that made the finding were not stored yet.';
COMMENT ON COLUMN alert_work.attempt IS 'How often it was tried.';
CREATE INDEX alert_work_by_group ON alert_work (rule, key, id);

-- An alert has an id of its own, so that it stays itself when re-evaluation moves its finding.
CREATE TABLE alerts (
  id text PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  rule text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  rule_version int NOT NULL,
  kind text NOT NULL,
  severity text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved', 'retracted')),
  device text,
  metric text,
  portal text,
  shipments text[] NOT NULL,
  summary text NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz,
  detected_at timestamptz NOT NULL,
  detected_late boolean NOT NULL,
  evidence jsonb NOT NULL,
  evidence_complete boolean NOT NULL,
  affected_count int NOT NULL,
  merged_into text,
  split_from text,
  acknowledged_by text,
  acknowledged_at timestamptz,
  resolved_by text,
  resolved_at timestamptz,
  assigned_to text,
  snoozed_until timestamptz,
  revision int NOT NULL DEFAULT 1
);
COMMENT ON TABLE alerts IS 'Alerts: what people act on.';
COMMENT ON COLUMN alerts.id IS 'Id of the alert.';
COMMENT ON COLUMN alerts.number IS 'Order of opening; what the tables below refer to.';
COMMENT ON COLUMN alerts.rule IS 'Rule of its finding.';
COMMENT ON COLUMN alerts.key IS 'Key of its finding.';
COMMENT ON COLUMN alerts.rule_version IS 'Version of the rule.';
COMMENT ON COLUMN alerts.kind IS 'Kind of the rule.';
COMMENT ON COLUMN alerts.severity IS 'Severity.';
COMMENT ON COLUMN alerts.state IS 'State.';
COMMENT ON COLUMN alerts.device IS 'Device it is about.';
COMMENT ON COLUMN alerts.metric IS 'Metric it is about.';
COMMENT ON COLUMN alerts.portal IS 'Portal it is about.';
COMMENT ON COLUMN alerts.shipments IS 'Shipments it touches.';
COMMENT ON COLUMN alerts.summary IS 'One line for people.';
COMMENT ON COLUMN alerts.from_at IS 'When it began.';
COMMENT ON COLUMN alerts.to_at IS 'When it ended; null while it goes on.';
COMMENT ON COLUMN alerts.detected_at IS 'When it was found.';
COMMENT ON COLUMN alerts.detected_late IS 'It was found on late readings.';
COMMENT ON COLUMN alerts.evidence IS 'Limit, extreme and readings that made it.';
COMMENT ON COLUMN alerts.evidence_complete IS 'All readings that made the finding are in the evidence; else they are looked for again.';
COMMENT ON COLUMN alerts.affected_count IS 'Number of distinct serials it touched.';
COMMENT ON COLUMN alerts.merged_into IS 'Alert it was merged into.';
COMMENT ON COLUMN alerts.split_from IS 'Alert it was split from.';
COMMENT ON COLUMN alerts.acknowledged_by IS 'Who acknowledged it.';
COMMENT ON COLUMN alerts.acknowledged_at IS 'When.';
COMMENT ON COLUMN alerts.resolved_by IS 'Who resolved it.';
COMMENT ON COLUMN alerts.resolved_at IS 'When.';
COMMENT ON COLUMN alerts.assigned_to IS 'Who takes care of it.';
COMMENT ON COLUMN alerts.snoozed_until IS 'Quiet until then.';
COMMENT ON COLUMN alerts.revision IS 'Raised by one with every change.';
CREATE INDEX alerts_by_group ON alerts (rule, key, from_at) WHERE state <> 'retracted';
CREATE INDEX alerts_by_detection ON alerts (detected_at DESC, number DESC);
CREATE INDEX alerts_standing ON alerts (detected_at DESC, number DESC) WHERE state IN ('open', 'acknowledged');
CREATE INDEX alerts_by_shipment ON alerts USING gin (shipments);
CREATE INDEX alerts_by_device ON alerts (device, detected_at DESC) WHERE device IS NOT NULL;
CREATE INDEX alerts_by_portal ON alerts (portal, detected_at DESC) WHERE portal IS NOT NULL;

-- Figures once, not ten thousand times. While an excursion runs its figures change with every reading and its serials do
-- not: an unchanged list of serials is not written again.
CREATE TABLE alert_exposures (
  alert bigint NOT NULL,
  part int NOT NULL,
  unit text,
  shipment text,
  from_at timestamptz NOT NULL,
  to_at timestamptz,
  minutes double precision,
  min double precision,
  max double precision,
  mkt double precision,
  serials int NOT NULL,
  epc_digest text NOT NULL,
  identity_digest text NOT NULL,
  PRIMARY KEY (alert, part)
);
COMMENT ON TABLE alert_exposures IS 'Serials that shared one environment while the alert lasted.';
COMMENT ON COLUMN alert_exposures.alert IS 'Number of the alert.';
COMMENT ON COLUMN alert_exposures.part IS 'Which part of it, from 0.';
COMMENT ON COLUMN alert_exposures.unit IS 'Unit they were in.';
COMMENT ON COLUMN alert_exposures.shipment IS 'Shipment they were in.';
COMMENT ON COLUMN alert_exposures.from_at IS 'From when on they were exposed.';
COMMENT ON COLUMN alert_exposures.to_at IS 'Until when; null while it goes on.';
COMMENT ON COLUMN alert_exposures.minutes IS 'Minutes out of range.';
COMMENT ON COLUMN alert_exposures.min IS 'Smallest value.';
COMMENT ON COLUMN alert_exposures.max IS 'Largest value.';
COMMENT ON COLUMN alert_exposures.mkt IS 'Mean kinetic temperature, °C.';
COMMENT ON COLUMN alert_exposures.serials IS 'Number of serials.';
COMMENT ON COLUMN alert_exposures.epc_digest IS 'Digest of the EPCs.';
COMMENT ON COLUMN alert_exposures.identity_digest IS 'Digest of what is known of them.';

CREATE TABLE alert_serials (
  alert bigint NOT NULL,
  part int NOT NULL,
  epc text COLLATE "C" NOT NULL,
  gtin text,
  serial text,
  lot text,
  expiry text,
  PRIMARY KEY (alert, part, epc)
);
COMMENT ON TABLE alert_serials IS 'Every serial an alert touched.';
COMMENT ON COLUMN alert_serials.alert IS 'Number of the alert.';
COMMENT ON COLUMN alert_serials.part IS 'Part of the alert whose figures are the serial''s.';
COMMENT ON COLUMN alert_serials.epc IS 'EPC of the serial.';
COMMENT ON COLUMN alert_serials.gtin IS 'GTIN-14.';
COMMENT ON COLUMN alert_serials.serial IS 'Serial number.';
COMMENT ON COLUMN alert_serials.lot IS 'Lot.';
COMMENT ON COLUMN alert_serials.expiry IS 'Expiry.';
CREATE INDEX alert_serials_by_epc ON alert_serials (epc);

CREATE TABLE alert_entries (
  id text PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  alert bigint NOT NULL,
  at timestamptz NOT NULL,
  actor text,
  action text NOT NULL,
  comment text,
  detail jsonb NOT NULL
);
COMMENT ON TABLE alert_entries IS 'Who did what about an alert, and when.';
COMMENT ON COLUMN alert_entries.id IS 'Id of the entry.';
COMMENT ON COLUMN alert_entries.number IS 'Order of the entries.';
COMMENT ON COLUMN alert_entries.alert IS 'Number of the alert.';
COMMENT ON COLUMN alert_entries.at IS 'When.';
COMMENT ON COLUMN alert_entries.actor IS 'Who; null is the platform itself.';
COMMENT ON COLUMN alert_entries.action IS 'What was done.';
COMMENT ON COLUMN alert_entries.comment IS 'What the person said.';
COMMENT ON COLUMN alert_entries.detail IS 'What belongs to the action.';
CREATE INDEX alert_entries_by_alert ON alert_entries (alert, number);

-- Written in the transaction of the event and kept until it is delivered or given up. A job queue carries the work; this
-- table is the truth.
CREATE TABLE outbox (
  id text PRIMARY KEY,
  event text NOT NULL,
  type text NOT NULL,
  alert_id text NOT NULL,
  channel text NOT NULL,
  body text,
  created_at timestamptz NOT NULL,
  queued_at timestamptz,
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  last_error text,
  delivered_at timestamptz,
  dead_at timestamptz
);
COMMENT ON TABLE outbox IS 'Messages to people and systems: one row per alert, event and channel.';
COMMENT ON COLUMN outbox.id IS '`{event}.{channel}`; also the id of the job.';
COMMENT ON COLUMN outbox.event IS 'Fixed per alert and event: the `webhook-id` by which a receiver knows a repeat.';
COMMENT ON COLUMN outbox.type IS 'Type of the event.';
COMMENT ON COLUMN outbox.alert_id IS 'Id of the alert.';
COMMENT ON COLUMN outbox.channel IS 'Channel it goes by.';
COMMENT ON COLUMN outbox.body IS 'As it is sent, the same at every attempt; null once delivered.';
COMMENT ON COLUMN outbox.created_at IS 'When the event happened.';
COMMENT ON COLUMN outbox.queued_at IS 'When a job was first made for it.';
COMMENT ON COLUMN outbox.attempts IS 'How often it was tried.';
COMMENT ON COLUMN outbox.next_attempt_at IS 'Not before then; the sweeper makes a job again where none did it by then.';
COMMENT ON COLUMN outbox.last_error IS 'Why the last attempt failed.';
COMMENT ON COLUMN outbox.delivered_at IS 'When it was delivered.';
COMMENT ON COLUMN outbox.dead_at IS 'When it was given up.';
CREATE INDEX outbox_pending ON outbox (channel, next_attempt_at) WHERE delivered_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_new ON outbox (channel) WHERE queued_at IS NULL;
CREATE INDEX outbox_dead ON outbox (channel, dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
-- How much waits, and what was given up: of an outbox that is mostly delivered.
CREATE INDEX outbox_undelivered ON outbox (channel, created_at) WHERE delivered_at IS NULL;
