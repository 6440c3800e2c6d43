-- What people decide of goods, and their signatures (21 CFR Part 11). Rows are only ever added, but for when a decision came
-- into force and when it was told to the log.
CREATE TABLE case_decisions (
  case_number bigint NOT NULL,
  number integer NOT NULL,
  revision integer NOT NULL,
  disposition text NOT NULL CHECK (disposition IN ('release', 'quarantine', 'reject', 'return', 'destroy')),
  scope_group text,
  scope_lot text,
  reason text NOT NULL,
  serials integer NOT NULL,
  serials_hash text NOT NULL,
  record text NOT NULL,
  record_hash text NOT NULL,
  needs_second boolean NOT NULL,
  made_at bigint NOT NULL,
  in_force_at bigint,
  acted_at bigint,
  PRIMARY KEY (case_number, number)
);
CREATE INDEX case_decisions_to_act ON case_decisions (in_force_at) WHERE in_force_at IS NOT NULL AND acted_at IS NULL;
COMMENT ON TABLE case_decisions IS 'Decisions on goods of a case, as they were signed. A later one supersedes, never overwrites.';
COMMENT ON COLUMN case_decisions.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_decisions.number IS 'Of the decision in its case, from 1.';
COMMENT ON COLUMN case_decisions.revision IS 'Of the case as the first signer saw it.';
COMMENT ON COLUMN case_decisions.disposition IS 'What becomes of the goods.';
COMMENT ON COLUMN case_decisions.scope_group IS 'Id of the group that was decided on; null where it was not one.';
COMMENT ON COLUMN case_decisions.scope_lot IS 'Lot that was decided on; null where it was not one.';
COMMENT ON COLUMN case_decisions.reason IS 'Why, in the words of who decided.';
COMMENT ON COLUMN case_decisions.serials IS 'How many serials.';
COMMENT ON COLUMN case_decisions.serials_hash IS 'SHA-256 of the sorted EPCs, a line each, hex.';
COMMENT ON COLUMN case_decisions.record IS 'What was signed: canonical JSON (RFC 8785), with every serial and the evidence.';
COMMENT ON COLUMN case_decisions.record_hash IS 'SHA-256 of the record, hex.';
COMMENT ON COLUMN case_decisions.needs_second IS 'The profile asks for a second signer.';
COMMENT ON COLUMN case_decisions.made_at IS 'When the first signature was given, epoch ms UTC.';
COMMENT ON COLUMN case_decisions.in_force_at IS 'When the last signature that it needs was given, epoch ms UTC; null = awaited.';
COMMENT ON COLUMN case_decisions.acted_at IS 'When it was told to the log, epoch ms UTC; null = not yet.';

CREATE TABLE case_decision_serials (
  case_number bigint NOT NULL,
  epc text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  PRIMARY KEY (case_number, epc, number)
);
COMMENT ON TABLE case_decision_serials IS 'Which serials each decision is on.';
COMMENT ON COLUMN case_decision_serials.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_decision_serials.epc IS 'EPC of the serial.';
COMMENT ON COLUMN case_decision_serials.number IS 'Number of the decision.';

CREATE TABLE case_signatures (
  case_number bigint NOT NULL,
  about text NOT NULL CHECK (about IN ('decision', 'step')),
  number integer NOT NULL,
  place integer NOT NULL,
  user_id integer NOT NULL,
  user_name text NOT NULL,
  signature text NOT NULL,
  signature_hash text NOT NULL,
  PRIMARY KEY (case_number, about, number, place),
  UNIQUE (case_number, about, number, user_id)
);
COMMENT ON TABLE case_signatures IS 'Electronic signatures (21 CFR 11.50, 11.70), never changed.';
COMMENT ON COLUMN case_signatures.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_signatures.about IS 'What was signed.';
COMMENT ON COLUMN case_signatures.number IS 'Of the decision or step in its case.';
COMMENT ON COLUMN case_signatures.place IS '1 for the first signer, 2 for the second.';
COMMENT ON COLUMN case_signatures.user_id IS 'Who signed: an id that no other person gets.';
COMMENT ON COLUMN case_signatures.user_name IS 'The name at that time.';
COMMENT ON COLUMN case_signatures.signature IS 'Who, when, meaning, method and the hash of what was signed: canonical JSON (RFC 8785).';
COMMENT ON COLUMN case_signatures.signature_hash IS 'SHA-256 of that, hex.';

CREATE TABLE signing_sessions (
  session bigint PRIMARY KEY,
  until_at timestamptz NOT NULL
);
COMMENT ON TABLE signing_sessions IS 'Sessions in which somebody has signed with both components: the password alone signs there until the end.';
COMMENT ON COLUMN signing_sessions.session IS 'Id of the session.';
COMMENT ON COLUMN signing_sessions.until_at IS 'From then on both components are asked for again.';
CREATE INDEX signing_sessions_end ON signing_sessions (until_at);

CREATE TABLE records_to_sign (
  record_hash text PRIMARY KEY,
  session bigint NOT NULL,
  record text NOT NULL,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE records_to_sign IS 'Records that were shown to be signed by a passkey, whose challenge is their hash; each is taken once.';
COMMENT ON COLUMN records_to_sign.record_hash IS 'SHA-256 of the record, hex.';
COMMENT ON COLUMN records_to_sign.session IS 'Id of the session that asked.';
COMMENT ON COLUMN records_to_sign.record IS 'Canonical JSON (RFC 8785).';
COMMENT ON COLUMN records_to_sign.expires_at IS 'Until when it can be signed.';
CREATE INDEX records_to_sign_end ON records_to_sign (expires_at);
