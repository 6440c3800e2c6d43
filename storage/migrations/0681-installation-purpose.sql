-- What the page is for, where somebody chose it there.
CREATE TABLE installation_purpose (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  purpose text NOT NULL,
  at timestamptz NOT NULL,
  by text NOT NULL
);
COMMENT ON TABLE installation_purpose IS 'What the page is for, as somebody chose in the set-up; no row: as the configuration says.';
COMMENT ON COLUMN installation_purpose.singleton IS 'There is one row at most.';
COMMENT ON COLUMN installation_purpose.purpose IS 'everything or pharmacy.';
COMMENT ON COLUMN installation_purpose.at IS 'When it was chosen.';
COMMENT ON COLUMN installation_purpose.by IS 'Name then shown of who chose it.';
