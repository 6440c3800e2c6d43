-- A consumer whose work several share by slots has a consumer for each share (docs/decisions/0238). How many there are is here, so
-- that every process means the same; it is changed in the transaction that makes the new ones of the former ones.
CREATE TABLE consumer_shares (
  consumer text COLLATE "C" PRIMARY KEY,
  shares smallint NOT NULL CHECK (shares BETWEEN 1 AND 64),
  since timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE consumer_shares IS 'In how many shares the work of a consumer is divided.';
COMMENT ON COLUMN consumer_shares.consumer IS 'Name of the consumer, where it is one: `evaluator`.';
COMMENT ON COLUMN consumer_shares.shares IS 'How many consumers there are of it; one has the name itself.';
COMMENT ON COLUMN consumer_shares.since IS 'When it was divided so.';

INSERT INTO consumer_shares (consumer, shares) SELECT name, 1 FROM log_consumers WHERE name = 'evaluator';
