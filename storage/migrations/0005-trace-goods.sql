-- What the tracer keeps: places and portals, shipments, serials, what was in what and where. All times are epoch
-- milliseconds UTC (`since`, `until` half-open; null = open). Everything here can be rebuilt from the facts and the
-- sightings, which carry their log position.

CREATE TABLE places (
  id text PRIMARY KEY,
  kind text NOT NULL,
  name text NOT NULL,
  parent text,
  zone text NOT NULL,
  position bigint NOT NULL,
  gln text
);
COMMENT ON TABLE places IS 'Sites, rooms and vehicles, nested.';
COMMENT ON COLUMN places.id IS 'Id of the place.';
COMMENT ON COLUMN places.kind IS 'site, room or vehicle.';
COMMENT ON COLUMN places.name IS 'Name for people.';
COMMENT ON COLUMN places.parent IS 'Place it is in.';
COMMENT ON COLUMN places.zone IS 'IANA time zone.';
COMMENT ON COLUMN places.position IS 'Log position of the fact that said so last.';
COMMENT ON COLUMN places.gln IS 'Global Location Number by which partners name it.';
CREATE INDEX places_gln ON places (gln) WHERE gln IS NOT NULL;

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
COMMENT ON TABLE portals IS 'Doors between two places, with the antennas that watch them.';
COMMENT ON COLUMN portals.id IS 'Id of the portal.';
COMMENT ON COLUMN portals.name IS 'Name for people.';
COMMENT ON COLUMN portals.inside IS 'Place on its inner side.';
COMMENT ON COLUMN portals.outside IS 'Place on its outer side.';
COMMENT ON COLUMN portals.site IS 'Site it belongs to.';
COMMENT ON COLUMN portals.antennas IS 'Readers and antennas, with the side each is on.';
COMMENT ON COLUMN portals.triggers IS 'Inputs (GPI) that begin a pass.';
COMMENT ON COLUMN portals.quiet_ms IS 'Milliseconds without a sighting that end a pass.';
COMMENT ON COLUMN portals.cap_ms IS 'Longest a pass may last, ms.';
COMMENT ON COLUMN portals.position IS 'Log position of the fact that said so last.';

CREATE TABLE products (
  gtin text PRIMARY KEY,
  name text NOT NULL,
  profile text,
  budget_ms bigint,
  mkt_window_ms bigint,
  position bigint NOT NULL
);
COMMENT ON TABLE products IS 'What people have registered of a product.';
COMMENT ON COLUMN products.gtin IS 'GTIN-14.';
COMMENT ON COLUMN products.name IS 'Name for people.';
COMMENT ON COLUMN products.profile IS 'Storage profile.';
COMMENT ON COLUMN products.budget_ms IS 'Time out of range it stands, ms.';
COMMENT ON COLUMN products.mkt_window_ms IS 'Window of the mean kinetic temperature, ms.';
COMMENT ON COLUMN products.position IS 'Log position of the fact that said so last.';

