-- What products stand (their notice says so) and what serials bring along of it from before: exposure counts against it.
ALTER TABLE shipment_products ADD COLUMN budget_ms bigint, ADD COLUMN mkt_window_ms bigint;
ALTER TABLE shipment_lines ADD COLUMN budget_used_ms bigint;
