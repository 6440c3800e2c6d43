-- How many notifications of a rule went out lately: what is beyond a cap is told in one summary.
CREATE TABLE alert_caps (
  rule text COLLATE "C" PRIMARY KEY,
  told int NOT NULL,
  ends_at timestamptz NOT NULL
);
COMMENT ON TABLE alert_caps IS 'Notifications of each rule in the time that is counted now.';
COMMENT ON COLUMN alert_caps.rule IS 'The rule.';
COMMENT ON COLUMN alert_caps.told IS 'How many went out.';
COMMENT ON COLUMN alert_caps.ends_at IS 'When counting begins anew.';

-- Alerts that somebody acted on may change with every late message: whoever was told hears of it once an interval.
CREATE TABLE alert_changes (
  alert bigint PRIMARY KEY,
  told_at timestamptz NOT NULL,
  due_at timestamptz,
  event text,
  added text[] NOT NULL DEFAULT '{}',
  removed text[] NOT NULL DEFAULT '{}',
  severity text,
  reason text
);
COMMENT ON TABLE alert_changes IS 'What changed of an alert since whoever was told of it heard of a change.';
COMMENT ON COLUMN alert_changes.alert IS 'Number of the alert.';
COMMENT ON COLUMN alert_changes.told_at IS 'When a change was last told.';
COMMENT ON COLUMN alert_changes.due_at IS 'When what changed since is told; null: nothing did.';
COMMENT ON COLUMN alert_changes.event IS 'Entry of the audit trail that the message is of.';
COMMENT ON COLUMN alert_changes.added IS 'EPCs that came since.';
COMMENT ON COLUMN alert_changes.removed IS 'EPCs that went since.';
COMMENT ON COLUMN alert_changes.severity IS 'Severity as it was last told, where it changed since.';
COMMENT ON COLUMN alert_changes.reason IS 'The last reason given.';
CREATE INDEX alert_changes_due ON alert_changes (due_at) WHERE due_at IS NOT NULL;

-- A source speaks for others for a moment after it is over.
CREATE INDEX alerts_over ON alerts (to_at) WHERE state <> 'retracted' AND NOT goes_on;
