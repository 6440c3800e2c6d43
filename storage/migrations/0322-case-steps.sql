-- What people say of evidence, signed; undone by another signed step.
CREATE TABLE case_steps (
  case_number bigint NOT NULL,
  number integer NOT NULL,
  detail jsonb NOT NULL,
  reason text NOT NULL,
  undoes integer,
  record text NOT NULL,
  record_hash text NOT NULL,
  at bigint NOT NULL,
  acted_at bigint,
  PRIMARY KEY (case_number, number),
  UNIQUE (case_number, undoes)
);
CREATE INDEX case_steps_to_act ON case_steps (at) WHERE acted_at IS NULL;
COMMENT ON TABLE case_steps IS 'What people say of the evidence of a case: excused, excluded, a broken logger, implausible values. Rows are only ever added, but for when a step was told to the log.';
COMMENT ON COLUMN case_steps.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_steps.number IS 'Of the step in its case, from 1.';
COMMENT ON COLUMN case_steps.detail IS 'Which step, of what.';
COMMENT ON COLUMN case_steps.reason IS 'Why, in the words of who took it.';
COMMENT ON COLUMN case_steps.undoes IS 'Number of the step that it takes back; null where it does not.';
COMMENT ON COLUMN case_steps.record IS 'What was signed: canonical JSON (RFC 8785).';
COMMENT ON COLUMN case_steps.record_hash IS 'SHA-256 of the record, hex.';
COMMENT ON COLUMN case_steps.at IS 'When it was signed, epoch ms UTC.';
COMMENT ON COLUMN case_steps.acted_at IS 'When it was told to the log, epoch ms UTC; null = not yet.';
