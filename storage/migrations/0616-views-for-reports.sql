-- What tools for business intelligence may read: names that stay while the tables behind them change (docs/bi.md).
-- Every time is a timestamptz, every number that joins two views is named alike in both, and nobody is named in here.
-- A company may have a schema of this name already: what is in it stays.
CREATE SCHEMA IF NOT EXISTS bi;

-- The role every reader is a member of; `CREATE ROLE reports LOGIN PASSWORD '...' IN ROLE isotherm_bi` makes one.
-- Roles belong to the server: it may be there already, or ours to make only for somebody else (docs/bi.md).
DO $$
BEGIN
  CREATE ROLE isotherm_bi NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN
  NULL;
END $$;

CREATE VIEW bi.places AS
  SELECT id AS place, name, kind, parent, gln, zone FROM places;
COMMENT ON VIEW bi.places IS 'Sites, rooms and vehicles.';
COMMENT ON COLUMN bi.places.place IS 'Id of the place.';
COMMENT ON COLUMN bi.places.name IS 'Name for people.';
COMMENT ON COLUMN bi.places.kind IS 'site, room or vehicle.';
COMMENT ON COLUMN bi.places.parent IS 'Place it is in; null = in none.';
COMMENT ON COLUMN bi.places.gln IS 'Global Location Number; null = not said.';
COMMENT ON COLUMN bi.places.zone IS 'IANA time zone.';

CREATE VIEW bi.products AS
  SELECT gtin, name, profile, budget_ms / 60000.0::double precision AS budget_minutes, value_class FROM products;
COMMENT ON VIEW bi.products IS 'Products that people have registered.';
COMMENT ON COLUMN bi.products.gtin IS 'GTIN-14.';
COMMENT ON COLUMN bi.products.name IS 'Name for people.';
COMMENT ON COLUMN bi.products.profile IS 'Storage profile; null = not said.';
COMMENT ON COLUMN bi.products.budget_minutes IS 'Minutes out of range it stands; null = not said.';
COMMENT ON COLUMN bi.products.value_class IS 'What a pack is worth, from 1 (least) to 5; null = not said.';

CREATE VIEW bi.shipments AS
  SELECT id AS shipment, state, profile, origin, destination, lane, carrier, is_noticed,
    to_timestamp(departs / 1000.0) AS departs_at, to_timestamp(arrives / 1000.0) AS arrives_at,
    to_timestamp(left_at / 1000.0) AS left_at, to_timestamp(received_at / 1000.0) AS received_at,
    to_timestamp(closed_at / 1000.0) AS closed_at, departs AS departs_ms
  FROM shipments;
COMMENT ON VIEW bi.shipments IS 'Shipments, from their notice (ASN) or from EPCIS shipping events.';
COMMENT ON COLUMN bi.shipments.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN bi.shipments.state IS 'created, packed, in transit, received, closed, cancelled.';
COMMENT ON COLUMN bi.shipments.profile IS 'Storage profile.';
COMMENT ON COLUMN bi.shipments.origin IS 'Place it leaves.';
COMMENT ON COLUMN bi.shipments.destination IS 'Place it goes to.';
COMMENT ON COLUMN bi.shipments.lane IS 'Transport lane; null = the notice names none.';
COMMENT ON COLUMN bi.shipments.carrier IS 'Who carries it, as the notice writes it; null = nobody says.';
COMMENT ON COLUMN bi.shipments.is_noticed IS 'A notice says so; without one all rests on events.';
COMMENT ON COLUMN bi.shipments.departs_at IS 'Planned departure.';
COMMENT ON COLUMN bi.shipments.arrives_at IS 'Planned arrival; null = not said.';
COMMENT ON COLUMN bi.shipments.left_at IS 'When it left; null = it has not.';
COMMENT ON COLUMN bi.shipments.received_at IS 'When it was received; null = it was not.';
COMMENT ON COLUMN bi.shipments.closed_at IS 'When it was closed or cancelled; null = it is open.';
COMMENT ON COLUMN bi.shipments.departs_ms IS 'Planned departure, epoch ms UTC: a search by it uses an index.';

CREATE VIEW bi.units AS
  SELECT shipment, unit, is_outermost, is_noticed, to_timestamp(since / 1000.0) AS since FROM shipment_units;
