-- The list of shipments shows what is under way; those that are closed are most of all there ever were, and come after.
CREATE INDEX shipments_open ON shipments (departs DESC, id) WHERE state <> 'closed';
CREATE INDEX shipments_closed ON shipments (departs DESC, id COLLATE "C") WHERE state = 'closed';

-- People look for things by any of their names, in any case, and by the beginning of it.
CREATE INDEX shipments_folded ON shipments (lower(id) COLLATE "C");
CREATE INDEX shipment_units_reference ON shipment_units (split_part(unit, '.', 2) COLLATE "C");
CREATE INDEX shipment_products_lot_folded ON shipment_products (lower(lot) COLLATE "C");
CREATE INDEX shipment_products_gtin ON shipment_products (gtin);
CREATE INDEX shipment_products_words ON shipment_products USING gin (to_tsvector('simple', name));
CREATE INDEX products_words ON products USING gin (to_tsvector('simple', name));
CREATE INDEX serials_folded ON serials (lower(serial) COLLATE "C");
CREATE INDEX serials_lot_folded ON serials (lower(lot) COLLATE "C");
