-- A pass that is found to be part of another is no more; what people at the door said of it, with photos, is said of that one.
CREATE TABLE pass_successors (
  pass bigint PRIMARY KEY,
  successor bigint NOT NULL
);
CREATE INDEX pass_successors_by_successor ON pass_successors (successor);
COMMENT ON TABLE pass_successors IS 'Passes that are no more, because reads that came late made them part of another.';
COMMENT ON COLUMN pass_successors.pass IS 'Number of the pass that is no more.';
COMMENT ON COLUMN pass_successors.successor IS 'Number of the pass that it is part of now.';