COMMENT ON VIEW bi.units IS 'Logistic units of shipments.';
COMMENT ON COLUMN bi.units.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN bi.units.unit IS 'EPC of the unit.';
COMMENT ON COLUMN bi.units.is_outermost IS 'In no other unit of the shipment.';
COMMENT ON COLUMN bi.units.is_noticed IS 'A notice says so; else it follows from events.';
COMMENT ON COLUMN bi.units.since IS 'From when on it belongs to the shipment.';

CREATE VIEW bi.serials AS
  SELECT epc, gtin, serial, lot, expiry, status, to_timestamp(status_since / 1000.0) AS status_since
  FROM serials;
COMMENT ON VIEW bi.serials IS 'Serialized items that were ever named.';
COMMENT ON COLUMN bi.serials.epc IS 'EPC as pure identity URI.';
COMMENT ON COLUMN bi.serials.gtin IS 'GTIN-14.';
COMMENT ON COLUMN bi.serials.serial IS 'Serial number.';
COMMENT ON COLUMN bi.serials.lot IS 'Lot in force; null = nobody says.';
COMMENT ON COLUMN bi.serials.expiry IS 'Expiry in force; null = nobody says.';
COMMENT ON COLUMN bi.serials.status IS 'State that forbids moving on. Null is no clearance: what is open about it is in alerts and cases.';
COMMENT ON COLUMN bi.serials.status_since IS 'Since when.';

CREATE VIEW bi.shipment_serials AS
  SELECT shipment, epc, unit, is_noticed FROM shipment_lines WHERE is_serial;
COMMENT ON VIEW bi.shipment_serials IS 'Serials that shipments list.';
COMMENT ON COLUMN bi.shipment_serials.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN bi.shipment_serials.epc IS 'EPC of the serial.';
COMMENT ON COLUMN bi.shipment_serials.unit IS 'Unit it is listed in; null = in none.';
COMMENT ON COLUMN bi.shipment_serials.is_noticed IS 'A notice says so; else it follows from events.';

CREATE VIEW bi.passes AS
  SELECT s.id AS pass_number, s.portal, p.site, to_timestamp(s.since / 1000.0) AS from_at,
    to_timestamp(s.until / 1000.0) AS to_at, s.direction, s.verdict ->> 'verdict' AS verdict,
    s.verdict ->> 'reason' AS reason, s.is_provisional,
    (s.verdict -> 'counts' ->> 'expected')::int AS expected, (s.verdict -> 'counts' ->> 'seen')::int AS seen,
    (s.verdict -> 'counts' ->> 'missing')::int AS missing, (s.verdict -> 'counts' ->> 'unexpected')::int AS unexpected,
    (s.verdict -> 'counts' ->> 'stray')::int AS stray, s.since AS from_ms
  FROM passes s LEFT JOIN portals p ON p.id = s.portal;
COMMENT ON VIEW bi.passes IS 'Movements through portals.';
COMMENT ON COLUMN bi.passes.pass_number IS 'Number of the pass; the API calls it pass-NUMBER.';
COMMENT ON COLUMN bi.passes.portal IS 'Id of the portal.';
COMMENT ON COLUMN bi.passes.site IS 'Site of the portal; null = nobody describes it.';
COMMENT ON COLUMN bi.passes.from_at IS 'Trigger or first sighting.';
COMMENT ON COLUMN bi.passes.to_at IS 'Last sighting.';
COMMENT ON COLUMN bi.passes.direction IS 'in, out or unknown.';
COMMENT ON COLUMN bi.passes.verdict IS 'pass or check; null = not judged yet.';
COMMENT ON COLUMN bi.passes.reason IS 'Why that verdict.';
COMMENT ON COLUMN bi.passes.is_provisional IS 'It may still change.';
COMMENT ON COLUMN bi.passes.expected IS 'Serials that were expected; null = not judged yet.';
COMMENT ON COLUMN bi.passes.seen IS 'Of the expected, those that were read.';
COMMENT ON COLUMN bi.passes.missing IS 'Of the expected, those that were not read.';
COMMENT ON COLUMN bi.passes.unexpected IS 'Read and not expected.';
COMMENT ON COLUMN bi.passes.stray IS 'Read beside the pass, not in it.';
COMMENT ON COLUMN bi.passes.from_ms IS 'As from_at, epoch ms UTC: a search by it uses an index.';

