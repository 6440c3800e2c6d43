-- What a cooling unit says of itself: it thaws its evaporator, and the air warms for minutes, by design. No excursion of goods,
-- as a door or a flat battery is none.
INSERT INTO grafana.metrics VALUES (12, 'defrost', '');

CREATE OR REPLACE FUNCTION can_spoil(of_kind text, of_metric text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT of_kind IN ('threshold', 'mkt', 'rate', 'shock', 'freezeThaw')
    AND coalesce(of_metric, '') NOT IN ('battery', 'door', 'defrost')
$$;

CREATE OR REPLACE VIEW undecided_excursions AS
  SELECT s.epc, a.id AS alert, a.summary, (extract(epoch FROM a.from_at) * 1000)::bigint AS since
  FROM alert_serials s JOIN alerts a ON a.number = s.alert
  WHERE a.state IN ('open', 'acknowledged') AND a.kind IN ('threshold', 'mkt', 'rate', 'shock', 'freezeThaw')
    AND a.metric NOT IN ('battery', 'door', 'defrost')
    AND NOT EXISTS (SELECT FROM (SELECT position FROM serial_events WHERE epc = s.epc AND is_decision OFFSET 0) AS e
      JOIN goods_decisions d ON d.position = e.position WHERE a.id = ANY(d.alerts) OFFSET 0);
