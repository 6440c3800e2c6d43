-- Exceptions between us and a partner: one thread, both sides' words, which nobody changes.
CREATE TABLE exceptions (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  partner text COLLATE "C" NOT NULL,
  partner_name text NOT NULL,
  title text NOT NULL,
  shipment text COLLATE "C",
  epcs text[] NOT NULL,
  lot text,
  finding text,
  reference text COLLATE "C",
  is_theirs boolean NOT NULL,
  state text NOT NULL,
  opened_at timestamptz NOT NULL,
  opened_by text NOT NULL,
  due_at timestamptz NOT NULL,
  told_at timestamptz,
  answered_at timestamptz,
  closed_at timestamptz,
  closed_by text
);
CREATE INDEX exceptions_open ON exceptions (number DESC) WHERE closed_at IS NULL;
CREATE INDEX exceptions_of_partner ON exceptions (partner, number DESC);
CREATE INDEX exceptions_of_shipment ON exceptions (shipment, number DESC) WHERE shipment IS NOT NULL;
CREATE UNIQUE INDEX exceptions_of_theirs ON exceptions (partner, reference) WHERE is_theirs;
COMMENT ON TABLE exceptions IS 'What is wrong between us and a partner: too many, too few, without data, damaged.';
COMMENT ON COLUMN exceptions.number IS 'E-000123 without the letter.';
COMMENT ON COLUMN exceptions.kind IS 'overage, shortage, product without data, data without product, data errors, damage.';
COMMENT ON COLUMN exceptions.partner IS 'With whom.';
COMMENT ON COLUMN exceptions.partner_name IS 'Its name then: it stays where the partner goes.';
COMMENT ON COLUMN exceptions.title IS 'In a line, what it is.';
COMMENT ON COLUMN exceptions.shipment IS 'Shipment it is about; null = none.';
COMMENT ON COLUMN exceptions.epcs IS 'EPCs it is about.';
COMMENT ON COLUMN exceptions.lot IS 'Lot it is about; null = none.';
COMMENT ON COLUMN exceptions.finding IS 'What it was opened from: a difference, a pass, a file; null = by hand.';
COMMENT ON COLUMN exceptions.reference IS 'What the partner calls it; null = nothing yet.';
COMMENT ON COLUMN exceptions.is_theirs IS 'The partner opened it.';
COMMENT ON COLUMN exceptions.state IS 'open, shared, answered, settled, withdrawn.';
COMMENT ON COLUMN exceptions.opened_at IS 'When it was opened here.';
COMMENT ON COLUMN exceptions.opened_by IS 'Who opened it.';
COMMENT ON COLUMN exceptions.due_at IS 'By when it is to be settled.';
COMMENT ON COLUMN exceptions.told_at IS 'When the other side was first told; null = not yet.';
COMMENT ON COLUMN exceptions.answered_at IS 'When the other side last said something; null = never.';
COMMENT ON COLUMN exceptions.closed_at IS 'When it was settled or withdrawn; null = it was not.';
COMMENT ON COLUMN exceptions.closed_by IS 'Who did so.';

CREATE TABLE exception_entries (
  exception integer NOT NULL REFERENCES exceptions,
  number integer NOT NULL,
  side text NOT NULL,
  author text NOT NULL,
  at timestamptz NOT NULL,
  text text NOT NULL,
  answer text,
  sha256 text NOT NULL,
  identity text COLLATE "C",
  file_name text,
  file_type text,
  file_sha256 text,
  file bytea,
  PRIMARY KEY (exception, number)
);
CREATE UNIQUE INDEX exception_entries_identity ON exception_entries (exception, identity) WHERE identity IS NOT NULL;
COMMENT ON TABLE exception_entries IS 'What either side said of an exception, in order; never changed.';
COMMENT ON COLUMN exception_entries.exception IS 'Number of the exception.';
COMMENT ON COLUMN exception_entries.number IS 'Order, from 1.';
COMMENT ON COLUMN exception_entries.side IS 'ours or theirs.';
COMMENT ON COLUMN exception_entries.author IS 'Who said it: of the partner as it names itself.';
COMMENT ON COLUMN exception_entries.at IS 'When it was said here.';
COMMENT ON COLUMN exception_entries.text IS 'What was said.';
COMMENT ON COLUMN exception_entries.answer IS 'confirmed, refused, corrected, asked back; settled or withdrawn where it ended; null = said only.';
COMMENT ON COLUMN exception_entries.sha256 IS 'Of the entry before it and of this, hex: a chain.';
COMMENT ON COLUMN exception_entries.identity IS 'By which the partner names it, so that what is sent twice stands once; null = none.';
COMMENT ON COLUMN exception_entries.file_name IS 'Name of the file with it; null = none.';
COMMENT ON COLUMN exception_entries.file_type IS 'What the file is.';
COMMENT ON COLUMN exception_entries.file_sha256 IS 'Of the file, hex.';
COMMENT ON COLUMN exception_entries.file IS 'The file.';
CREATE FUNCTION exception_entries_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was said of an exception is not changed';
END $$;
CREATE TRIGGER exception_entries_stand BEFORE UPDATE OR DELETE ON exception_entries
  FOR EACH ROW EXECUTE FUNCTION exception_entries_stand();
CREATE TRIGGER exception_entries_remain BEFORE TRUNCATE ON exception_entries
  FOR EACH STATEMENT EXECUTE FUNCTION exception_entries_stand();

CREATE TABLE exception_links (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token bytea NOT NULL UNIQUE,
  exception integer NOT NULL REFERENCES exceptions,
  recipient text NOT NULL,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  ends_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by text,
  viewed_at timestamptz,
  views integer NOT NULL DEFAULT 0
);
CREATE INDEX exception_links_of ON exception_links (exception, id);
COMMENT ON TABLE exception_links IS 'Links by which a partner sees and answers one exception without an account.';
COMMENT ON COLUMN exception_links.id IS 'Names the link in lists and in the audit trail.';
COMMENT ON COLUMN exception_links.token IS 'SHA-256 of the secret in the link; the secret is kept nowhere.';
COMMENT ON COLUMN exception_links.exception IS 'Which exception it shows, and no other.';
COMMENT ON COLUMN exception_links.recipient IS 'Whom it was made for.';
COMMENT ON COLUMN exception_links.made_at IS 'When it was made.';
COMMENT ON COLUMN exception_links.made_by IS 'Who made it.';
COMMENT ON COLUMN exception_links.ends_at IS 'From when on it shows nothing.';
COMMENT ON COLUMN exception_links.revoked_at IS 'When it was withdrawn; null = it was not.';
COMMENT ON COLUMN exception_links.revoked_by IS 'Who withdrew it.';
COMMENT ON COLUMN exception_links.viewed_at IS 'When it was looked at last.';
COMMENT ON COLUMN exception_links.views IS 'Visits: within half an hour it is one.';
