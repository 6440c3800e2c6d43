-- When rules look at a pass again though nothing else is heard of it. Few passes wait at any time.
ALTER TABLE passes ADD COLUMN clock_due bigint, ADD COLUMN complete_due bigint;
COMMENT ON COLUMN passes.clock_due IS 'From then on the clock may change what rules find in it; null: no more.';
COMMENT ON COLUMN passes.complete_due IS 'Once all doors of its site are complete up to there, rules look at it again; null: no more.';
CREATE INDEX passes_clock_due ON passes (clock_due) WHERE clock_due IS NOT NULL;
CREATE INDEX passes_complete_due ON passes (portal, complete_due) WHERE complete_due IS NOT NULL;
