-- Where packs stand and what was received of shipments: one answer for the API (docs/erp.md) and for reports (docs/bi.md).

-- Asked for by `root`: a place, with all that is in it. Each pack is where the latest of its own presence and those of the units
-- around it says (docs/trace.md, "Where something is"); what was dispensed, sold, destroyed or decommissioned stands nowhere.
-- `OFFSET 0` has each pack looked up by an index: how many lie in each other is unknown to the planner, which would read all there are.
CREATE VIEW standing_packs AS
  SELECT roots.root, standing.place, standing.epc, standing.gtin, standing.serial, standing.lot, standing.expiry,
    standing.status, standing.since
  FROM (SELECT id AS root FROM places UNION SELECT value FROM presence_histories WHERE holds AND until IS NULL) roots
  CROSS JOIN LATERAL (
    WITH RECURSIVE inside (id) AS (
      SELECT roots.root UNION SELECT p.id FROM inside i JOIN places p ON p.parent = i.id),
    here (epc, place, since, depth) AS (
      SELECT epc, place, since, 0 FROM presence WHERE holds AND until IS NULL AND place IN (SELECT id FROM inside)
      UNION ALL
      SELECT c.child, here.place, greatest(c.since, here.since), here.depth + 1
      FROM here CROSS JOIN LATERAL (
        SELECT child, since FROM containment WHERE parent = here.epc AND holds AND until IS NULL OFFSET 0) c
      WHERE here.depth < 16),
    latest AS (
      SELECT DISTINCT ON (s.epc) s.gtin, s.serial, s.lot, s.expiry, s.status, here.place, here.since, s.epc
      FROM here CROSS JOIN LATERAL (SELECT * FROM serials WHERE epc = here.epc OFFSET 0) s
      ORDER BY s.epc, here.since DESC, here.depth)
    SELECT * FROM latest
    WHERE (status IS NULL OR status NOT IN ('inactive', 'destroyed', 'disposed', 'dispensed', 'retail_sold'))
      AND NOT EXISTS (
        SELECT FROM presence own WHERE own.epc = latest.epc AND own.holds AND own.until IS NULL AND own.since > latest.since
        OFFSET 0)
  ) standing;
COMMENT ON VIEW standing_packs IS 'Packs that stand in a place, or in what is in it, now.';

-- A shipment that lists no serial has a line of none.
CREATE VIEW receipt_lines AS
  SELECT r.id AS shipment, r.origin, r.destination, r.state, r.received_at, s.gtin, s.lot, count(s.epc)::int AS listed,
    count(*) FILTER (WHERE s.status IN ('recalled', 'stolen', 'expired', 'quarantined', 'rejected'))::int AS stopped
  FROM shipments r LEFT JOIN LATERAL (
    SELECT one.epc, one.gtin, one.lot, one.status FROM shipment_lines l
      CROSS JOIN LATERAL (SELECT * FROM serials WHERE epc = l.epc OFFSET 0) one
    WHERE l.shipment = r.id AND l.is_serial OFFSET 0) s ON true
  WHERE r.received_at IS NOT NULL
  GROUP BY r.id, r.origin, r.destination, r.state, r.received_at, s.gtin, s.lot;
COMMENT ON VIEW receipt_lines IS 'Serials that received shipments list, by GTIN and lot.';

CREATE VIEW bi.stock AS
  SELECT root AS site, place, gtin, lot, expiry, status, count(*)::int AS packs
  FROM standing_packs
  WHERE NOT EXISTS (SELECT FROM places p WHERE p.id = root AND p.kind <> 'site')
  GROUP BY root, place, gtin, lot, expiry, status;
COMMENT ON VIEW bi.stock IS 'Packs at sites now, by place, GTIN, lot, expiry and status. A search by site looks at that site alone.';
COMMENT ON COLUMN bi.stock.site IS 'Site; also a place that nobody describes.';
COMMENT ON COLUMN bi.stock.place IS 'Where in the site; the site itself where that is not known.';
COMMENT ON COLUMN bi.stock.gtin IS 'GTIN-14.';
COMMENT ON COLUMN bi.stock.lot IS 'Lot in force; null = nobody says.';
COMMENT ON COLUMN bi.stock.expiry IS 'Expiry in force; null = nobody says.';
COMMENT ON COLUMN bi.stock.status IS 'State that forbids moving on. Null is no clearance.';
COMMENT ON COLUMN bi.stock.packs IS 'How many packs.';

CREATE VIEW bi.receipts AS
  SELECT shipment, origin, destination, state, to_timestamp(received_at / 1000.0) AS received_at, gtin, lot, listed, stopped,
    received_at AS received_ms
  FROM receipt_lines;
COMMENT ON VIEW bi.receipts IS 'Received shipments, a row for each GTIN and lot of the serials they list.';
COMMENT ON COLUMN bi.receipts.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN bi.receipts.origin IS 'Place it left.';
COMMENT ON COLUMN bi.receipts.destination IS 'Place it came to.';
COMMENT ON COLUMN bi.receipts.state IS 'received, closed, cancelled.';
COMMENT ON COLUMN bi.receipts.received_at IS 'When it was received.';
COMMENT ON COLUMN bi.receipts.gtin IS 'GTIN-14; null = it lists no serial.';
COMMENT ON COLUMN bi.receipts.lot IS 'Lot in force; null = nobody says.';
COMMENT ON COLUMN bi.receipts.listed IS 'Serials that it lists, whether or not they were read when it came.';
COMMENT ON COLUMN bi.receipts.stopped IS 'Of these, those that are quarantined, rejected, recalled, stolen or expired now.';
COMMENT ON COLUMN bi.receipts.received_ms IS 'As received_at, epoch ms UTC: a search by it uses an index.';

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'isotherm_bi') THEN
    GRANT SELECT ON bi.stock, bi.receipts TO isotherm_bi;
  END IF;
END $$;

-- The latest stock that a system states of a site, among all its deliveries and orders.
CREATE INDEX erp_documents_stock ON erp_documents (place, id DESC) WHERE kind = 'stock' AND is_current;
