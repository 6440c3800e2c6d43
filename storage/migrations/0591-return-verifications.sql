-- Whom we ask whether a returned pack is what it says, and what we were told.
CREATE TABLE verification_directory (
  key text COLLATE "C" PRIMARY KEY,
  partner text,
  responder text,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  CHECK ((partner IS NULL) <> (responder IS NULL))
);
COMMENT ON TABLE verification_directory IS 'Look-up directory of verification: who answers for a product, or for all of a company.';
COMMENT ON COLUMN verification_directory.key IS 'GTIN of 14 digits, or GS1 Company Prefix of 4 to 12.';
COMMENT ON COLUMN verification_directory.partner IS 'Partner whose verification endpoint is asked; null = an address of its own.';
COMMENT ON COLUMN verification_directory.responder IS 'Address of the responder; null = that of the partner.';
COMMENT ON COLUMN verification_directory.changed_at IS 'When it was entered or changed.';
COMMENT ON COLUMN verification_directory.changed_by IS 'Who did.';

CREATE TABLE return_verifications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  asked_by text NOT NULL,
  batch text,
  gtin text COLLATE "C" NOT NULL,
  serial text COLLATE "C" NOT NULL,
  lot text NOT NULL,
  expiry text NOT NULL,
  corr_uuid text NOT NULL,
  partner text,
  responder text,
  responder_gln text,
  outcome text NOT NULL,
  data json,
  fault text,
  took_ms integer,
  findings json NOT NULL
);
CREATE INDEX return_verifications_by_batch ON return_verifications (batch, id) WHERE batch IS NOT NULL;
CREATE INDEX return_verifications_by_pack ON return_verifications (gtin, serial, id);
CREATE INDEX return_verifications_by_time ON return_verifications (at);
COMMENT ON TABLE return_verifications IS 'Returned packs of which their makers were asked, with the answers; kept for six years and longer.';
COMMENT ON COLUMN return_verifications.id IS 'Number of the question.';
COMMENT ON COLUMN return_verifications.at IS 'When it was asked.';
COMMENT ON COLUMN return_verifications.asked_by IS 'Who asked.';
COMMENT ON COLUMN return_verifications.batch IS 'Name of the delivery of returns it belongs to; null = none.';
COMMENT ON COLUMN return_verifications.gtin IS 'GTIN on the pack, 14 digits.';
COMMENT ON COLUMN return_verifications.serial IS 'Serial on the pack.';
COMMENT ON COLUMN return_verifications.lot IS 'Lot on the pack.';
COMMENT ON COLUMN return_verifications.expiry IS 'Expiry on the pack.';
COMMENT ON COLUMN return_verifications.corr_uuid IS 'The corrUUID of the question.';
COMMENT ON COLUMN return_verifications.partner IS 'Partner that answers for the product; null = none is known, or an address alone.';
COMMENT ON COLUMN return_verifications.responder IS 'Address that was asked; null = nobody could be asked.';
COMMENT ON COLUMN return_verifications.responder_gln IS 'GLN that answered.';
COMMENT ON COLUMN return_verifications.outcome IS 'asked (no answer yet, or we were stopped), verified, not verified, unanswered.';
COMMENT ON COLUMN return_verifications.data IS 'Data of the answer: verified, verificationFailureReason, additionalInfo.';
COMMENT ON COLUMN return_verifications.fault IS 'Why there is no answer, in one line.';
COMMENT ON COLUMN return_verifications.took_ms IS 'How long the answer took, ms.';
COMMENT ON COLUMN return_verifications.findings IS 'What is known of the pack here when it was asked.';
