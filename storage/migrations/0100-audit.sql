-- The audit trail: what people (and tokens in their place) decided, one row each, never changed. A row is written in
-- the transaction of what it tells of, as a leaf of a later ledger: canonical JSON (RFC 8785) and its SHA-256. Its
-- place in the one order is given afterwards, so that no writer waits for another.
CREATE TABLE audit_entries (
  id text COLLATE "C" PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  -- Copies of what the leaf says, to find it by; `isotherm audit verify` holds them to it.
  at timestamptz NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  actor_name text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  leaf text NOT NULL,
  sha256 bytea NOT NULL
);
CREATE INDEX audit_entries_by_time ON audit_entries (at DESC, number DESC);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, at DESC, number DESC);
CREATE INDEX audit_entries_by_actor_id ON audit_entries (actor_id, at DESC, number DESC);
CREATE INDEX audit_entries_by_actor_name ON audit_entries (actor_name, at DESC, number DESC);
CREATE INDEX audit_entries_by_action ON audit_entries (action, at DESC, number DESC);
COMMENT ON TABLE audit_entries IS 'What was decided by whom: append only, in the transaction of its effect.';
COMMENT ON COLUMN audit_entries.id IS 'evt_ and a random number; of an alert also the webhook-id of what is sent about it.';
COMMENT ON COLUMN audit_entries.number IS 'Order of writing, not of commit; may skip.';
COMMENT ON COLUMN audit_entries.at IS 'When it was decided.';
COMMENT ON COLUMN audit_entries.actor_id IS 'Who, by the id that outlives a rename: user:7, token:3, platform.';
COMMENT ON COLUMN audit_entries.actor_name IS 'The name that was shown then.';
COMMENT ON COLUMN audit_entries.action IS 'What was done, as kind.verb.';
COMMENT ON COLUMN audit_entries.subject IS 'What it was done to, as kind:id.';
COMMENT ON COLUMN audit_entries.leaf IS 'The whole entry as canonical JSON (RFC 8785), personal values as salted hashes.';
COMMENT ON COLUMN audit_entries.sha256 IS 'SHA-256 of the leaf in UTF-8.';

-- Committed entries that have no place yet; the sequencer empties it.
CREATE TABLE audit_unplaced (number bigint PRIMARY KEY);
COMMENT ON TABLE audit_unplaced IS 'Numbers of entries that are committed and not placed yet.';
COMMENT ON COLUMN audit_unplaced.number IS 'The number of an entry.';

CREATE TABLE audit_places (
  place bigint PRIMARY KEY,
  entry text COLLATE "C" NOT NULL UNIQUE,
  chain bytea NOT NULL
);
COMMENT ON TABLE audit_places IS 'The one order of the audit trail: 1, 2, 3, without a gap.';
COMMENT ON COLUMN audit_places.place IS 'From 1.';
COMMENT ON COLUMN audit_places.entry IS 'The id of the entry that has this place.';
COMMENT ON COLUMN audit_places.chain IS 'SHA-256 of the chain value before (32 zero bytes before the first) and the entry''s sha256.';

-- Values about persons, outside the leaves, by their salted hash.
CREATE TABLE audit_personal (
  sha256 bytea PRIMARY KEY,
  entry text COLLATE "C" NOT NULL,
  salt bytea,
  value text,
  erased_by text COLLATE "C"
);
CREATE INDEX audit_personal_by_entry ON audit_personal (entry);
COMMENT ON TABLE audit_personal IS 'Personal values of the audit trail, which can be erased.';
COMMENT ON COLUMN audit_personal.sha256 IS 'SHA-256 of the salt and the value in UTF-8: what stands in the leaf.';
COMMENT ON COLUMN audit_personal.entry IS 'The entry it belongs to.';
COMMENT ON COLUMN audit_personal.salt IS 'Random; null once erased.';
COMMENT ON COLUMN audit_personal.value IS 'The value; null once erased.';
COMMENT ON COLUMN audit_personal.erased_by IS 'The entry that records the erasing.';

CREATE FUNCTION audit_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'audit_personal' AND TG_OP = 'UPDATE' THEN
    IF NEW.sha256 = OLD.sha256 AND NEW.entry = OLD.entry AND OLD.erased_by IS NULL AND NEW.erased_by IS NOT NULL
        AND NEW.salt IS NULL AND NEW.value IS NULL THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the audit trail is not changed';
END $$;
CREATE TRIGGER audit_entries_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION audit_stands();
CREATE TRIGGER audit_places_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_places
  FOR EACH STATEMENT EXECUTE FUNCTION audit_stands();
CREATE TRIGGER audit_personal_stands BEFORE UPDATE OR DELETE ON audit_personal
  FOR EACH ROW EXECUTE FUNCTION audit_stands();
CREATE TRIGGER audit_personal_remains BEFORE TRUNCATE ON audit_personal
  FOR EACH STATEMENT EXECUTE FUNCTION audit_stands();
