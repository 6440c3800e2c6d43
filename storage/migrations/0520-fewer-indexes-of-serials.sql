-- Every serial of a notice is entered into every index. What is asked by serial, by lot in either case and by GTIN needs three, not five.
DROP INDEX serials_gtin;
DROP INDEX serials_folded;
DROP INDEX serials_lot;
DROP INDEX serials_lot_folded;
DROP INDEX serials_gtin_lot;
-- By the beginning of a serial in any case, and by GTIN and serial.
CREATE INDEX serials_serial ON serials (lower(serial) COLLATE "C", gtin);
-- By lot, in pages by EPC.
CREATE INDEX serials_lot ON serials (lower(lot) COLLATE "C", epc);
-- By GTIN, and how many of each of its lots. Without the EPC equal entries share one: it stays small.
CREATE INDEX serials_gtin_lot ON serials (gtin, lot);
-- The lot itself is asked for beside its folded form: one follows from the other, and a lot of 10,000 is not taken for one of 100.
CREATE STATISTICS serials_lots (dependencies) ON lot, (lower(lot) COLLATE "C") FROM serials;
