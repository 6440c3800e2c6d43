-- Alerts of rules on goods stand in cases as those of devices do, and are lifted by what is signed of them there. Until now
-- they opened none, so that any decision that was signed on a pack after one was found lifted it: also one of a complaint, or
-- of another shipment.

-- Which alerts are excursions of goods. This function is the one place that says it: whether they open a case, and whether
-- undecided_excursions stops goods for them. What an alert of `budget` says before the budget is used up (`share` below
-- 100) is a warning; both of its figures are minutes, rounded alike. Without figures it is taken for an excursion.
CREATE FUNCTION can_spoil(of_kind text, of_metric text, of_evidence jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN of_kind = 'budget'
      THEN coalesce((of_evidence ->> 'extreme')::double precision >= (of_evidence ->> 'limit')::double precision, true)
    ELSE of_kind IN ('threshold', 'mkt', 'rate', 'shock', 'freezeThaw', 'goodsMkt', 'goodsFreezeThaw', 'cumulative')
      AND coalesce(of_metric, '') NOT IN ('battery', 'door', 'defrost') END
$$;
DROP FUNCTION can_spoil(text, text);

CREATE OR REPLACE VIEW undecided_excursions AS
  SELECT s.epc, a.id AS alert, a.summary, (extract(epoch FROM a.from_at) * 1000)::bigint AS since,
    'alert'::text AS source
  FROM alert_serials s JOIN alerts a ON a.number = s.alert
  WHERE a.state IN ('open', 'acknowledged') AND can_spoil(a.kind, a.metric, a.evidence)
    -- A decision lifts the alerts that stood in its case when it was signed, and no others.
    AND NOT EXISTS (SELECT FROM (SELECT position FROM serial_events WHERE epc = s.epc AND is_decision OFFSET 0) AS e
      JOIN goods_decisions d ON d.position = e.position WHERE a.id = ANY(d.alerts) OFFSET 0)
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

-- What was signed before this in the case of an alert's own shipment, after the alert was found, was signed with it in view:
-- it stays lifted. What was signed elsewhere lifts it no more.
UPDATE goods_decisions d SET alerts = d.alerts || f.alerts
FROM (
  SELECT g.position, array_agg(a.id ORDER BY a.number) AS alerts
  FROM goods_decisions g
    JOIN cases c ON c.shipment IS NOT NULL AND c.kind IN ('excursion', 'data missing')
      AND g.case_id = 'C-' || CASE WHEN c.number < 1000000 THEN lpad(c.number::text, 6, '0') ELSE c.number::text END
    JOIN alerts a ON a.shipments @> ARRAY[c.shipment] AND a.device IS NULL AND a.portal IS NULL
      AND can_spoil(a.kind, a.metric, a.evidence) AND a.state <> 'retracted'
      AND g.at >= extract(epoch FROM a.detected_at) * 1000 AND NOT a.id = ANY(g.alerts)
  GROUP BY g.position) AS f
WHERE d.position = f.position;

-- Those that stand when this comes in open or join their cases when the alert worker looks at them again. They are no news:
-- nobody is told of them.
INSERT INTO alert_work (rule, key, from_at)
  SELECT rule, key, from_at FROM alerts
  WHERE state IN ('open', 'acknowledged') AND device IS NULL AND portal IS NULL AND can_spoil(kind, metric, evidence);
