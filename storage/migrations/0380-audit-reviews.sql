-- Reviews of the audit trail: who looked at which stretch of it, and signed that he did.
CREATE TABLE audit_reviews (
  number bigint PRIMARY KEY CHECK (number > 0),
  after_place bigint NOT NULL,
  to_place bigint NOT NULL CHECK (to_place > after_place),
  record text NOT NULL,
  sha256 bytea NOT NULL,
  UNIQUE (after_place)
);
COMMENT ON TABLE audit_reviews IS 'Reviews of the audit trail, each from where the one before ended: append only.';
COMMENT ON COLUMN audit_reviews.number IS 'From 1, without a gap.';
COMMENT ON COLUMN audit_reviews.after_place IS 'The last place that was reviewed before; 0 of the first.';
COMMENT ON COLUMN audit_reviews.to_place IS 'The last place of this review.';
COMMENT ON COLUMN audit_reviews.record IS 'What was signed and by whom, canonical JSON (RFC 8785).';
COMMENT ON COLUMN audit_reviews.sha256 IS 'SHA-256 of the record in UTF-8; the entry audit.review of the trail has it too.';
CREATE TRIGGER audit_reviews_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_reviews
  FOR EACH STATEMENT EXECUTE FUNCTION audit_stands();