CREATE VIEW bi.pass_units AS
  SELECT pass AS pass_number, unit, shipment, inferred_from, direction, serials, seen FROM pass_units;
COMMENT ON VIEW bi.pass_units IS 'Units that went through in a pass.';
COMMENT ON COLUMN bi.pass_units.pass_number IS 'Number of the pass.';
COMMENT ON COLUMN bi.pass_units.unit IS 'EPC of the unit.';
COMMENT ON COLUMN bi.pass_units.shipment IS 'Shipment it belongs to; null = to none.';
COMMENT ON COLUMN bi.pass_units.inferred_from IS 'Whether it was read itself or inferred from what is in it.';
COMMENT ON COLUMN bi.pass_units.direction IS 'Which way it went.';
COMMENT ON COLUMN bi.pass_units.serials IS 'Serials in it.';
COMMENT ON COLUMN bi.pass_units.seen IS 'Serials of it that were read.';

CREATE VIEW bi.alerts AS
  SELECT number AS alert_number, id AS alert, kind, severity, state, rule, device, metric,
    portal, summary, from_at, to_at, goes_on, detected_at, detected_late, acknowledged_at, resolved_at, reopened,
    affected_count AS serials
  FROM alerts WHERE merged_into IS NULL;
COMMENT ON VIEW bi.alerts IS 'Alerts, without those that were merged into another.';
COMMENT ON COLUMN bi.alerts.alert_number IS 'Number of the alert.';
COMMENT ON COLUMN bi.alerts.alert IS 'Id of the alert, as the API calls it.';
COMMENT ON COLUMN bi.alerts.kind IS 'Kind of the rule that found it.';
COMMENT ON COLUMN bi.alerts.severity IS 'Severity.';
COMMENT ON COLUMN bi.alerts.state IS 'open, acknowledged, resolved, retracted: what is retracted turned out not to be.';
COMMENT ON COLUMN bi.alerts.rule IS 'Id of the rule.';
COMMENT ON COLUMN bi.alerts.device IS 'Device it is about; null = about none.';
COMMENT ON COLUMN bi.alerts.metric IS 'Metric it is about; null = about none.';
COMMENT ON COLUMN bi.alerts.portal IS 'Portal it is about; null = about none.';
COMMENT ON COLUMN bi.alerts.summary IS 'One line for people.';
COMMENT ON COLUMN bi.alerts.from_at IS 'When it began.';
COMMENT ON COLUMN bi.alerts.to_at IS 'When it ended; null while it goes on.';
COMMENT ON COLUMN bi.alerts.goes_on IS 'What it tells of still goes on, whatever people did about it.';
COMMENT ON COLUMN bi.alerts.detected_at IS 'When it was found.';
COMMENT ON COLUMN bi.alerts.detected_late IS 'It was found on late readings.';
COMMENT ON COLUMN bi.alerts.acknowledged_at IS 'When it was acknowledged; null = it was not.';
COMMENT ON COLUMN bi.alerts.resolved_at IS 'When it was resolved; null = it was not.';
COMMENT ON COLUMN bi.alerts.reopened IS 'How often it was opened again.';
COMMENT ON COLUMN bi.alerts.serials IS 'Number of distinct serials it touched.';

CREATE VIEW bi.alert_shipments AS
  SELECT a.number AS alert_number, h.shipment
  FROM alerts a CROSS JOIN LATERAL unnest(a.shipments) AS h(shipment) WHERE a.merged_into IS NULL;
COMMENT ON VIEW bi.alert_shipments IS 'Shipments that each alert touches, a row each.';
COMMENT ON COLUMN bi.alert_shipments.alert_number IS 'Number of the alert.';
COMMENT ON COLUMN bi.alert_shipments.shipment IS 'Id of the shipment.';

CREATE VIEW bi.alert_serials AS
  SELECT s.alert AS alert_number, s.part, s.epc, s.gtin, s.serial, s.lot, s.expiry
  FROM alert_serials s JOIN alerts a ON a.number = s.alert WHERE a.merged_into IS NULL;
