-- Shipments beyond their notice: made or completed by EPCIS shipping events, closed by people; what a product is; what
-- events say of serials one by one (lot and expiry when it was commissioned, what has become of it since).

-- A site by its Global Location Number, as partners name it.
ALTER TABLE places ADD COLUMN gln text;
CREATE INDEX places_gln ON places (gln) WHERE gln IS NOT NULL;

CREATE TABLE products (
  gtin text PRIMARY KEY,
  name text NOT NULL,
  profile text,
  budget_ms bigint,
  mkt_window_ms bigint,
  position bigint NOT NULL
);

-- A shipping event does not say when a shipment arrives. `is_noticed`: a notice says so; without it all rests on events.
-- `content`: digest of the notice that stands, so that its repetition changes nothing.
ALTER TABLE shipments
  ALTER COLUMN arrives DROP NOT NULL,
  ADD COLUMN lane text,
  ADD COLUMN is_noticed boolean NOT NULL DEFAULT true,
  ADD COLUMN content text;
ALTER TABLE shipment_units ADD COLUMN is_noticed boolean NOT NULL DEFAULT true;
-- `unit` is null for what travels in nothing.
ALTER TABLE shipment_lines ALTER COLUMN unit DROP NOT NULL, ADD COLUMN is_noticed boolean NOT NULL DEFAULT true;

-- Kept apart from the shipment, which may come after it and go again.
CREATE TABLE shipment_closings (
  shipment text PRIMARY KEY,
  at bigint NOT NULL,
  by text NOT NULL,
  position bigint NOT NULL
);

-- Events of bizStep shipping that are not withdrawn. Origin and destination as they name them, best first.
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
CREATE INDEX shipping_events_shipment ON shipping_events (shipment, at);
CREATE INDEX shipping_events_epcs ON shipping_events USING gin (epcs);

-- What an event says of a serial; the latest event time wins, column by column.
CREATE TABLE serial_events (
  epc text NOT NULL,
  at bigint NOT NULL,
  position bigint NOT NULL,
  index integer NOT NULL,
  lot text,
  expiry text,
  -- A state that forbids moving on, or `active`, which lifts it (docs/trace.md, "What becomes of a serial").
  status text,
  PRIMARY KEY (epc, at, position, index)
);
CREATE INDEX serial_events_source ON serial_events (position, index);

-- The maker's word beats the notices'.
ALTER TABLE serials RENAME COLUMN lot TO noticed_lot;
ALTER TABLE serials RENAME COLUMN expiry TO noticed_expiry;
ALTER TABLE serials
  ADD COLUMN made_lot text,
  ADD COLUMN made_expiry text,
  ADD COLUMN lot text GENERATED ALWAYS AS (coalesce(made_lot, noticed_lot)) STORED,
  ADD COLUMN expiry text GENERATED ALWAYS AS (coalesce(made_expiry, noticed_expiry)) STORED,
  ADD COLUMN status text,
  ADD COLUMN status_since bigint;
