-- Which market's law holds where, and from which day to which.
CREATE TABLE market_assignments (
  subject text COLLATE "C" NOT NULL,
  market text COLLATE "C" NOT NULL,
  from_day text COLLATE "C" NOT NULL,
  to_day text COLLATE "C",
  set_at timestamptz NOT NULL,
  set_by text NOT NULL,
  PRIMARY KEY (subject, market, from_day)
);
CREATE INDEX market_assignments_market ON market_assignments (market, subject);
COMMENT ON TABLE market_assignments IS 'Which market a site, product or shipment belongs to (docs/markets.md).';
COMMENT ON COLUMN market_assignments.subject IS 'site:…, product:GTIN-14 or shipment:…';
COMMENT ON COLUMN market_assignments.market IS 'Id of the market.';
COMMENT ON COLUMN market_assignments.from_day IS 'First day, YYYY-MM-DD.';
COMMENT ON COLUMN market_assignments.to_day IS 'Day from which on it does not any more; null = none is set.';
COMMENT ON COLUMN market_assignments.set_at IS 'When that was said.';
COMMENT ON COLUMN market_assignments.set_by IS 'Name then shown of who said so.';

-- What the room of partners sees of sites: a room goes with the site that it stands in.
CREATE VIEW sites_of_places AS
  WITH RECURSIVE up (id, at, parent, depth) AS (
    SELECT id, id, parent, 0 FROM places
    UNION ALL
    SELECT u.id, p.id, p.parent, u.depth + 1 FROM up u JOIN places p ON p.id = u.parent WHERE u.depth < 32
  )
  SELECT DISTINCT ON (up.id) up.id, p.id AS site, p.name AS site_name, p.gln FROM up JOIN places p ON p.id = up.at
  WHERE p.kind = 'site' ORDER BY up.id, up.depth;
COMMENT ON VIEW sites_of_places IS 'The site that each place is or stands in.';
CREATE VIEW announced_products AS SELECT shipment, gtin, name, lot, expiry FROM shipment_products;
COMMENT ON VIEW announced_products IS 'Products that notices of shipments list, with or without serials.';
