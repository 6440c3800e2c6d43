-- Who was mentioned in a comment finds it on the inbox until the case was looked at.
CREATE TABLE case_mentions (
  user_name text NOT NULL,
  case_number bigint NOT NULL REFERENCES cases,
  comment int NOT NULL,
  at timestamptz NOT NULL,
  seen_at timestamptz,
  PRIMARY KEY (user_name, case_number, comment)
);
COMMENT ON TABLE case_mentions IS 'Whom comments on cases mention, and whether they have looked at it since.';
COMMENT ON COLUMN case_mentions.user_name IS 'Who is mentioned.';
COMMENT ON COLUMN case_mentions.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_mentions.comment IS 'Number of the comment in the case.';
COMMENT ON COLUMN case_mentions.at IS 'When the comment was written.';
COMMENT ON COLUMN case_mentions.seen_at IS 'When who is mentioned looked at the case; null: not yet.';
CREATE INDEX case_mentions_unseen ON case_mentions (user_name, at DESC) WHERE seen_at IS NULL;
