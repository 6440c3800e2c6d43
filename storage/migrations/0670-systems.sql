-- ERP and WMS beside us: how each is read, what came from it, what it says is ordered, delivered and in stock (docs/erp.md).
CREATE TABLE erp_systems (
  id text COLLATE "C" PRIMARY KEY,
  mapping text NOT NULL,
  webhook_secret text,
  secret_print text,
  revision integer NOT NULL DEFAULT 1,
  last_control integer NOT NULL DEFAULT 0,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL
);
COMMENT ON TABLE erp_systems IS 'ERP and WMS beside us, and how each is read.';
COMMENT ON COLUMN erp_systems.id IS 'Short name, in addresses and the audit trail.';
COMMENT ON COLUMN erp_systems.mapping IS 'Its mapping file, YAML as it was written.';
COMMENT ON COLUMN erp_systems.webhook_secret IS 'What messages to its webhook are signed with, sealed with the key of the installation.';
COMMENT ON COLUMN erp_systems.secret_print IS 'The beginning of its SHA-256, to tell one from another.';
COMMENT ON COLUMN erp_systems.revision IS 'Raised with each change.';
COMMENT ON COLUMN erp_systems.last_control IS 'Last control number that we gave an interchange to it.';
COMMENT ON COLUMN erp_systems.changed_at IS 'When it was changed last.';
COMMENT ON COLUMN erp_systems.changed_by IS 'Name then shown of who changed it.';

CREATE TABLE erp_files (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  system text COLLATE "C" NOT NULL,
  via text NOT NULL,
  name text NOT NULL,
  form text,
  bytes integer NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  content bytea NOT NULL,
  at timestamptz NOT NULL,
  by text NOT NULL,
  fate text NOT NULL,
  reason text,
  interchanges text[] NOT NULL DEFAULT '{}',
  acknowledgement text,
  mapping_revision integer,
  repeats bigint
);
CREATE INDEX erp_files_of ON erp_files (system, id DESC);
CREATE INDEX erp_files_same ON erp_files (system, sha256, id);
CREATE INDEX erp_files_interchanges ON erp_files USING gin (interchanges) WHERE fate IN ('taken', 'older', 'unchanged');
COMMENT ON TABLE erp_files IS 'Files that came from systems, kept as they were, with what became of them.';
COMMENT ON COLUMN erp_files.id IS 'Order in which they came.';
COMMENT ON COLUMN erp_files.system IS 'Whose.';
COMMENT ON COLUMN erp_files.via IS 'https or folder.';
COMMENT ON COLUMN erp_files.name IS 'What the sender called it.';
COMMENT ON COLUMN erp_files.form IS 'json, csv, xml, x12, edifact, idoc, by its content; null = none of them.';
COMMENT ON COLUMN erp_files.bytes IS 'Its size.';
COMMENT ON COLUMN erp_files.sha256 IS 'Of the file, hex.';
COMMENT ON COLUMN erp_files.content IS 'The file; empty where the same bytes stand with an earlier one.';
COMMENT ON COLUMN erp_files.at IS 'When it came.';
COMMENT ON COLUMN erp_files.by IS 'Who brought it.';
COMMENT ON COLUMN erp_files.fate IS 'waiting, taken, unchanged, older, refused, repeated.';
COMMENT ON COLUMN erp_files.reason IS 'Why it was refused, or what to know of it; null = nothing.';
COMMENT ON COLUMN erp_files.interchanges IS 'Sender and control number of each interchange in it.';
COMMENT ON COLUMN erp_files.acknowledgement IS 'What acknowledges it: 997 or CONTRL; null = nothing is asked for.';
COMMENT ON COLUMN erp_files.mapping_revision IS 'Revision of the mapping it was read with last.';
COMMENT ON COLUMN erp_files.repeats IS 'The file that it is again, to the byte; null = of none.';