CREATE TABLE shipments (
  id text PRIMARY KEY,
  profile text NOT NULL,
  origin text NOT NULL,
  destination text NOT NULL,
  departs bigint NOT NULL,
  arrives bigint,
  state text NOT NULL,
  left_at bigint,
  received_at bigint,
  closed_at bigint,
  noticed_at bigint NOT NULL,
  noticed_by text NOT NULL,
  position bigint NOT NULL,
  lane text,
  is_noticed boolean NOT NULL DEFAULT true,
  content text
);
COMMENT ON TABLE shipments IS 'Shipments, from their notice (ASN) or from EPCIS shipping events.';
COMMENT ON COLUMN shipments.id IS 'Id of the shipment.';
COMMENT ON COLUMN shipments.profile IS 'Storage profile.';
COMMENT ON COLUMN shipments.origin IS 'Place it leaves.';
COMMENT ON COLUMN shipments.destination IS 'Place it goes to.';
COMMENT ON COLUMN shipments.departs IS 'Planned departure.';
COMMENT ON COLUMN shipments.arrives IS 'Planned arrival; a shipping event does not say it.';
COMMENT ON COLUMN shipments.state IS 'created, packed, in transit, received, closed.';
COMMENT ON COLUMN shipments.left_at IS 'When it left.';
COMMENT ON COLUMN shipments.received_at IS 'When it was received.';
COMMENT ON COLUMN shipments.closed_at IS 'When it was closed.';
COMMENT ON COLUMN shipments.noticed_at IS 'When the notice came.';
COMMENT ON COLUMN shipments.noticed_by IS 'Who sent the notice.';
COMMENT ON COLUMN shipments.position IS 'Log position of the fact that said so last.';
COMMENT ON COLUMN shipments.lane IS 'Transport lane the notice names.';
COMMENT ON COLUMN shipments.is_noticed IS 'A notice says so; without one all rests on events.';
COMMENT ON COLUMN shipments.content IS 'Digest of the notice in force, so that its repetition changes nothing.';
CREATE INDEX shipments_departs ON shipments (departs DESC, id);
-- Shipments that have not left: a few of all there ever were.
CREATE INDEX shipments_preparing ON shipments (id) WHERE state IN ('created', 'packed');
-- Shipments that are known from their events alone.
CREATE INDEX shipments_not_noticed ON shipments (id) WHERE NOT is_noticed;

CREATE TABLE shipment_units (
  shipment text NOT NULL REFERENCES shipments ON DELETE CASCADE,
  unit text NOT NULL,
  since bigint NOT NULL,
  is_outermost boolean NOT NULL,
  is_noticed boolean NOT NULL DEFAULT true,
  PRIMARY KEY (shipment, unit)
);
COMMENT ON TABLE shipment_units IS 'Logistic units of a shipment.';
COMMENT ON COLUMN shipment_units.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN shipment_units.unit IS 'EPC of the unit.';
COMMENT ON COLUMN shipment_units.since IS 'From when on it belongs to the shipment.';
COMMENT ON COLUMN shipment_units.is_outermost IS 'In no other unit of the shipment: what passes a door by itself.';
COMMENT ON COLUMN shipment_units.is_noticed IS 'A notice says so.';
CREATE INDEX shipment_units_unit ON shipment_units (unit);

-- Without a reference: a check of its shipment for each of 300,000 lines took longer than writing them (100,000 lines:
-- 4.9 s with, 2.0 s without). A shipment's lines are written and taken away with it, in one transaction.
CREATE TABLE shipment_lines (
  shipment text NOT NULL,
  epc text NOT NULL,
  unit text,
  is_serial boolean NOT NULL,
  budget_used_ms bigint,
  is_noticed boolean NOT NULL DEFAULT true,
  PRIMARY KEY (shipment, epc)
);
COMMENT ON TABLE shipment_lines IS 'What the notice lists, whatever became of it: what a portal expects.';
COMMENT ON COLUMN shipment_lines.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN shipment_lines.epc IS 'EPC of the serial or unit.';
COMMENT ON COLUMN shipment_lines.unit IS 'Unit it is in; null for what travels in nothing.';
COMMENT ON COLUMN shipment_lines.is_serial IS 'A serial, not a unit.';
COMMENT ON COLUMN shipment_lines.budget_used_ms IS 'Stability budget it had used before, ms.';
COMMENT ON COLUMN shipment_lines.is_noticed IS 'A notice says so.';
CREATE INDEX shipment_lines_epc ON shipment_lines (epc);

