-- What people act on. An alert has an id of its own, so that it stays itself when re-evaluation moves its finding.
CREATE TABLE alerts (
  id text PRIMARY KEY,
  -- Order of opening; what the tables below refer to.
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
  -- All readings that made the finding are in the evidence; else they are looked for again.
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
CREATE INDEX alerts_by_group ON alerts (rule, key, from_at) WHERE state <> 'retracted';
CREATE INDEX alerts_by_detection ON alerts (detected_at DESC, number DESC);
CREATE INDEX alerts_standing ON alerts (detected_at DESC, number DESC) WHERE state IN ('open', 'acknowledged');
CREATE INDEX alerts_by_shipment ON alerts USING gin (shipments);
CREATE INDEX alerts_by_device ON alerts (device, detected_at DESC) WHERE device IS NOT NULL;
CREATE INDEX alerts_by_portal ON alerts (portal, detected_at DESC) WHERE portal IS NOT NULL;

-- Serials that shared one environment while the alert lasted: figures once, not ten thousand times. While an excursion
-- runs its figures change with every reading and its serials do not.
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
  -- Of the EPCs, and of what is known of them: an unchanged list is not written again.
  epc_digest text NOT NULL,
  identity_digest text NOT NULL,
  PRIMARY KEY (alert, part)
);

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
CREATE INDEX alert_serials_by_epc ON alert_serials (epc);

-- Who did what, and when; `actor` null is the platform itself.
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
CREATE INDEX alert_entries_by_alert ON alert_entries (alert, number);
