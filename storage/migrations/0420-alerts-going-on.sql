-- Whether what an alert tells of still goes on. Its end alone does not say so: that of an excursion is its last reading
-- outside for as long as it runs, so what was taken by the end held every running excursion for over.
ALTER TABLE alerts ADD COLUMN goes_on boolean NOT NULL GENERATED ALWAYS AS
  (evidence ->> 'endedBy' IS NULL AND (portal IS NULL OR to_at IS NULL)) STORED;
COMMENT ON COLUMN alerts.goes_on IS 'What it tells of still goes on: nothing has ended its finding.';
