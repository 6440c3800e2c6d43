-- What waits in quarantine can be adopted or discarded by a person; the entry stays, with what was decided.
ALTER TABLE quarantine
  ADD COLUMN decision text CHECK (decision IN ('adopted', 'discarded')),
  ADD COLUMN decided_at timestamptz,
  ADD COLUMN decided_by text,
  ADD COLUMN decision_reason text;
COMMENT ON COLUMN quarantine.decision IS 'What a person decided; null while it waits.';
COMMENT ON COLUMN quarantine.decided_at IS 'When it was decided.';
COMMENT ON COLUMN quarantine.decided_by IS 'Name of the person who decided, as it was then.';
COMMENT ON COLUMN quarantine.decision_reason IS 'Why, in the words of who decided.';
-- What of a source waits still.
CREATE INDEX quarantine_waiting ON quarantine (source, arrival, partition, position, index) WHERE decision IS NULL;
