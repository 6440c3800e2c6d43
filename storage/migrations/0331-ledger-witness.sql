-- Witnesses of the ledger (C2SP tlog-witness): ours of others' logs, and others' of ours.
CREATE TABLE ledger_witnessed (
  origin text COLLATE "C" PRIMARY KEY,
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL
);
COMMENT ON TABLE ledger_witnessed IS 'The newest checkpoint of each log of others that was cosigned here.';
COMMENT ON COLUMN ledger_witnessed.origin IS 'The log''s name.';
COMMENT ON COLUMN ledger_witnessed.size IS 'Its number of leaves; 0: none was cosigned yet.';
COMMENT ON COLUMN ledger_witnessed.root IS 'Its Merkle tree hash.';
COMMENT ON COLUMN ledger_witnessed.note IS 'The checkpoint with the log''s signatures and the cosignature.';

CREATE TABLE ledger_cosignatures (
  witness text COLLATE "C" NOT NULL,
  size bigint NOT NULL,
  line text NOT NULL,
  PRIMARY KEY (witness, size)
);
CREATE INDEX ledger_cosignatures_by_size ON ledger_cosignatures (size);
COMMENT ON TABLE ledger_cosignatures IS 'What others have cosigned of the ledger.';
COMMENT ON COLUMN ledger_cosignatures.witness IS 'Verifier key of the witness.';
COMMENT ON COLUMN ledger_cosignatures.size IS 'Size of the checkpoint.';
COMMENT ON COLUMN ledger_cosignatures.line IS 'The signature line, with its newline.';
