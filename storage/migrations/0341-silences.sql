-- Alerts that nobody is told of for a while, and alerts that others say it for.
CREATE TABLE alert_silences (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  match jsonb NOT NULL,
  reason text NOT NULL,
  author text NOT NULL,
  from_at timestamptz NOT NULL,
  until_at timestamptz NOT NULL CHECK (until_at > from_at),
  ended_at timestamptz,
  ended_by text
);
COMMENT ON TABLE alert_silences IS 'Silences: of which alerts nobody is told until when, by whom and why.';
COMMENT ON COLUMN alert_silences.id IS 'Number of the silence.';
COMMENT ON COLUMN alert_silences.match IS 'Which alerts, in the words of a route.';
COMMENT ON COLUMN alert_silences.reason IS 'Why.';
COMMENT ON COLUMN alert_silences.author IS 'Name of who made it.';
COMMENT ON COLUMN alert_silences.from_at IS 'From when on.';
COMMENT ON COLUMN alert_silences.until_at IS 'Until when, thirty days at most.';
COMMENT ON COLUMN alert_silences.ended_at IS 'When it ended, and its author was told.';
COMMENT ON COLUMN alert_silences.ended_by IS 'Name of who ended it before its time.';
CREATE INDEX alert_silences_standing ON alert_silences (until_at) WHERE ended_at IS NULL;

ALTER TABLE routed_alerts ADD COLUMN mutes boolean NOT NULL DEFAULT false;
ALTER TABLE routed_alerts ADD COLUMN muted jsonb;
COMMENT ON COLUMN routed_alerts.mutes IS 'While it goes on, it may say it for others (`inhibit`).';
COMMENT ON COLUMN routed_alerts.muted IS 'By what it is muted: nobody is told of it meanwhile; null: by nothing.';
CREATE INDEX routed_alerts_mute ON routed_alerts (alert) WHERE mutes;
CREATE INDEX routed_alerts_muted ON routed_alerts (alert) WHERE muted IS NOT NULL;
