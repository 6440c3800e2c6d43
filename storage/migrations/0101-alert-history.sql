-- The history of an alert is a view of the audit trail (0100). An alert that was resolved can be opened again, and an
-- action says which revision its person saw.
DROP TABLE alert_entries;
ALTER TABLE alerts
  ADD COLUMN reopened int NOT NULL DEFAULT 0,
  ADD COLUMN acted_revision int NOT NULL DEFAULT 0;
COMMENT ON COLUMN alerts.reopened IS 'How often it was opened again after it had been resolved.';
COMMENT ON COLUMN alerts.acted_revision IS 'The revision that the latest action of a person, or a reopening, made.';
-- Snoozes that are to end.
CREATE INDEX alerts_snoozed ON alerts (snoozed_until) WHERE snoozed_until IS NOT NULL;