CREATE TABLE shipment_products (
  shipment text NOT NULL REFERENCES shipments ON DELETE CASCADE,
  line smallint NOT NULL,
  gtin text NOT NULL,
  name text NOT NULL,
  lot text,
  expiry text,
  budget_ms bigint,
  mkt_window_ms bigint,
  PRIMARY KEY (shipment, line)
);
COMMENT ON TABLE shipment_products IS 'Products the notice lists.';
COMMENT ON COLUMN shipment_products.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN shipment_products.line IS 'Place in the list.';
COMMENT ON COLUMN shipment_products.gtin IS 'GTIN-14.';
COMMENT ON COLUMN shipment_products.name IS 'Name for people.';
COMMENT ON COLUMN shipment_products.lot IS 'Lot, where the notice names one.';
COMMENT ON COLUMN shipment_products.expiry IS 'Expiry, YYYY-MM-DD.';
COMMENT ON COLUMN shipment_products.budget_ms IS 'Time out of range it stands, ms.';
COMMENT ON COLUMN shipment_products.mkt_window_ms IS 'Window of the mean kinetic temperature, ms.';

CREATE TABLE shipment_closings (
  shipment text PRIMARY KEY,
  at bigint NOT NULL,
  by text NOT NULL,
  position bigint NOT NULL
);
COMMENT ON TABLE shipment_closings IS 'Closings by people, kept apart from the shipment, which may come after it and go again.';
COMMENT ON COLUMN shipment_closings.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN shipment_closings.at IS 'When it was closed.';
COMMENT ON COLUMN shipment_closings.by IS 'Who closed it.';
COMMENT ON COLUMN shipment_closings.position IS 'Log position of the fact.';

CREATE TABLE shipping_events (
  position bigint NOT NULL,
  index integer NOT NULL,
  shipment text NOT NULL,
  at bigint NOT NULL,
  heard_at bigint NOT NULL,
  by text NOT NULL,
  epcs text[] NOT NULL,
  origin text[] NOT NULL,
  destination text[] NOT NULL,
  PRIMARY KEY (position, index)
);
COMMENT ON TABLE shipping_events IS 'EPCIS events of bizStep shipping that are not withdrawn.';
COMMENT ON COLUMN shipping_events.position IS 'Log position of its capture.';
COMMENT ON COLUMN shipping_events.index IS 'Place in the capture, from 0.';
COMMENT ON COLUMN shipping_events.shipment IS 'Shipment it belongs to.';
COMMENT ON COLUMN shipping_events.at IS 'Event time.';
COMMENT ON COLUMN shipping_events.heard_at IS 'When it was captured.';
COMMENT ON COLUMN shipping_events.by IS 'Who captured it.';
COMMENT ON COLUMN shipping_events.epcs IS 'EPCs that were shipped.';
COMMENT ON COLUMN shipping_events.origin IS 'Origin as the event names it, best first.';
COMMENT ON COLUMN shipping_events.destination IS 'Destination as the event names it, best first.';
CREATE INDEX shipping_events_shipment ON shipping_events (shipment, at);
CREATE INDEX shipping_events_epcs ON shipping_events USING gin (epcs);

-- The maker's word beats the notices'.
CREATE TABLE serials (
  epc text PRIMARY KEY,
  gtin text NOT NULL,
  serial text NOT NULL,
  noticed_lot text,
  noticed_expiry text,
  position bigint NOT NULL,
  made_lot text,
  made_expiry text,
  lot text GENERATED ALWAYS AS (coalesce(made_lot, noticed_lot)) STORED,
  expiry text GENERATED ALWAYS AS (coalesce(made_expiry, noticed_expiry)) STORED,
  status text,
  status_since bigint
);
COMMENT ON TABLE serials IS 'Serialized items (SGTIN) that were ever named.';
COMMENT ON COLUMN serials.epc IS 'EPC as pure identity URI.';
COMMENT ON COLUMN serials.gtin IS 'GTIN-14.';
COMMENT ON COLUMN serials.serial IS 'Serial number.';
COMMENT ON COLUMN serials.noticed_lot IS 'Lot by a notice.';
COMMENT ON COLUMN serials.noticed_expiry IS 'Expiry by a notice.';
COMMENT ON COLUMN serials.position IS 'Log position of the fact that said so last.';
COMMENT ON COLUMN serials.made_lot IS 'Lot by the maker''s event.';
COMMENT ON COLUMN serials.made_expiry IS 'Expiry by the maker''s event.';
COMMENT ON COLUMN serials.lot IS 'Lot in force.';
COMMENT ON COLUMN serials.expiry IS 'Expiry in force.';
COMMENT ON COLUMN serials.status IS 'State that forbids moving on, as the latest event says.';
COMMENT ON COLUMN serials.status_since IS 'Since when.';
CREATE INDEX serials_gtin ON serials (gtin, serial);
-- Recall by lot, by GTIN, by both.
CREATE INDEX serials_gtin_lot ON serials (gtin, lot, epc);
CREATE INDEX serials_lot ON serials (lot, epc);

