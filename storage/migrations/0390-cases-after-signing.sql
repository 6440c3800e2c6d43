-- A change that says that a decision rests on other evidence than is known now names the decision, so that it is told once.
ALTER TABLE case_changes ADD COLUMN decision int;
COMMENT ON COLUMN case_changes.decision IS 'Number of the decision whose evidence is another by now; null: it says something else.';
