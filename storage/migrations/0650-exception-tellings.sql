-- What is still to be told to partners of exceptions: kept before it is sent, so that nobody's word is lost with a process.
CREATE TABLE exception_tellings (
  exception integer PRIMARY KEY REFERENCES exceptions,
  upto integer NOT NULL,
  taken integer NOT NULL,
  since timestamptz NOT NULL,
  asked_by text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_at timestamptz,
  failure text,
  claim text,
  claimed_until timestamptz
);
CREATE INDEX exception_tellings_due ON exception_tellings (next_at) WHERE next_at IS NOT NULL;
COMMENT ON TABLE exception_tellings IS 'What partners have not taken yet of what we said of exceptions.';
COMMENT ON COLUMN exception_tellings.exception IS 'Number of the exception.';
COMMENT ON COLUMN exception_tellings.upto IS 'Last entry that is to be told.';
COMMENT ON COLUMN exception_tellings.taken IS 'Last entry that the partner has taken since it was asked for; 0 = none.';
COMMENT ON COLUMN exception_tellings.since IS 'When a person asked for it.';
COMMENT ON COLUMN exception_tellings.asked_by IS 'Who asked for it.';
COMMENT ON COLUMN exception_tellings.attempts IS 'Attempts that failed in a row.';
COMMENT ON COLUMN exception_tellings.next_at IS 'When it is tried next; null = it was given up.';
COMMENT ON COLUMN exception_tellings.failure IS 'Why the last attempt failed; null = none was made.';
COMMENT ON COLUMN exception_tellings.claim IS 'Names the attempt that is under way; null = none is.';
COMMENT ON COLUMN exception_tellings.claimed_until IS 'From when on it counts as dead.';
