-- Goods that have used more time than they stand are in an excursion as those are that were too warm in one piece: a pack of an
-- alert of `cumulative`, or of `budget` past the budget itself, was verified as fine while its shipment waited for a person. What
-- an alert of `budget` says before that (`share` below 100) is a warning, and stops nothing.
CREATE OR REPLACE VIEW undecided_excursions AS
  SELECT s.epc, a.id AS alert, a.summary, (extract(epoch FROM a.from_at) * 1000)::bigint AS since,
    'alert'::text AS source
  FROM alert_serials s JOIN alerts a ON a.number = s.alert
  WHERE a.state IN ('open', 'acknowledged')
    AND (a.kind IN ('threshold', 'mkt', 'rate', 'shock', 'freezeThaw', 'goodsMkt', 'goodsFreezeThaw', 'cumulative')
      -- Both in minutes, rounded alike.
      OR (a.kind = 'budget' AND (a.evidence ->> 'extreme')::double precision >= (a.evidence ->> 'limit')::double precision))
    AND coalesce(a.metric, '') NOT IN ('battery', 'door', 'defrost')
    AND NOT EXISTS (SELECT FROM (SELECT position FROM serial_events WHERE epc = s.epc AND is_decision OFFSET 0) AS e
      JOIN goods_decisions d ON d.position = e.position
      -- Alerts of rules on goods open no case of their own: what was signed of a pack after one was found was signed with it.
      WHERE a.id = ANY(d.alerts) OR (a.kind IN ('goodsMkt', 'goodsFreezeThaw', 'cumulative', 'budget')
        AND d.at >= extract(epoch FROM a.detected_at) * 1000) OFFSET 0)
  UNION ALL
  -- Where no case waits none is looked up.
  SELECT s.epc, 'C-' || CASE WHEN c.number < 1000000 THEN lpad(c.number::text, 6, '0') ELSE c.number::text END,
    c.title, (extract(epoch FROM c.opened_at) * 1000)::bigint, 'case'
  FROM case_serials s JOIN cases c ON c.number = s.case_number
  -- Suspect product is stopped by what becomes of it; a complaint stops nothing.
  WHERE c.state IN ('open', 'evidence changed') AND c.kind IN ('excursion', 'data missing')
    AND s.is_affected AND NOT s.is_in_force
    -- Data alone decides on nobody's goods: what was released on the same alerts, in a case that this one follows up, is
    -- stopped by a person.
    AND (NOT EXISTS (SELECT FROM case_alerts WHERE case_number = c.number AND left_at IS NULL)
      OR EXISTS (SELECT FROM case_alerts r JOIN alerts a ON a.number = r.alert
        WHERE r.case_number = c.number AND r.left_at IS NULL
        AND NOT EXISTS (SELECT FROM (SELECT position FROM serial_events WHERE epc = s.epc AND is_decision OFFSET 0) AS e
          JOIN goods_decisions d ON d.position = e.position WHERE a.id = ANY(d.alerts) OFFSET 0)))
    AND (SELECT EXISTS (SELECT FROM cases o WHERE o.state IN ('open', 'evidence changed')));