COMMENT ON VIEW bi.alert_serials IS 'Serials that each alert touched.';
COMMENT ON COLUMN bi.alert_serials.alert_number IS 'Number of the alert.';
COMMENT ON COLUMN bi.alert_serials.part IS 'Part of the alert in exposures whose figures are the serial''s.';
COMMENT ON COLUMN bi.alert_serials.epc IS 'EPC of the serial.';
COMMENT ON COLUMN bi.alert_serials.gtin IS 'GTIN-14; null = nobody says.';
COMMENT ON COLUMN bi.alert_serials.serial IS 'Serial number; null = nobody says.';
COMMENT ON COLUMN bi.alert_serials.lot IS 'Lot; null = nobody says.';
COMMENT ON COLUMN bi.alert_serials.expiry IS 'Expiry; null = nobody says.';

CREATE VIEW bi.exposures AS
  SELECT e.alert AS alert_number, e.part, e.unit, e.shipment, a.device, a.metric, e.from_at, e.to_at,
    e.minutes AS minutes_out_of_range, e.min AS lowest, e.max AS highest, e.mkt AS mean_kinetic_temperature, e.serials
  FROM alert_exposures e JOIN alerts a ON a.number = e.alert WHERE a.merged_into IS NULL;
COMMENT ON VIEW bi.exposures IS 'What goods were exposed to while an alert lasted: a row for the serials that shared one environment.';
COMMENT ON COLUMN bi.exposures.alert_number IS 'Number of the alert.';
COMMENT ON COLUMN bi.exposures.part IS 'Which part of it, from 0.';
COMMENT ON COLUMN bi.exposures.unit IS 'Unit the serials were in; null = in none.';
COMMENT ON COLUMN bi.exposures.shipment IS 'Shipment they were in; null = in none.';
COMMENT ON COLUMN bi.exposures.device IS 'Device that measured; null = the alert is of goods, not of a device.';
COMMENT ON COLUMN bi.exposures.metric IS 'What it measured, in the unit of the metric (docs/api.md); null likewise.';
COMMENT ON COLUMN bi.exposures.from_at IS 'From when on they were exposed.';
COMMENT ON COLUMN bi.exposures.to_at IS 'Until when; null while it goes on.';
COMMENT ON COLUMN bi.exposures.minutes_out_of_range IS 'Minutes out of range; null = the rule counts none.';
COMMENT ON COLUMN bi.exposures.lowest IS 'Smallest value; null = there was none.';
COMMENT ON COLUMN bi.exposures.highest IS 'Largest value; null = there was none.';
COMMENT ON COLUMN bi.exposures.mean_kinetic_temperature IS '°C; null = not of temperatures.';
COMMENT ON COLUMN bi.exposures.serials IS 'Number of serials.';

CREATE VIEW bi.cases AS
  SELECT number AS case_number, 'C-' || lpad(number::text, greatest(6, length(number::text)), '0') AS "case", kind,
    state, title, shipment, place, opened_at, due_at, closed_at, value_class, alerts, affected AS serials,
    undecided, waiting
  FROM cases;
COMMENT ON VIEW bi.cases IS 'What quality decides on.';
COMMENT ON COLUMN bi.cases.case_number IS 'Number of the case.';
COMMENT ON COLUMN bi.cases."case" IS 'As people see it: C-000123.';
COMMENT ON COLUMN bi.cases.kind IS 'excursion, suspect product, complaint, data missing.';
COMMENT ON COLUMN bi.cases.state IS 'open, evidence changed, decided, closed.';
COMMENT ON COLUMN bi.cases.title IS 'One line for people.';
COMMENT ON COLUMN bi.cases.shipment IS 'Shipment it is about; null = about none.';
COMMENT ON COLUMN bi.cases.place IS 'Place it is about; null = about none.';
COMMENT ON COLUMN bi.cases.opened_at IS 'When it was opened.';
COMMENT ON COLUMN bi.cases.due_at IS 'When the first of its clocks that nobody has stopped falls due; null = nothing does.';
COMMENT ON COLUMN bi.cases.closed_at IS 'When it was closed; null = it was not.';
COMMENT ON COLUMN bi.cases.value_class IS 'Highest value class of its products, 1 to 5; null = not said.';
COMMENT ON COLUMN bi.cases.alerts IS 'Number of alerts that it rests on.';
COMMENT ON COLUMN bi.cases.serials IS 'Number of serials that are affected.';
COMMENT ON COLUMN bi.cases.undecided IS 'Number of those without a decision in force.';
COMMENT ON COLUMN bi.cases.waiting IS 'Number of those whose decision waits for its second signer.';

