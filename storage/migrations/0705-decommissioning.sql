-- Which packs were decommissioned here, by whom, where and why, what was reverted, and what the national system answered.
CREATE TABLE decommissioning_entries (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  act text NOT NULL,
  reverts text COLLATE "C" UNIQUE REFERENCES decommissioning_entries (id),
  market text COLLATE "C" NOT NULL,
  gtin text COLLATE "C" NOT NULL,
  serial text COLLATE "C" NOT NULL,
  lot text,
  expiry text,
  expiry_coded text,
  reason text NOT NULL,
  capacity text NOT NULL,
  place text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  entered_at timestamptz NOT NULL,
  entered_by text NOT NULL,
  entered_by_id text NOT NULL,
  originated json NOT NULL,
  note text,
  answered_at timestamptz,
  printed json,
  told_at timestamptz,
  CHECK ((act = 'revert') = (reverts IS NOT NULL))
);
CREATE INDEX decommissioning_entries_by_pack ON decommissioning_entries (gtin, serial, number);
CREATE INDEX decommissioning_entries_by_place ON decommissioning_entries (place, number);
CREATE INDEX decommissioning_entries_waiting ON decommissioning_entries (number) WHERE answered_at IS NULL;
CREATE INDEX decommissioning_entries_untold ON decommissioning_entries (number) WHERE told_at IS NULL;
COMMENT ON TABLE decommissioning_entries IS 'Ledger of packs that were decommissioned here and of what was reverted (docs/markets.md); nothing deletes it.';
COMMENT ON COLUMN decommissioning_entries.number IS 'Its place in the ledger.';
COMMENT ON COLUMN decommissioning_entries.id IS 'Id of the entry, and of the EPCIS event that tells of it.';
COMMENT ON COLUMN decommissioning_entries.act IS 'decommission or revert.';
COMMENT ON COLUMN decommissioning_entries.reverts IS 'The entry that it reverts.';
COMMENT ON COLUMN decommissioning_entries.market IS 'Market by whose rules it was entered.';
COMMENT ON COLUMN decommissioning_entries.gtin IS 'GTIN of the pack, 14 digits.';
COMMENT ON COLUMN decommissioning_entries.serial IS 'Serial of the pack.';
COMMENT ON COLUMN decommissioning_entries.lot IS 'Lot as the code has it; null = it has none.';
COMMENT ON COLUMN decommissioning_entries.expiry IS 'Expiry as the code has it, YYYY-MM-DD; null = it has none.';
COMMENT ON COLUMN decommissioning_entries.expiry_coded IS 'Expiry as the code has it, YYMMDD, where 00 stands for no day; null = it was not read from a code.';
COMMENT ON COLUMN decommissioning_entries.reason IS 'Why: supplied, destroyed, sample and so on; of a revert that of what it reverts.';
COMMENT ON COLUMN decommissioning_entries.capacity IS 'By which kind of authorisation: pharmacy, wholesaler and so on.';
COMMENT ON COLUMN decommissioning_entries.place IS 'The premises, as a site.';
COMMENT ON COLUMN decommissioning_entries.at IS 'When it was done; ten days count from here.';
COMMENT ON COLUMN decommissioning_entries.entered_at IS 'When that was entered.';
COMMENT ON COLUMN decommissioning_entries.entered_by IS 'Name then shown of who entered it.';
COMMENT ON COLUMN decommissioning_entries.entered_by_id IS 'Id of who did, which outlives a rename.';
COMMENT ON COLUMN decommissioning_entries.originated IS 'Who did and from where, as its event tells.';
COMMENT ON COLUMN decommissioning_entries.note IS 'What was said with it.';
COMMENT ON COLUMN decommissioning_entries.answered_at IS 'When the national system answered last; null = it waits to be told, or for its answer.';
COMMENT ON COLUMN decommissioning_entries.printed IS 'Serial, lot and expiry as a person read them on the pack; null = nobody compared them.';
COMMENT ON COLUMN decommissioning_entries.told_at IS 'When its EPCIS event stood in the log; null = it does not yet.';

CREATE TABLE decommissioning_answers (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry text COLLATE "C" NOT NULL REFERENCES decommissioning_entries (id),
  key text COLLATE "C" NOT NULL,
  code text NOT NULL,
  alert_id text,
  at timestamptz NOT NULL,
  attempts integer NOT NULL,
  sent json,
  entered_by text NOT NULL,
  UNIQUE (entry, key)
);
COMMENT ON TABLE decommissioning_answers IS 'What the national system answered to entries of the ledger, every answer.';
COMMENT ON COLUMN decommissioning_answers.number IS 'Number of the answer.';
COMMENT ON COLUMN decommissioning_answers.entry IS 'The entry it is about.';
COMMENT ON COLUMN decommissioning_answers.key IS 'What makes it one: the same answer again is kept once.';
COMMENT ON COLUMN decommissioning_answers.code IS 'Code of the answer, such as NMVS_SUCCESS.';
COMMENT ON COLUMN decommissioning_answers.alert_id IS 'Id of the alert that was raised; null = none.';
COMMENT ON COLUMN decommissioning_answers.at IS 'When it was answered.';
COMMENT ON COLUMN decommissioning_answers.attempts IS 'How often it had been sent by then.';
COMMENT ON COLUMN decommissioning_answers.sent IS 'Serial, lot and expiry as they were sent; null = as the entry has them.';
COMMENT ON COLUMN decommissioning_answers.entered_by IS 'Who brought the answer.';
