-- LLRP counts antennas, GPI ports and EPC bits in 16 unsigned bits: more than a smallint holds.
ALTER TABLE sightings ALTER COLUMN antenna TYPE integer, ALTER COLUMN epc_bits TYPE integer;
ALTER TABLE gpi_events ALTER COLUMN port TYPE integer;
ALTER TABLE pass_reads ALTER COLUMN epc_bits TYPE integer;
