-- Receipts, latest first: asked for by ERP, and looked through each minute for what it is told (docs/erp.md).
CREATE INDEX shipments_received ON shipments (received_at DESC, id COLLATE "C") WHERE received_at IS NOT NULL;
