-- Who carries a shipment, as its notice says: what lanes are compared by.
ALTER TABLE shipments ADD COLUMN carrier text;
COMMENT ON COLUMN shipments.carrier IS 'Who carries it, as the notice writes it; null: nobody says.';
