-- A foreign key looks its pass up for each read that is entered: a quarter of what writing it cost (14 µs with it, 10 without). Passes are
-- taken away in one place (trace/passes/passes.ts), and their reads with them.
ALTER TABLE pass_reads DROP CONSTRAINT pass_reads_pass_fkey;
