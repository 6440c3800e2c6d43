-- A pass under way and its reads are written again with every batch: with room on their pages that touches no index.
ALTER TABLE passes SET (fillfactor = 50);
ALTER TABLE pass_reads SET (fillfactor = 60);
