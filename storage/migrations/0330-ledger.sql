-- The ledger: a Merkle tree (RFC 6962) over what was decided, found, deleted and archived, kept as tiles (C2SP tlog-tiles).
-- A leaf is committed in the transaction of its cause, in `ledger_pending`; one sequencer moves it to its place.
CREATE TABLE ledger_pending (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  cause text COLLATE "C" NOT NULL,
  sha256 bytea NOT NULL,
  content text
);
COMMENT ON TABLE ledger_pending IS 'Leaves of the ledger that are committed and not placed yet; the sequencer empties it.';
COMMENT ON COLUMN ledger_pending.number IS 'Order of writing, not of commit; may skip.';
COMMENT ON COLUMN ledger_pending.kind IS 'What it is a leaf of: audit, decision, finding, archive-segment.';
COMMENT ON COLUMN ledger_pending.subject IS 'What it is about, as kind:id.';
COMMENT ON COLUMN ledger_pending.cause IS 'The row it was written with: evt_ an audit entry, archive-segment: a segment, leaf_ the leaf itself.';
COMMENT ON COLUMN ledger_pending.sha256 IS 'SHA-256 of what the leaf states; of a segment its chain hash.';
COMMENT ON COLUMN ledger_pending.content IS 'What it states, canonical JSON (RFC 8785); null where the cause''s own table has it.';

CREATE TABLE ledger_leaves (
  index bigint PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  cause text COLLATE "C" NOT NULL UNIQUE,
  sha256 bytea NOT NULL,
  content text
);
CREATE INDEX ledger_leaves_by_subject ON ledger_leaves (subject, index DESC);
CREATE INDEX ledger_leaves_by_kind ON ledger_leaves (kind, index);
COMMENT ON TABLE ledger_leaves IS 'The leaves of the ledger in their one order, without a gap.';
COMMENT ON COLUMN ledger_leaves.index IS 'Place in the tree, from 0.';
COMMENT ON COLUMN ledger_leaves.kind IS 'What it is a leaf of: audit, decision, finding, archive-segment.';
COMMENT ON COLUMN ledger_leaves.subject IS 'What it is about, as kind:id.';
COMMENT ON COLUMN ledger_leaves.cause IS 'The row it was written with: evt_ an audit entry, archive-segment: a segment, leaf_ the leaf itself.';
COMMENT ON COLUMN ledger_leaves.sha256 IS 'SHA-256 of what the leaf states; of a segment its chain hash.';
COMMENT ON COLUMN ledger_leaves.content IS 'What it states, canonical JSON (RFC 8785); null where the cause''s own table has it.';

-- A tile grows until it has 256 hashes; each smaller one that was ever served is its beginning.
CREATE TABLE ledger_tiles (
  level int NOT NULL,
  number bigint NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (level, number)
);
ALTER TABLE ledger_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
COMMENT ON TABLE ledger_tiles IS 'The tree as tiles (C2SP tlog-tiles).';
COMMENT ON COLUMN ledger_tiles.level IS '0: hashes of leaves; above, of whole tiles of the level below.';
COMMENT ON COLUMN ledger_tiles.number IS 'From 0, within the level.';
COMMENT ON COLUMN ledger_tiles.hashes IS 'One to 256 hashes of 32 bytes.';

CREATE TABLE ledger_checkpoints (
  size bigint PRIMARY KEY,
  root bytea NOT NULL,
  at timestamptz NOT NULL,
  note text NOT NULL
);
COMMENT ON TABLE ledger_checkpoints IS 'What was signed of the tree at each size at which it was signed.';
COMMENT ON COLUMN ledger_checkpoints.size IS 'Number of leaves.';
COMMENT ON COLUMN ledger_checkpoints.root IS 'Merkle tree hash over them.';
COMMENT ON COLUMN ledger_checkpoints.at IS 'When it was signed.';
COMMENT ON COLUMN ledger_checkpoints.note IS 'The checkpoint as it is served (C2SP tlog-checkpoint), without cosignatures.';

CREATE FUNCTION ledger_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is not changed';
END $$;
CREATE FUNCTION ledger_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.level = OLD.level AND NEW.number = OLD.number AND length(NEW.hashes) > length(OLD.hashes)
      AND substring(NEW.hashes FROM 1 FOR length(OLD.hashes)) = OLD.hashes THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a tile of the ledger only grows';
END $$;
CREATE TRIGGER ledger_leaves_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_leaves
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();
CREATE TRIGGER ledger_checkpoints_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();
CREATE TRIGGER ledger_tiles_grow BEFORE UPDATE ON ledger_tiles FOR EACH ROW EXECUTE FUNCTION ledger_grows();
CREATE TRIGGER ledger_tiles_stand BEFORE DELETE OR TRUNCATE ON ledger_tiles
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();

-- Whoever writes an audit entry or ends a segment writes its leaf: nobody can forget it.
CREATE FUNCTION ledger_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_pending (kind, subject, cause, sha256)
    SELECT 'audit', subject, id, sha256 FROM written ORDER BY number;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_entries_in_ledger AFTER INSERT ON audit_entries REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_of_audit();
CREATE FUNCTION ledger_of_segments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_pending (kind, subject, cause, sha256)
    SELECT 'archive-segment', 'archive-segment:' || number, 'archive-segment:' || number, sha256 FROM written
    ORDER BY number;
  RETURN NULL;
END $$;
CREATE TRIGGER archive_segments_in_ledger AFTER INSERT ON archive_segments REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_of_segments();

-- What was there before the ledger goes in first.
INSERT INTO ledger_pending (kind, subject, cause, sha256)
  SELECT 'audit', subject, id, sha256 FROM audit_entries LEFT JOIN audit_places ON entry = id ORDER BY place, number;
INSERT INTO ledger_pending (kind, subject, cause, sha256)
  SELECT 'archive-segment', 'archive-segment:' || number, 'archive-segment:' || number, sha256 FROM archive_segments
  ORDER BY number;
