-- Which places each shipment is seen from, kept by the tracer in the transaction of what changes it
-- (docs/decisions/0037). A place, not its site: where a room stands may change without a shipment moving.
CREATE TABLE shipment_places (
  shipment text NOT NULL,
  place text NOT NULL,
  PRIMARY KEY (shipment, place)
);
COMMENT ON TABLE shipment_places IS 'Places that each shipment is seen from: its origin and destination, where its units are and were, and the sites of portals they passed.';
COMMENT ON COLUMN shipment_places.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN shipment_places.place IS 'Id of the place.';
-- Goods that travel in nothing: few, or all, of a shipment.
CREATE INDEX shipment_lines_loose ON shipment_lines (shipment, epc) WHERE unit IS NULL;
CREATE INDEX shipment_places_place ON shipment_places (place, shipment);

INSERT INTO shipment_places (shipment, place)
  SELECT id, origin FROM shipments
  UNION SELECT id, destination FROM shipments
  UNION SELECT u.shipment, n.place FROM shipment_units u JOIN shipments s ON s.id = u.shipment
    JOIN presence n ON n.epc = u.unit AND n.holds AND n.place IS NOT NULL AND (n.until IS NULL OR n.until > u.since)
      AND n.since < coalesce(s.closed_at, 9223372036854775807)
  UNION SELECT u.shipment, t.site FROM shipment_units u
    JOIN pass_units m ON m.unit = u.unit AND m.shipment = u.shipment
    JOIN passes p ON p.id = m.pass JOIN portals t ON t.id = p.portal
  UNION SELECT l.shipment, n.place FROM shipment_lines l JOIN shipments s ON s.id = l.shipment
    JOIN presence n ON n.epc = l.epc AND n.holds AND n.place IS NOT NULL AND (n.until IS NULL OR n.until > s.departs)
      AND n.since < coalesce(s.closed_at, 9223372036854775807) WHERE l.unit IS NULL;

-- Whether an EPC, in whatever it was in, was at one of these places, went through one of their doors as part of a unit,
-- or was part of a shipment that is seen from them by what it was in. The same for all that share their histories of
-- containment and presence. Each look-up goes by an index and stops at the first row.
CREATE FUNCTION goods_were_at(of_epc text, seen_places text[]) RETURNS boolean LANGUAGE plpgsql STABLE COST 1000 AS $$
BEGIN
  RETURN EXISTS (
    WITH RECURSIVE around (epc, since, until, depth) AS (
      SELECT of_epc, (-9223372036854775807)::bigint, 9223372036854775807::bigint, 0
      UNION ALL
      SELECT c.value, greatest(a.since, c.since), least(a.until, coalesce(c.until, 9223372036854775807)), a.depth + 1
      FROM around a JOIN containment_members m ON m.subject = a.epc JOIN containment_histories c ON c.history = m.history
      WHERE c.holds AND c.value IS NOT NULL AND c.since < a.until AND (c.until IS NULL OR c.until > a.since)
        AND a.depth < 16)
    SELECT FROM around a
    WHERE EXISTS (
        SELECT FROM presence_members m JOIN presence_histories n ON n.history = m.history
        WHERE m.subject = a.epc AND n.holds AND n.value = ANY (seen_places) AND n.since < a.until
          AND (n.until IS NULL OR n.until > a.since))
      OR EXISTS (
        SELECT FROM shipment_units u JOIN shipment_places s ON s.shipment = u.shipment
        WHERE u.unit = a.epc AND u.since < a.until AND s.place = ANY (seen_places))
      OR EXISTS (
        SELECT FROM pass_units u JOIN passes p ON p.id = u.pass JOIN portals t ON t.id = p.portal
        WHERE u.unit = a.epc AND p.since < a.until AND p.until > a.since
          AND (t.site = ANY (seen_places) OR t.inside = ANY (seen_places) OR t.outside = ANY (seen_places))));
END $$;