CREATE VIEW bi.case_alerts AS
  SELECT case_number, alert AS alert_number, joined_at, left_at FROM case_alerts;
COMMENT ON VIEW bi.case_alerts IS 'Alerts that a case rests on, or rested on.';
COMMENT ON COLUMN bi.case_alerts.case_number IS 'Number of the case.';
COMMENT ON COLUMN bi.case_alerts.alert_number IS 'Number of the alert.';
COMMENT ON COLUMN bi.case_alerts.joined_at IS 'When it joined.';
COMMENT ON COLUMN bi.case_alerts.left_at IS 'When it left; null while it is in.';

CREATE VIEW bi.decisions AS
  SELECT case_number, number AS decision_number, disposition, scope_group, scope_lot, reason, serials,
    to_timestamp(made_at / 1000.0) AS made_at, to_timestamp(in_force_at / 1000.0) AS in_force_at,
    in_force_at IS NOT NULL AS is_in_force, record_hash
  FROM case_decisions;
COMMENT ON VIEW bi.decisions IS 'Decisions on goods as they were signed. A later one supersedes: what counts of each serial is in decision_serials.';
COMMENT ON COLUMN bi.decisions.case_number IS 'Number of the case.';
COMMENT ON COLUMN bi.decisions.decision_number IS 'Of the decision in its case, from 1.';
COMMENT ON COLUMN bi.decisions.disposition IS 'release, quarantine, reject, return, destroy.';
COMMENT ON COLUMN bi.decisions.scope_group IS 'Group that was decided on; null = it was not one.';
COMMENT ON COLUMN bi.decisions.scope_lot IS 'Lot that was decided on; null = it was not one.';
COMMENT ON COLUMN bi.decisions.reason IS 'Why, in the words of who decided.';
COMMENT ON COLUMN bi.decisions.serials IS 'How many serials.';
COMMENT ON COLUMN bi.decisions.made_at IS 'When the first signature was given.';
COMMENT ON COLUMN bi.decisions.in_force_at IS 'When the last signature that it needs was given; null = awaited, and nothing is decided yet.';
COMMENT ON COLUMN bi.decisions.is_in_force IS 'It has all signatures it needs.';
COMMENT ON COLUMN bi.decisions.record_hash IS 'SHA-256 of the signed record, hex.';

CREATE VIEW bi.decision_serials AS
  SELECT d.case_number, d.number AS decision_number, d.epc,
    coalesce(s.decision = d.number, false) AS is_latest,
    coalesce(s.decision = d.number AND s.is_in_force, false) AS is_in_force,
    coalesce(s.decided_revision < s.changed_revision, false) AS evidence_changed_since
  FROM case_decision_serials d LEFT JOIN case_serials s ON s.case_number = d.case_number AND s.epc = d.epc;
COMMENT ON VIEW bi.decision_serials IS 'Serials of each decision. Of one serial the row that is_in_force counts, and none where there is none.';
COMMENT ON COLUMN bi.decision_serials.case_number IS 'Number of the case.';
COMMENT ON COLUMN bi.decision_serials.decision_number IS 'Number of the decision in its case.';
COMMENT ON COLUMN bi.decision_serials.epc IS 'EPC of the serial.';
COMMENT ON COLUMN bi.decision_serials.is_latest IS 'No later decision of the case is on this serial.';
COMMENT ON COLUMN bi.decision_serials.is_in_force IS 'It is the latest, and has all signatures it needs.';
COMMENT ON COLUMN bi.decision_serials.evidence_changed_since IS 'The evidence changed since the latest decision on it: it has to be decided again.';

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'isotherm_bi') THEN
    GRANT USAGE ON SCHEMA bi TO isotherm_bi;
    GRANT SELECT ON bi.places, bi.products, bi.shipments, bi.units, bi.serials, bi.shipment_serials, bi.passes,
      bi.pass_units, bi.alerts, bi.alert_shipments, bi.alert_serials, bi.exposures, bi.cases, bi.case_alerts,
      bi.decisions, bi.decision_serials TO isotherm_bi;
  END IF;
END $$;
