-- What other companies asked of our packs by GS1 Lightweight Verification Messaging, and what they were told.
CREATE TABLE verification_answers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  asked_by text NOT NULL,
  requester text NOT NULL,
  corr_uuid text NOT NULL,
  version text NOT NULL,
  gtin text COLLATE "C" NOT NULL,
  serial text COLLATE "C" NOT NULL,
  lot text NOT NULL,
  expiry text NOT NULL,
  status smallint NOT NULL,
  data json,
  findings json NOT NULL
);
CREATE INDEX verification_answers_by_pack ON verification_answers (gtin, serial, id);
CREATE INDEX verification_answers_by_requester ON verification_answers (requester, id);
COMMENT ON TABLE verification_answers IS 'Verification requests of other companies with what they were told; kept for six years and longer.';
COMMENT ON COLUMN verification_answers.id IS 'Number of the answer.';
COMMENT ON COLUMN verification_answers.at IS 'When it was answered: the verificationTimestamp.';
COMMENT ON COLUMN verification_answers.asked_by IS 'Whose token or credential let the request in.';
COMMENT ON COLUMN verification_answers.requester IS 'GLN that the request names as reqGLN.';
COMMENT ON COLUMN verification_answers.corr_uuid IS 'The corrUUID that ties the answer to the request.';
COMMENT ON COLUMN verification_answers.version IS 'Whose words were answered in: 1.1 of the standard, 1.3 of the guideline of GS1 US.';
COMMENT ON COLUMN verification_answers.gtin IS 'GTIN asked about, 14 digits.';
COMMENT ON COLUMN verification_answers.serial IS 'Serial asked about, as it came.';
COMMENT ON COLUMN verification_answers.lot IS 'Lot asked about, as it came.';
COMMENT ON COLUMN verification_answers.expiry IS 'Expiry asked about.';
COMMENT ON COLUMN verification_answers.status IS 'HTTP status of the answer.';
COMMENT ON COLUMN verification_answers.data IS 'The data of the message: verified, verificationFailureReason, additionalInfo; null = none was sent.';
COMMENT ON COLUMN verification_answers.findings IS 'What was known of the pack and not told in so many words.';