CREATE TABLE serial_events (
  epc text NOT NULL,
  at bigint NOT NULL,
  position bigint NOT NULL,
  index integer NOT NULL,
  lot text,
  expiry text,
  status text,
  PRIMARY KEY (epc, at, position, index)
);
COMMENT ON TABLE serial_events IS 'What an event says of a serial; the latest event time wins, column by column.';
COMMENT ON COLUMN serial_events.epc IS 'EPC of the serial.';
COMMENT ON COLUMN serial_events.at IS 'Event time.';
COMMENT ON COLUMN serial_events.position IS 'Log position of the capture.';
COMMENT ON COLUMN serial_events.index IS 'Place in the capture, from 0.';
COMMENT ON COLUMN serial_events.lot IS 'Lot when it was commissioned.';
COMMENT ON COLUMN serial_events.expiry IS 'Expiry when it was commissioned.';
COMMENT ON COLUMN serial_events.status IS 'A state that forbids moving on, or `active`, which lifts it (docs/trace.md, "What becomes of a serial").';
CREATE INDEX serial_events_source ON serial_events (position, index);

-- Statements with the intervals that follow from them (docs/trace.md), once for all subjects that share them. What
-- 300,000 serials of one unit have gone through together is one shared history: a few rows, and one membership each that
-- stays as it is when the unit's history goes on. A source (`asn:SHP-1`, `fact:17`, `pass:3`) may replace its statements. The views show
-- every statement of every subject.
CREATE SEQUENCE history_ids;

CREATE TABLE containment_histories (
  history bigint NOT NULL,
  value text,
  since bigint NOT NULL,
  until bigint,
  position bigint NOT NULL,
  source text NOT NULL,
  holds boolean NOT NULL,
  PRIMARY KEY (history, since, source)
);
COMMENT ON TABLE containment_histories IS 'What was in what: histories shared by all children that have them in common.';
COMMENT ON COLUMN containment_histories.history IS 'Number of the shared history.';
COMMENT ON COLUMN containment_histories.value IS 'Parent; null = in nothing.';
COMMENT ON COLUMN containment_histories.since IS 'From when on.';
COMMENT ON COLUMN containment_histories.until IS 'Until when; null = open.';
COMMENT ON COLUMN containment_histories.position IS 'Log position of the statement.';
COMMENT ON COLUMN containment_histories.source IS 'Who states it.';
COMMENT ON COLUMN containment_histories.holds IS 'False for a statement that another one about the same moment overruled.';
CREATE INDEX containment_histories_value ON containment_histories (value, since) WHERE holds;
CREATE INDEX containment_histories_source ON containment_histories (source);
-- Whether anything ever lay in a unit: also what no longer holds, which the other index leaves out.
CREATE INDEX containment_histories_value_ever ON containment_histories (value);
CREATE TABLE containment_members (
  subject text PRIMARY KEY,
  history bigint NOT NULL
);
COMMENT ON TABLE containment_members IS 'Which shared history of containment a child has.';
COMMENT ON COLUMN containment_members.subject IS 'EPC of the child.';
COMMENT ON COLUMN containment_members.history IS 'Number of the shared history.';
CREATE INDEX containment_members_history ON containment_members (history);
CREATE VIEW containment AS SELECT m.subject AS child, p.value AS parent, p.since, p.until, p.position, p.source,
  p.holds, p.history FROM containment_histories p JOIN containment_members m USING (history);
