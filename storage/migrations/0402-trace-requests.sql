-- Requests to trace product of a case, in and out, with their answers (21 U.S.C. 360eee-1(c)(1)(C)).
CREATE TABLE trace_requests (
  case_number bigint NOT NULL REFERENCES cases,
  number int NOT NULL,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  partner text NOT NULL,
  is_official boolean NOT NULL,
  text text NOT NULL,
  at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  made_by text NOT NULL,
  answer text,
  answered_at timestamptz,
  answered_by text,
  PRIMARY KEY (case_number, number)
);
COMMENT ON TABLE trace_requests IS 'Requests for transaction information of product of a case, and what was answered.';
COMMENT ON COLUMN trace_requests.case_number IS 'Number of the case.';
COMMENT ON COLUMN trace_requests.number IS 'Order in the case, from 1.';
COMMENT ON COLUMN trace_requests.direction IS 'in: somebody asks us; out: we ask somebody.';
COMMENT ON COLUMN trace_requests.partner IS 'Who asks, or is asked.';
COMMENT ON COLUMN trace_requests.is_official IS 'FDA or another official asks: the law sets how long the answer may take.';
COMMENT ON COLUMN trace_requests.text IS 'What is asked for.';
COMMENT ON COLUMN trace_requests.at IS 'When it was received or sent.';
COMMENT ON COLUMN trace_requests.due_at IS 'By when it is to be answered.';
COMMENT ON COLUMN trace_requests.made_by IS 'Who recorded it.';
COMMENT ON COLUMN trace_requests.answer IS 'What was answered; null = nothing yet.';
COMMENT ON COLUMN trace_requests.answered_at IS 'When.';
COMMENT ON COLUMN trace_requests.answered_by IS 'Who recorded the answer.';
COMMENT ON COLUMN case_clocks.clock IS '`target`, `dscsa.quarantine`, `dscsa.investigation`, `dscsa.notification`, `dscsa.trace.1`...';
