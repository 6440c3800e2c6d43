-- Recall by lot, by GTIN, by both; verification requests with their answers, which an inspector may ask for.
CREATE INDEX serials_gtin_lot ON serials (gtin, lot, epc);
CREATE INDEX serials_lot ON serials (lot, epc);

CREATE TABLE verifications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  by text NOT NULL,
  request json NOT NULL,
  answer json NOT NULL
);