CREATE TABLE erp_documents (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  system text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  number text COLLATE "C" NOT NULL,
  rank bigint,
  content_hash text COLLATE "C" NOT NULL,
  said json NOT NULL,
  file bigint NOT NULL REFERENCES erp_files,
  at timestamptz NOT NULL,
  is_current boolean NOT NULL,
  place text COLLATE "C",
  subject text COLLATE "C",
  note text
);
CREATE UNIQUE INDEX erp_documents_current ON erp_documents (system, kind, number) WHERE is_current;
CREATE INDEX erp_documents_of ON erp_documents (system, id DESC) WHERE is_current;
CREATE INDEX erp_documents_in ON erp_documents (file);
COMMENT ON TABLE erp_documents IS 'Documents of systems, every revision that came; the one in force is the current one.';
COMMENT ON COLUMN erp_documents.id IS 'Order in which they came.';
COMMENT ON COLUMN erp_documents.system IS 'Whose.';
COMMENT ON COLUMN erp_documents.kind IS 'delivery, order, product, stock.';
COMMENT ON COLUMN erp_documents.number IS 'As the system numbers it.';
COMMENT ON COLUMN erp_documents.rank IS 'Its revision, or when it was changed there (epoch ms UTC); null = it does not say.';
COMMENT ON COLUMN erp_documents.content_hash IS 'Of what the mapping made of it.';
COMMENT ON COLUMN erp_documents.said IS 'What the mapping made of it.';
COMMENT ON COLUMN erp_documents.file IS 'The file it stands in.';
COMMENT ON COLUMN erp_documents.at IS 'When it came.';
COMMENT ON COLUMN erp_documents.is_current IS 'It is in force: no later revision came.';
COMMENT ON COLUMN erp_documents.place IS 'Site it concerns; null = none.';
COMMENT ON COLUMN erp_documents.subject IS 'What it became: shipment:ID, product:GTIN; null = nothing but itself.';
COMMENT ON COLUMN erp_documents.note IS 'What to know of it; null = nothing.';

CREATE TABLE erp_lines (
  document bigint NOT NULL REFERENCES erp_documents ON DELETE CASCADE,
  line integer NOT NULL,
  gtin text COLLATE "C" NOT NULL,
  lot text COLLATE "C",
  quantity bigint NOT NULL,
  unit text COLLATE "C",
  order_number text COLLATE "C",
  PRIMARY KEY (document, line)
);
COMMENT ON TABLE erp_lines IS 'Lines of documents: how much of what, in single packs.';
COMMENT ON COLUMN erp_lines.document IS 'Document it stands in.';
COMMENT ON COLUMN erp_lines.line IS 'Its number there, from 1.';
COMMENT ON COLUMN erp_lines.gtin IS 'GTIN-14 of the pack.';
COMMENT ON COLUMN erp_lines.lot IS 'Lot; null = not said.';
COMMENT ON COLUMN erp_lines.quantity IS 'Single packs.';
COMMENT ON COLUMN erp_lines.unit IS 'SSCC of the unit they are in, 18 digits; null = not said.';
COMMENT ON COLUMN erp_lines.order_number IS 'Order that they are of; null = not said.';

-- What is told to systems: kept before it is sent, under the same id at every attempt.
CREATE TABLE erp_messages (
  id text COLLATE "C" PRIMARY KEY,
  system text COLLATE "C" NOT NULL,
  entry text NOT NULL,
  subject text COLLATE "C" NOT NULL,
  revision integer NOT NULL,
  content_hash text COLLATE "C" NOT NULL,
  media_type text NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  claimed_until timestamptz,
  delivered_at timestamptz,
  given_up_at timestamptz,
  last_error text,
  UNIQUE (system, entry, subject, revision)
);
CREATE INDEX erp_messages_due ON erp_messages (next_attempt_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;
CREATE INDEX erp_messages_of ON erp_messages (system, created_at DESC);
COMMENT ON TABLE erp_messages IS 'What is told to systems, and whether they took it.';
COMMENT ON COLUMN erp_messages.id IS 'The same at every attempt.';
COMMENT ON COLUMN erp_messages.system IS 'Who is told.';
COMMENT ON COLUMN erp_messages.entry IS 'Entry of its mapping file that wants it.';
COMMENT ON COLUMN erp_messages.subject IS 'What it is about: shipment:ID.';
COMMENT ON COLUMN erp_messages.revision IS 'Raised when there is something else to say of it.';
COMMENT ON COLUMN erp_messages.content_hash IS 'Of what is said.';
COMMENT ON COLUMN erp_messages.media_type IS 'Of the body.';
COMMENT ON COLUMN erp_messages.body IS 'What is sent.';
COMMENT ON COLUMN erp_messages.created_at IS 'When it was made.';
COMMENT ON COLUMN erp_messages.next_attempt_at IS 'When it is sent next.';
COMMENT ON COLUMN erp_messages.attempts IS 'How often it was tried.';
COMMENT ON COLUMN erp_messages.claimed_until IS 'Until when a process works on it; null = none does.';
COMMENT ON COLUMN erp_messages.delivered_at IS 'When it was taken; null = it was not yet.';
COMMENT ON COLUMN erp_messages.given_up_at IS 'When it was given up; null = it was not.';
COMMENT ON COLUMN erp_messages.last_error IS 'Why the last attempt failed.';
