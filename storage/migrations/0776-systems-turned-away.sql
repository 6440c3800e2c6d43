-- ERP and WMS that bring more than their mapping files allow are told to operations: asked for every half minute.
CREATE INDEX erp_use_turned_away ON erp_use (turned_away_at) WHERE turned_away_at IS NOT NULL;
