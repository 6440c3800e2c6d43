-- What a consumer must remember beside its checkpoint and cannot rebuild from the record tables, one small note each:
-- the evaluator's clock and the keys whose late readings it has yet to judge.
CREATE TABLE consumer_notes (
  consumer text PRIMARY KEY,
  note bytea NOT NULL
);
