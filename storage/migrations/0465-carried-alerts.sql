-- A case that follows a closed one up rests on the alerts of that one too, but has only the serials of which something else is known.
ALTER TABLE case_alerts ADD COLUMN is_carried boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN case_alerts.is_carried IS 'It came along from the closed case that this one follows up: it brings no serials until it changes.';
COMMENT ON COLUMN cases.alerts IS 'Number of alerts that it rests on, but for those that came along from a case that it follows up.';
COMMENT ON COLUMN case_clocks.done_by IS 'Who said so; null: the platform did it.';
