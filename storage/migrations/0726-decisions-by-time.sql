-- Which decisions came into force lately: ERP and WMS are told of them (docs/erp.md).
CREATE INDEX goods_decisions_at ON goods_decisions (at DESC, position DESC);
