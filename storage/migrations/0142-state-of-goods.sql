-- An expiry that is no date is kept as given: it must not pass for no expiry at all.
ALTER TABLE serial_events ADD COLUMN unreadable_expiry text;
COMMENT ON COLUMN serial_events.unreadable_expiry IS 'Expiry as given, where it is no date.';
ALTER TABLE serials ADD COLUMN unreadable_expiry text;
COMMENT ON COLUMN serials.unreadable_expiry IS 'Expiry as the maker''s latest event gives it, where it is no date.';

-- Excursions of goods that no person has decided on, one row for each serial. Silences, forecasts and door checks are no
-- excursion of goods, nor is a flat battery.
CREATE VIEW undecided_excursions AS
  SELECT s.epc, a.id AS alert, a.summary, (extract(epoch FROM a.from_at) * 1000)::bigint AS since
  FROM alert_serials s JOIN alerts a ON a.number = s.alert
  WHERE a.state IN ('open', 'acknowledged') AND a.kind IN ('threshold', 'mkt', 'rate', 'shock', 'freezeThaw')
    AND a.metric NOT IN ('battery', 'door');
COMMENT ON VIEW undecided_excursions IS 'Serials in an excursion that nobody has decided on: they may not move on.';
COMMENT ON COLUMN undecided_excursions.epc IS 'Serial.';
COMMENT ON COLUMN undecided_excursions.alert IS 'Id of the alert.';
COMMENT ON COLUMN undecided_excursions.summary IS 'One line for people.';
COMMENT ON COLUMN undecided_excursions.since IS 'Since when, epoch ms UTC.';

-- Whether goods might move on, as it was shown at the door with each revision of a verdict. Rows are only ever added.
CREATE TABLE pass_clearances (
  pass bigint NOT NULL,
  revision integer NOT NULL,
  at bigint NOT NULL,
  may_move_on boolean NOT NULL,
  findings jsonb NOT NULL,
  PRIMARY KEY (pass, revision)
);
COMMENT ON TABLE pass_clearances IS 'Whether the goods of a pass might move on, as it was shown; never worked out again.';
COMMENT ON COLUMN pass_clearances.pass IS 'Number of the pass.';
COMMENT ON COLUMN pass_clearances.revision IS 'Revision of the verdict it was shown with.';
COMMENT ON COLUMN pass_clearances.at IS 'When, epoch ms UTC.';
COMMENT ON COLUMN pass_clearances.may_move_on IS 'The answer.';
COMMENT ON COLUMN pass_clearances.findings IS 'Why not, with the serials.';
