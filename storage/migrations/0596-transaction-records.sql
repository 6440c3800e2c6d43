-- What transaction information says beside what shipments tell (21 U.S.C. 360eee(26)).
ALTER TABLE organisation ADD COLUMN address text;
COMMENT ON COLUMN organisation.address IS 'Business address, in one line; null = not said.';

CREATE TABLE product_labels (
  gtin text COLLATE "C" PRIMARY KEY,
  ndc text,
  strength text,
  dosage_form text,
  container_size text,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL
);
COMMENT ON TABLE product_labels IS 'What the label of a product says, for transaction information.';
COMMENT ON COLUMN product_labels.gtin IS 'GTIN-14.';
COMMENT ON COLUMN product_labels.ndc IS 'National Drug Code; null = not said.';
COMMENT ON COLUMN product_labels.strength IS 'Strength; null = not said.';
COMMENT ON COLUMN product_labels.dosage_form IS 'Dosage form; null = not said.';
COMMENT ON COLUMN product_labels.container_size IS 'Container size; null = not said.';
COMMENT ON COLUMN product_labels.changed_at IS 'When it was changed last.';
COMMENT ON COLUMN product_labels.changed_by IS 'Name then shown of who changed it.';

CREATE TABLE shipment_transactions (
  shipment text COLLATE "C" PRIMARY KEY,
  seller text COLLATE "C",
  buyer text COLLATE "C",
  transacted_on text COLLATE "C",
  stated_at timestamptz NOT NULL,
  stated_by text NOT NULL
);
COMMENT ON TABLE shipment_transactions IS 'Who sold the goods of a shipment to whom, where a person said so; else it follows from GLNs.';
COMMENT ON COLUMN shipment_transactions.shipment IS 'Shipment.';
COMMENT ON COLUMN shipment_transactions.seller IS 'Partner that ownership came from; own = us; null = as the GLNs say.';
COMMENT ON COLUMN shipment_transactions.buyer IS 'Partner that ownership went to; own = us; null = as the GLNs say.';
COMMENT ON COLUMN shipment_transactions.transacted_on IS 'Day of the transaction, YYYY-MM-DD; null = that of the shipment.';
COMMENT ON COLUMN shipment_transactions.stated_at IS 'When it was said.';
COMMENT ON COLUMN shipment_transactions.stated_by IS 'Name then shown of who said it.';

-- What the room of partners sees of shipments.
CREATE VIEW shipped_serials AS
  SELECT l.shipment, s.epc, s.gtin, s.serial, s.lot, s.expiry
  FROM shipment_lines l JOIN serials s USING (epc) WHERE l.is_serial;
COMMENT ON VIEW shipped_serials IS 'Serials that shipments list.';
CREATE VIEW shipment_ends AS
  SELECT h.id, h.state, h.departs, h.left_at, h.received_at, h.origin, h.destination, o.gln AS origin_gln, o.name AS origin_name,
    d.gln AS destination_gln, d.name AS destination_name
  FROM shipments h LEFT JOIN places o ON o.id = h.origin LEFT JOIN places d ON d.id = h.destination;
COMMENT ON VIEW shipment_ends IS 'Shipments with the places and Global Location Numbers of their ends.';
CREATE VIEW shipment_owners AS
  SELECT v.shipment, v.at, e.event -> 'sourceList' AS sources, e.event -> 'destinationList' AS destinations
  FROM shipping_events v JOIN epcis_events e USING (position, index);
COMMENT ON VIEW shipment_owners IS 'Sources and destinations that shipping events name.';
