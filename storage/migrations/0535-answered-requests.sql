-- A screen that loses the network before the answer came sends its request again under the same key: what was applied is
-- answered as it was then and not applied twice (draft-ietf-httpapi-idempotency-key-header-07).
CREATE TABLE answered_requests (
  who text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  door text NOT NULL,
  sha256 bytea NOT NULL,
  began_at timestamptz NOT NULL,
  status integer,
  answer jsonb,
  location text,
  PRIMARY KEY (who, key)
);
COMMENT ON TABLE answered_requests IS 'Requests with an Idempotency-Key that were applied, or are under way; kept for 30 days.';
COMMENT ON COLUMN answered_requests.who IS 'Who asked: user:{id} or token:{id}. A key is one only among those of the same.';
COMMENT ON COLUMN answered_requests.key IS 'The Idempotency-Key.';
COMMENT ON COLUMN answered_requests.door IS 'Method and address.';
COMMENT ON COLUMN answered_requests.sha256 IS 'SHA-256 of the body: the same key with another body is another request by mistake.';
COMMENT ON COLUMN answered_requests.began_at IS 'When it was last begun.';
COMMENT ON COLUMN answered_requests.status IS 'Status of the answer; null = under way.';
COMMENT ON COLUMN answered_requests.answer IS 'Body of the answer; null = it had none.';
COMMENT ON COLUMN answered_requests.location IS 'Location of the answer; null = it had none.';
CREATE INDEX answered_requests_began ON answered_requests (began_at);
