-- How often a system sent a document of one number.
CREATE INDEX erp_documents_revisions ON erp_documents (system, kind, number);
-- Shipments by when they left, or are to leave: those of the last weeks are looked at for what their markets ask for.
CREATE INDEX shipments_under_way_since ON shipments ((coalesce(left_at, departs)) DESC, id);
