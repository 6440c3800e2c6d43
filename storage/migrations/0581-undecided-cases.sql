-- What a shipment shows and what a pack answers rest on the same: an alert that nobody resolved, and a case that nobody has
-- decided, though its alert is resolved; rules on goods as well as those on devices.
CREATE INDEX cases_undecided ON cases (number) WHERE state IN ('open', 'evidence changed');

CREATE OR REPLACE VIEW undecided_excursions AS
  SELECT s.epc, a.id AS alert, a.summary, (extract(epoch FROM a.from_at) * 1000)::bigint AS since,
    'alert'::text AS source
  FROM alert_serials s JOIN alerts a ON a.number = s.alert
  WHERE a.state IN ('open', 'acknowledged')
    AND a.kind IN ('threshold', 'mkt', 'rate', 'shock', 'freezeThaw', 'goodsMkt', 'goodsFreezeThaw')
    AND coalesce(a.metric, '') NOT IN ('battery', 'door', 'defrost')
    AND NOT EXISTS (SELECT FROM (SELECT position FROM serial_events WHERE epc = s.epc AND is_decision OFFSET 0) AS e
      JOIN goods_decisions d ON d.position = e.position WHERE a.id = ANY(d.alerts) OFFSET 0)
  UNION ALL
  -- Where no case waits none is looked up.
  SELECT s.epc, 'C-' || lpad(c.number::text, 6, '0'), c.title, (extract(epoch FROM c.opened_at) * 1000)::bigint,
    'case'
  FROM case_serials s JOIN cases c ON c.number = s.case_number
  -- Suspect product is stopped by what becomes of it; a complaint stops nothing.
  WHERE c.state IN ('open', 'evidence changed') AND c.kind IN ('excursion', 'data missing')
    AND ((s.is_affected AND NOT s.is_in_force) OR s.decided_revision < s.changed_revision)
    AND (SELECT EXISTS (SELECT FROM cases o WHERE o.state IN ('open', 'evidence changed')));
COMMENT ON VIEW undecided_excursions IS 'Serials in an excursion or a case that nobody has decided on: they may not move on.';
COMMENT ON COLUMN undecided_excursions.alert IS 'Id of the alert or case.';
COMMENT ON COLUMN undecided_excursions.source IS 'alert or case.';
