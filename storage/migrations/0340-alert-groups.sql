-- Alerts that are told together. A group gathers alerts until its end is told; those that come later make a new one.
CREATE TABLE alert_groups (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  route text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  by_values jsonb NOT NULL,
  interval_ms bigint NOT NULL,
  repeat_ms bigint NOT NULL,
  opened_at timestamptz NOT NULL,
  due_at timestamptz,
  told_at timestamptz,
  told_retracted int NOT NULL DEFAULT 0,
  told_running int NOT NULL DEFAULT 0,
  ended_at timestamptz
);
COMMENT ON TABLE alert_groups IS 'Alerts that are told in one notification.';
COMMENT ON COLUMN alert_groups.id IS 'Number of the group.';
COMMENT ON COLUMN alert_groups.route IS 'Route whose alerts these are, from the root.';
COMMENT ON COLUMN alert_groups.key IS 'The values in which its alerts agree, in one line.';
COMMENT ON COLUMN alert_groups.by_values IS 'The same by name.';
COMMENT ON COLUMN alert_groups.interval_ms IS 'Least time between two notifications, ms.';
COMMENT ON COLUMN alert_groups.repeat_ms IS 'Repeated so often while nobody acknowledges, ms; 0 never.';
COMMENT ON COLUMN alert_groups.opened_at IS 'When its first alert opened.';
COMMENT ON COLUMN alert_groups.due_at IS 'When it is looked at next; null: never.';
COMMENT ON COLUMN alert_groups.told_at IS 'When something was last told of it.';
COMMENT ON COLUMN alert_groups.told_retracted IS 'How many of its told alerts had been taken back then.';
COMMENT ON COLUMN alert_groups.told_running IS 'How many of its told alerts still went on then.';
COMMENT ON COLUMN alert_groups.ended_at IS 'When its end was told; alerts that come later make a new group.';
CREATE UNIQUE INDEX alert_groups_live ON alert_groups (route, key) WHERE ended_at IS NULL;
CREATE INDEX alert_groups_due ON alert_groups (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE alert_group_members (
  grp bigint NOT NULL REFERENCES alert_groups ON DELETE CASCADE,
  alert bigint NOT NULL,
  told_at timestamptz,
  PRIMARY KEY (grp, alert)
);
COMMENT ON TABLE alert_group_members IS 'Which alerts are in which group.';
COMMENT ON COLUMN alert_group_members.grp IS 'Number of the group.';
COMMENT ON COLUMN alert_group_members.alert IS 'Number of the alert.';
COMMENT ON COLUMN alert_group_members.told_at IS 'When it was first told in this group.';
CREATE INDEX alert_group_members_by_alert ON alert_group_members (alert);

ALTER TABLE alert_notices ADD COLUMN grp bigint;
ALTER TABLE alert_notices ADD COLUMN is_held boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN alert_notices.grp IS 'Number of the group in which it is told; null: by itself.';
COMMENT ON COLUMN alert_notices.is_held IS 'It waits for the end of quiet hours.';
CREATE INDEX alert_notices_by_group ON alert_notices (grp, due_at) WHERE grp IS NOT NULL AND told_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX alert_notices_told_in_group ON alert_notices (grp, channel) WHERE grp IS NOT NULL AND told_at IS NOT NULL;

-- What routes look at in an alert, as it was when it opened: what is silenced, muted and grouped is found by it.
CREATE TABLE routed_alerts (
  alert bigint PRIMARY KEY,
  about text NOT NULL,
  sites text[] NOT NULL,
  gateways text[] NOT NULL,
  profiles text[] NOT NULL,
  products text[] NOT NULL,
  labels jsonb NOT NULL
);
COMMENT ON TABLE routed_alerts IS 'What routes look at in an alert, as it was when it opened.';
COMMENT ON COLUMN routed_alerts.alert IS 'Number of the alert.';
COMMENT ON COLUMN routed_alerts.about IS 'What it is about: device, gateway, portal or installation.';
COMMENT ON COLUMN routed_alerts.sites IS 'Its sites.';
COMMENT ON COLUMN routed_alerts.gateways IS 'Gateways that speak for its device; itself where it is one.';
COMMENT ON COLUMN routed_alerts.profiles IS 'Profiles of its shipments.';
COMMENT ON COLUMN routed_alerts.products IS 'Products of its serials.';
COMMENT ON COLUMN routed_alerts.labels IS 'Labels of its rule.';
