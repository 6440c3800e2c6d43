-- Alerts that a person's signed word ended: where it is taken back they are opened again.
ALTER TABLE alerts ADD COLUMN ended_by_verdict boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN alerts.ended_by_verdict IS 'It was resolved by a signed step on the evidence of its cases, and is opened again where that is taken back.';

-- What a person says of an alert that opened no case is said in one opened for it: the alert stays with it.
ALTER TABLE case_alerts ADD COLUMN is_by_hand boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN case_alerts.is_by_hand IS 'A person put it there to judge it; it stays, whatever it touches.';
