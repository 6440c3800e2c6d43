-- What a signed decision does to goods: it is a fact in the log, and stands among what events say of each serial.
ALTER TABLE serial_events ADD COLUMN is_decision boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN serial_events.is_decision IS 'A signed decision says it: only another one takes it back.';
CREATE INDEX serial_decisions ON serial_events (epc, position) WHERE is_decision;

CREATE TABLE goods_decisions (
  case_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  position bigint NOT NULL UNIQUE,
  at bigint NOT NULL,
  disposition text NOT NULL,
  alerts text[] NOT NULL,
  record_hash text NOT NULL,
  PRIMARY KEY (case_id, number)
);
COMMENT ON TABLE goods_decisions IS 'Signed decisions on goods that are in force; their serials are in serial_events at the same position.';
COMMENT ON COLUMN goods_decisions.case_id IS 'Id of the case.';
COMMENT ON COLUMN goods_decisions.number IS 'Of the decision in its case.';
COMMENT ON COLUMN goods_decisions.position IS 'Log position of its fact.';
COMMENT ON COLUMN goods_decisions.at IS 'When the last signature that it needs was given, epoch ms UTC.';
COMMENT ON COLUMN goods_decisions.disposition IS 'release, quarantine, reject, return, destroy.';
COMMENT ON COLUMN goods_decisions.alerts IS 'Ids of the alerts that were decided upon.';
COMMENT ON COLUMN goods_decisions.record_hash IS 'SHA-256 of the signed record, hex.';

CREATE OR REPLACE VIEW undecided_excursions AS
  SELECT s.epc, a.id AS alert, a.summary, (extract(epoch FROM a.from_at) * 1000)::bigint AS since
  FROM alert_serials s JOIN alerts a ON a.number = s.alert
  WHERE a.state IN ('open', 'acknowledged') AND a.kind IN ('threshold', 'mkt', 'rate', 'shock', 'freezeThaw')
    AND a.metric NOT IN ('battery', 'door')
    AND NOT EXISTS (SELECT FROM (SELECT position FROM serial_events WHERE epc = s.epc AND is_decision OFFSET 0) AS e
      JOIN goods_decisions d ON d.position = e.position WHERE a.id = ANY(d.alerts) OFFSET 0);
