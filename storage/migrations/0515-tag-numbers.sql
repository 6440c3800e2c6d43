-- Which tags answered with an EPC: by their own numbers (TID) a copied tag is known.
CREATE TABLE tag_numbers (
  epc_hex text NOT NULL,
  first_seen bigint NOT NULL,
  reader text NOT NULL,
  antenna integer NOT NULL,
  tid text NOT NULL,
  PRIMARY KEY (epc_hex, first_seen, reader, antenna, tid)
);
COMMENT ON TABLE tag_numbers IS 'Numbers of the tags (TID memory) that answered with an EPC, where the reader reads them: of one report of a sighting at most four.';
COMMENT ON COLUMN tag_numbers.epc_hex IS 'EPC memory, hex.';
COMMENT ON COLUMN tag_numbers.first_seen IS 'First read of the sighting.';
COMMENT ON COLUMN tag_numbers.reader IS 'Id of the reader.';
COMMENT ON COLUMN tag_numbers.antenna IS 'Number of the antenna.';
COMMENT ON COLUMN tag_numbers.tid IS 'TID memory, hex, 4 to 24 bytes.';