-- Whether a serial or unit is seen from these places: a shipment that lists it is, a door there read it, or it was there.
CREATE FUNCTION goods_seen_from(of_epc text, seen_places text[]) RETURNS boolean LANGUAGE plpgsql STABLE COST 1000 AS $$
BEGIN
  RETURN EXISTS (
      SELECT FROM shipment_lines l JOIN shipment_places s ON s.shipment = l.shipment
      WHERE l.epc = of_epc AND s.place = ANY (seen_places))
    OR EXISTS (
      SELECT FROM pass_reads r JOIN passes p ON p.id = r.pass JOIN portals t ON t.id = p.portal
      WHERE r.epc = of_epc AND r.status IS DISTINCT FROM 'stray'
        AND (t.site = ANY (seen_places) OR t.inside = ANY (seen_places) OR t.outside = ANY (seen_places)))
    OR goods_were_at(of_epc, seen_places);
END $$;

-- Whether a device is seen from these places: it is registered at one, or was on a unit that is seen, or in one of them.
-- A registration from before text was checked may hold what PostgreSQL cannot read: it names no site then.
CREATE FUNCTION device_seen_from(of_device text, seen_places text[]) RETURNS boolean LANGUAGE plpgsql STABLE COST 1000 AS $$
DECLARE registered text;
BEGIN
  IF EXISTS (
    SELECT FROM attachments_members m JOIN attachments_histories h ON h.history = m.history
    WHERE m.subject = of_device AND h.holds AND h.value IS NOT NULL
      AND (h.value = ANY (seen_places) OR goods_seen_from(h.value, seen_places)))
  THEN RETURN true;
  END IF;
  BEGIN
    SELECT fact -> 'device' -> 'context' ->> 'site' INTO registered FROM facts
     WHERE facts.subject = 'device:' || of_device AND type = 'device' ORDER BY position DESC LIMIT 1;
  EXCEPTION WHEN data_exception THEN registered := NULL;
  END;
  RETURN coalesce(registered = ANY (seen_places), false);
END $$;

-- Whether an alert is seen from these places: by a shipment or a portal it concerns, by one of the serials it touched,
-- or, where it touched no goods, by its device.
CREATE FUNCTION alert_seen_from(
  of_number bigint, of_shipments text[], of_portal text, of_device text, of_affected integer, seen_places text[]
) RETURNS boolean LANGUAGE plpgsql STABLE COST 10000 AS $$
BEGIN
  IF EXISTS (SELECT FROM shipment_places s WHERE s.shipment = ANY (of_shipments) AND s.place = ANY (seen_places))
    OR (of_portal IS NOT NULL AND EXISTS (
      SELECT FROM portals t WHERE t.id = of_portal
        AND (t.site = ANY (seen_places) OR t.inside = ANY (seen_places) OR t.outside = ANY (seen_places))))
  THEN RETURN true;
  END IF;
  IF of_affected = 0 AND cardinality(of_shipments) = 0 THEN
    RETURN of_device IS NOT NULL AND device_seen_from(of_device, seen_places);
  END IF;
  RETURN EXISTS (
      SELECT FROM alert_serials s JOIN shipment_lines l ON l.epc = s.epc JOIN shipment_places p ON p.shipment = l.shipment
      WHERE s.alert = of_number AND p.place = ANY (seen_places))
    OR EXISTS (
      SELECT FROM alert_serials s JOIN pass_reads r ON r.epc = s.epc AND r.status IS DISTINCT FROM 'stray'
        JOIN passes p ON p.id = r.pass JOIN portals t ON t.id = p.portal
      WHERE s.alert = of_number
        AND (t.site = ANY (seen_places) OR t.inside = ANY (seen_places) OR t.outside = ANY (seen_places)))
    OR EXISTS (
      -- One of each that have the same histories.
      SELECT FROM (
        SELECT min(s.epc) AS epc FROM alert_serials s LEFT JOIN containment_members c ON c.subject = s.epc
          LEFT JOIN presence_members n ON n.subject = s.epc WHERE s.alert = of_number GROUP BY c.history, n.history) AS kinds
      WHERE goods_were_at(kinds.epc, seen_places));
END $$;