COMMENT ON VIEW containment IS 'What was in what, of every child.';

CREATE TABLE attachments_histories (
  history bigint NOT NULL,
  value text,
  since bigint NOT NULL,
  until bigint,
  position bigint NOT NULL,
  source text NOT NULL,
  holds boolean NOT NULL,
  PRIMARY KEY (history, since, source)
);
COMMENT ON TABLE attachments_histories IS 'Which device was on what: histories shared by all devices that have them in common.';
COMMENT ON COLUMN attachments_histories.history IS 'Number of the shared history.';
COMMENT ON COLUMN attachments_histories.value IS 'Unit or place; null = detached.';
COMMENT ON COLUMN attachments_histories.since IS 'From when on.';
COMMENT ON COLUMN attachments_histories.until IS 'Until when; null = open.';
COMMENT ON COLUMN attachments_histories.position IS 'Log position of the statement.';
COMMENT ON COLUMN attachments_histories.source IS 'Who states it.';
COMMENT ON COLUMN attachments_histories.holds IS 'False for a statement that another one about the same moment overruled.';
CREATE INDEX attachments_histories_value ON attachments_histories (value, since) WHERE holds;
CREATE INDEX attachments_histories_source ON attachments_histories (source);
CREATE TABLE attachments_members (
  subject text PRIMARY KEY,
  history bigint NOT NULL
);
COMMENT ON TABLE attachments_members IS 'Which shared history of attachment a device has.';
COMMENT ON COLUMN attachments_members.subject IS 'Device id.';
COMMENT ON COLUMN attachments_members.history IS 'Number of the shared history.';
CREATE INDEX attachments_members_history ON attachments_members (history);
CREATE VIEW attachments AS SELECT m.subject AS device, p.value AS subject, p.since, p.until, p.position, p.source,
  p.holds, p.history FROM attachments_histories p JOIN attachments_members m USING (history);
COMMENT ON VIEW attachments IS 'Which device was on what, of every device.';

CREATE TABLE presence_histories (
  history bigint NOT NULL,
  value text,
  since bigint NOT NULL,
  until bigint,
  position bigint NOT NULL,
  source text NOT NULL,
  holds boolean NOT NULL,
  PRIMARY KEY (history, since, source)
);
COMMENT ON TABLE presence_histories IS 'What was where: histories shared by all units and serials that have them in common.';
COMMENT ON COLUMN presence_histories.history IS 'Number of the shared history.';
COMMENT ON COLUMN presence_histories.value IS 'Place; null = nowhere known.';
COMMENT ON COLUMN presence_histories.since IS 'From when on.';
COMMENT ON COLUMN presence_histories.until IS 'Until when; null = open.';
COMMENT ON COLUMN presence_histories.position IS 'Log position of the statement.';
COMMENT ON COLUMN presence_histories.source IS 'Who states it.';
COMMENT ON COLUMN presence_histories.holds IS 'False for a statement that another one about the same moment overruled.';
CREATE INDEX presence_histories_value ON presence_histories (value, since) WHERE holds;
CREATE INDEX presence_histories_source ON presence_histories (source);
CREATE TABLE presence_members (
  subject text PRIMARY KEY,
  history bigint NOT NULL
);
COMMENT ON TABLE presence_members IS 'Which shared history of presence a unit or serial has.';
COMMENT ON COLUMN presence_members.subject IS 'EPC of the unit or serial.';
COMMENT ON COLUMN presence_members.history IS 'Number of the shared history.';
CREATE INDEX presence_members_history ON presence_members (history);
CREATE VIEW presence AS SELECT m.subject AS epc, p.value AS place, p.since, p.until, p.position, p.source,
  p.holds, p.history FROM presence_histories p JOIN presence_members m USING (history);
COMMENT ON VIEW presence IS 'What was where, of every unit and serial.';
