-- Filters, order and view of the screen of shipments that somebody named, kept with the account.
ALTER TABLE page_settings
  ADD COLUMN shipment_views jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(shipment_views) = 'object');
COMMENT ON COLUMN page_settings.shipment_views IS 'Saved views of shipments by name: of each the members of the address of the page, as PUT /me/shipment-views takes them.';
