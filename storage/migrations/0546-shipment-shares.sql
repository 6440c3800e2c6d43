-- Links that show a shipment to a customer without an account. The link itself is kept nowhere: who reads this table
-- can open none of them.
CREATE TABLE shipment_shares (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token bytea NOT NULL UNIQUE,
  shipment text COLLATE "C" NOT NULL,
  recipient text NOT NULL,
  contents text[] NOT NULL,
  made_by integer NOT NULL REFERENCES users ON DELETE CASCADE,
  made_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by text,
  views integer NOT NULL DEFAULT 0,
  viewed_at timestamptz
);
CREATE INDEX shipment_shares_by_shipment ON shipment_shares (shipment, id);
CREATE INDEX shipment_shares_by_maker ON shipment_shares (made_by);
COMMENT ON TABLE shipment_shares IS 'Links by which customers see one shipment without an account.';
COMMENT ON COLUMN shipment_shares.id IS 'Names the link in lists and in the audit trail.';
COMMENT ON COLUMN shipment_shares.token IS 'SHA-256 of the secret in the link; the secret is kept nowhere.';
COMMENT ON COLUMN shipment_shares.shipment IS 'Which shipment it shows, and no other.';
COMMENT ON COLUMN shipment_shares.recipient IS 'Whom it was made for, as who made it wrote.';
COMMENT ON COLUMN shipment_shares.contents IS 'What it shows beside the state: chart, serials, report, sharer.';
COMMENT ON COLUMN shipment_shares.made_by IS 'Who made it; it shows nothing that this person may not see or share any more.';
COMMENT ON COLUMN shipment_shares.made_at IS 'When it was made.';
COMMENT ON COLUMN shipment_shares.ends_at IS 'From when on it shows nothing.';
COMMENT ON COLUMN shipment_shares.revoked_at IS 'When it was withdrawn; null = it was not.';
COMMENT ON COLUMN shipment_shares.revoked_by IS 'Who withdrew it.';
COMMENT ON COLUMN shipment_shares.views IS 'Visits of people: from one address within half an hour it is one.';
COMMENT ON COLUMN shipment_shares.viewed_at IS 'When the last visit began.';

CREATE TABLE shipment_share_visits (
  share integer NOT NULL REFERENCES shipment_shares ON DELETE CASCADE,
  address text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (share, address)
);
COMMENT ON TABLE shipment_share_visits IS 'From where a link was looked at last, so that a page that stays open is one visit.';
COMMENT ON COLUMN shipment_share_visits.share IS 'Which link.';
COMMENT ON COLUMN shipment_share_visits.address IS 'Network address.';
COMMENT ON COLUMN shipment_share_visits.at IS 'When the page was last opened from there.';
