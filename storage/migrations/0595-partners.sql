-- Partners as data: who they are, how they are reached, what is agreed with them.
CREATE TABLE partners (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  address text,
  roles text[] NOT NULL,
  endpoints jsonb NOT NULL,
  public_keys jsonb NOT NULL,
  webhook_secret text,
  authorization_secret text,
  secret_prints jsonb NOT NULL,
  sees text[] NOT NULL,
  sends text[] NOT NULL,
  formats text[] NOT NULL,
  valid_from text COLLATE "C",
  valid_to text COLLATE "C",
  revision int NOT NULL DEFAULT 1,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL
);
COMMENT ON TABLE partners IS 'Companies and authorities beside us, and what is agreed with them.';
COMMENT ON COLUMN partners.id IS 'Short name, in addresses and the audit trail.';
COMMENT ON COLUMN partners.name IS 'As contracts and transaction records name it.';
COMMENT ON COLUMN partners.address IS 'Business address, in one line; null = not said.';
COMMENT ON COLUMN partners.roles IS 'manufacturer, repackager, wholesaler, dispenser, 3pl, regulator.';
COMMENT ON COLUMN partners.endpoints IS 'By kind (epcis, webhook, verification, sftp, as2) its address.';
COMMENT ON COLUMN partners.public_keys IS 'What its signatures are checked with: id, PEM, from and until.';
COMMENT ON COLUMN partners.webhook_secret IS 'What messages to its webhook are signed with, sealed with the key of the installation.';
COMMENT ON COLUMN partners.authorization_secret IS 'What is sent as Authorization to its endpoints, sealed likewise.';
COMMENT ON COLUMN partners.secret_prints IS 'By secret the beginning of its SHA-256, to tell one from another.';
COMMENT ON COLUMN partners.sees IS 'What it may see of what concerns its GLNs: events, records, exceptions, verification.';
COMMENT ON COLUMN partners.sends IS 'What it may send: files, answers, requests.';
COMMENT ON COLUMN partners.formats IS 'Agreed formats of files, the preferred one first.';
COMMENT ON COLUMN partners.valid_from IS 'First day of the agreement, YYYY-MM-DD; null = since ever.';
COMMENT ON COLUMN partners.valid_to IS 'Last day of the agreement, YYYY-MM-DD; null = until further notice.';
COMMENT ON COLUMN partners.revision IS 'Raised with each change.';
COMMENT ON COLUMN partners.changed_at IS 'When it was changed last.';
COMMENT ON COLUMN partners.changed_by IS 'Name then shown of who changed it.';

CREATE TABLE partner_glns (
  gln text COLLATE "C" PRIMARY KEY,
  partner text COLLATE "C" NOT NULL REFERENCES partners ON DELETE CASCADE
);
CREATE INDEX partner_glns_of_partner ON partner_glns (partner, gln);
COMMENT ON TABLE partner_glns IS 'Global Location Numbers of partners; each belongs to one.';
COMMENT ON COLUMN partner_glns.gln IS '13 digits, the check digit last.';
COMMENT ON COLUMN partner_glns.partner IS 'Whose it is.';

-- A partner signs in with a token of its own, good for what is agreed with it alone.
ALTER TABLE tokens ADD COLUMN partner text COLLATE "C";
CREATE INDEX tokens_of_partner ON tokens (partner) WHERE partner IS NOT NULL;
COMMENT ON COLUMN tokens.partner IS 'Partner whose token it is, which it is good for alone; null = of no partner.';
