-- What the tracer keeps: places and portals, shipments, what was in what and where, what the readers saw and the passes
-- formed from it. All times are epoch milliseconds UTC (`since`, `until` half-open; null = open). Everything here can be
-- rebuilt from the facts and the sightings, which carry their log position.

CREATE TABLE places (
  id text PRIMARY KEY,
  kind text NOT NULL,
  name text NOT NULL,
  parent text,
  zone text NOT NULL,
  position bigint NOT NULL
);

-- Antennas and triggers as they came (domain/place.ts): they are read with their portal and never searched.
CREATE TABLE portals (
  id text PRIMARY KEY,
  name text NOT NULL,
  inside text NOT NULL,
  outside text NOT NULL,
  site text NOT NULL,
  antennas jsonb NOT NULL,
  triggers jsonb NOT NULL,
  quiet_ms integer NOT NULL,
  cap_ms integer NOT NULL,
  position bigint NOT NULL
);

CREATE TABLE shipments (
  id text PRIMARY KEY,
  profile text NOT NULL,
  origin text NOT NULL,
  destination text NOT NULL,
  departs bigint NOT NULL,
  arrives bigint NOT NULL,
  state text NOT NULL,
  left_at bigint,
  received_at bigint,
  closed_at bigint,
  noticed_at bigint NOT NULL,
  noticed_by text NOT NULL,
  position bigint NOT NULL
);
CREATE INDEX shipments_departs ON shipments (departs DESC, id);

CREATE TABLE shipment_units (
  shipment text NOT NULL REFERENCES shipments ON DELETE CASCADE,
  unit text NOT NULL,
  since bigint NOT NULL,
  -- In no other unit of the shipment: what passes a door by itself.
  is_outermost boolean NOT NULL,
  PRIMARY KEY (shipment, unit)
);
CREATE INDEX shipment_units_unit ON shipment_units (unit);

-- What the notice lists, whatever became of it: what a portal expects.
CREATE TABLE shipment_lines (
  shipment text NOT NULL REFERENCES shipments ON DELETE CASCADE,
  epc text NOT NULL,
  unit text NOT NULL,
  is_serial boolean NOT NULL,
  PRIMARY KEY (shipment, epc)
);
CREATE INDEX shipment_lines_epc ON shipment_lines (epc);

CREATE TABLE shipment_products (
  shipment text NOT NULL REFERENCES shipments ON DELETE CASCADE,
  line smallint NOT NULL,
  gtin text NOT NULL,
  name text NOT NULL,
  lot text,
  expiry text,
  PRIMARY KEY (shipment, line)
);

CREATE TABLE serials (
  epc text PRIMARY KEY,
  gtin text NOT NULL,
  serial text NOT NULL,
  lot text,
  expiry text,
  position bigint NOT NULL
);
CREATE INDEX serials_gtin ON serials (gtin, serial);

-- Statements with the intervals that follow from them (trace.md, "Intervals"): `holds` is false for a statement that
-- another one about the same moment overruled. A source (`asn:SHP-1`, `fact:17`, `pass:3`) may say its part anew.
CREATE TABLE containment (
  child text NOT NULL,
  parent text,
  since bigint NOT NULL,
  until bigint,
  position bigint NOT NULL,
  source text NOT NULL,
  holds boolean NOT NULL,
  PRIMARY KEY (child, since, source)
);
CREATE INDEX containment_parent ON containment (parent, since) WHERE holds;
CREATE INDEX containment_source ON containment (source);

CREATE TABLE attachments (
  device text NOT NULL,
  subject text,
  since bigint NOT NULL,
  until bigint,
  position bigint NOT NULL,
  source text NOT NULL,
  holds boolean NOT NULL,
  PRIMARY KEY (device, since, source)
);
CREATE INDEX attachments_subject ON attachments (subject, since) WHERE holds;
CREATE INDEX attachments_source ON attachments (source);

CREATE TABLE presence (
  epc text NOT NULL,
  place text,
  since bigint NOT NULL,
  until bigint,
  position bigint NOT NULL,
  source text NOT NULL,
  holds boolean NOT NULL,
  PRIMARY KEY (epc, since, source)
);
CREATE INDEX presence_place ON presence (place, since) WHERE holds;
CREATE INDEX presence_source ON presence (source);

-- EPC memory as read; what it means is decided when passes are formed.
CREATE TABLE sightings (
  reader text NOT NULL,
  antenna smallint NOT NULL,
  first_seen bigint NOT NULL,
  epc_hex text NOT NULL,
  epc_bits smallint NOT NULL,
  last_seen bigint NOT NULL,
  count integer NOT NULL,
  rssi double precision,
  position bigint NOT NULL,
  PRIMARY KEY (reader, antenna, first_seen, epc_hex)
);

CREATE TABLE gpi_events (
  reader text NOT NULL,
  port smallint NOT NULL,
  at bigint NOT NULL,
  is_high boolean NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (reader, port, at, is_high)
);

CREATE TABLE read_gaps (
  reader text NOT NULL,
  since bigint NOT NULL,
  until bigint NOT NULL,
  reason text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (reader, since, until, reason)
);

CREATE TABLE complete_until (
  reader text PRIMARY KEY,
  at bigint NOT NULL,
  position bigint NOT NULL
);

-- A pass keeps its id while its sightings change. `findings`: what it last made the finding store hold.
CREATE TABLE passes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  portal text NOT NULL,
  since bigint NOT NULL,
  until bigint NOT NULL,
  ended_by text NOT NULL,
  settles_at bigint NOT NULL,
  direction text NOT NULL,
  direction_reason text NOT NULL,
  verdict jsonb,
  is_provisional boolean NOT NULL DEFAULT true,
  findings jsonb NOT NULL DEFAULT '[]',
  position bigint NOT NULL,
  revision integer NOT NULL DEFAULT 1
);
CREATE INDEX passes_portal ON passes (portal, since);
CREATE INDEX passes_provisional ON passes (portal, settles_at) WHERE is_provisional;

CREATE TABLE pass_reads (
  pass bigint NOT NULL REFERENCES passes ON DELETE CASCADE,
  epc text NOT NULL,
  epc_hex text NOT NULL,
  epc_bits smallint NOT NULL,
  first_seen bigint NOT NULL,
  last_seen bigint NOT NULL,
  count integer NOT NULL,
  rssi double precision,
  inside jsonb,
  outside jsonb,
  direction text NOT NULL,
  direction_reason text NOT NULL,
  -- expected | unexpected | stray | other; with why
  status text,
  reason text,
  PRIMARY KEY (pass, epc)
);
CREATE INDEX pass_reads_epc ON pass_reads (epc);

-- Units that went through in a pass: read themselves, or inferred from enough of what is in them.
CREATE TABLE pass_units (
  pass bigint NOT NULL REFERENCES passes ON DELETE CASCADE,
  unit text NOT NULL,
  shipment text,
  inferred_from text NOT NULL,
  direction text NOT NULL,
  direction_reason text NOT NULL,
  serials integer NOT NULL,
  seen integer NOT NULL,
  PRIMARY KEY (pass, unit)
);
CREATE INDEX pass_units_unit ON pass_units (unit);
