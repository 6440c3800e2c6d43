-- Of a sensor that wavers at its limit, or a link that comes and goes, one alert is told that it flaps, and the others are held.
CREATE TABLE alert_flaps (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  alert bigint NOT NULL,
  opened int NOT NULL,
  held int NOT NULL DEFAULT 0,
  began_at timestamptz NOT NULL,
  quiet_ms bigint NOT NULL,
  due_at timestamptz NOT NULL,
  ended_at timestamptz
);
COMMENT ON TABLE alert_flaps IS 'Times in which alerts of one rule and key opened so often that they are held.';
COMMENT ON COLUMN alert_flaps.id IS 'Number of the flapping.';
COMMENT ON COLUMN alert_flaps.rule IS 'Rule of the alerts.';
COMMENT ON COLUMN alert_flaps.key IS 'Key of their findings.';
COMMENT ON COLUMN alert_flaps.alert IS 'Number of the alert that said so.';
COMMENT ON COLUMN alert_flaps.opened IS 'How many had opened when it began.';
COMMENT ON COLUMN alert_flaps.held IS 'How many opened since, and are held.';
COMMENT ON COLUMN alert_flaps.began_at IS 'When it began.';
COMMENT ON COLUMN alert_flaps.quiet_ms IS 'It is over when none has opened for so long, ms.';
COMMENT ON COLUMN alert_flaps.due_at IS 'When it is over, if none opens until then.';
COMMENT ON COLUMN alert_flaps.ended_at IS 'When its end was told.';
CREATE UNIQUE INDEX alert_flaps_live ON alert_flaps (rule, key) WHERE ended_at IS NULL;
CREATE INDEX alert_flaps_due ON alert_flaps (due_at) WHERE ended_at IS NULL;

ALTER TABLE routed_alerts ADD COLUMN flap bigint;
COMMENT ON COLUMN routed_alerts.flap IS 'Number of the flapping in which it is held; null: in none.';
