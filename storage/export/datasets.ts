import { METRICS } from '../../domain/index.ts';
import { timestamp } from '../types.ts';

/** What an export is limited to. */
export interface ExportScope {
  /** Event times [from, to), epoch ms UTC; ±Infinity for no limit. */
  readonly from: number;
  readonly to: number;
  /**
   * Only what has to do with one shipment. The tables `export_epcs (epc)`, its serials and units, and `export_ranges
   * (device_id, since, until)`, the readings around them, then stand in the session.
   */
  readonly isShipment: boolean;
  readonly shipment: string | null;
}

/** One file of an export. */
export interface Dataset {
  readonly name: string;
  /** Flat tables as CSV with a header; what is nested as JSON lines. */
  readonly form: 'csv' | 'jsonl';
  /** The query whose rows are written, for COPY: literals stand in it. */
  readonly select: string;
}

/** Epoch ms as RFC 3339, UTC, milliseconds. */
const atMs = (column: string, name = column) => `${iso(`to_timestamp(${column} / 1000.0)`)} AS ${name}`;
const at = (column: string, name = column) => `${iso(column)} AS ${name}`;

function iso(expression: string): string {
  return `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/**
 * Readings by device name, metric name, time and value, rows and packed; the one that Parquet is written of as well. Of a
 * shipment each key is asked for what lies around its ranges.
 */
export function readingsSelect(scope: ExportScope): string {
  const metric = METRICS.map(({ code, name }) => `WHEN ${code} THEN '${name}'`).join(' ');
  const columns = (of: string) => `d.name AS device, CASE ${of}.metric ${metric} ELSE ${of}.metric::text END AS metric`;
  const [from, to] = [`'${timestamp(scope.from)}'::timestamptz`, `'${timestamp(scope.to)}'::timestamptz`];
  if (!scope.isShipment) {
    return `SELECT ${columns('r')}, r.time, r.value
      FROM readings_between(${from}, ${to}) r JOIN devices d ON d.id = r.device_id`;
  }
  return `SELECT ${columns('key')}, r.time, r.value FROM (
      SELECT x.device_id, k.metric, min(x.since) AS since, max(x.until) AS until
      FROM export_ranges x JOIN reading_keys k ON k.device_id = x.device_id GROUP BY 1, 2
    ) AS key JOIN devices d ON d.id = key.device_id
    CROSS JOIN LATERAL readings_between(key.device_id, key.metric, greatest(key.since, ${from}), least(key.until, ${to})) r
    WHERE EXISTS (SELECT FROM export_ranges x WHERE x.device_id = key.device_id AND r.time >= x.since AND r.time < x.until)`;
}

/** Everything but the readings. */
export function datasets(scope: ExportScope): Dataset[] {
  const { isShipment, shipment } = scope;
  const [from, to] = [bound(scope.from), bound(scope.to)];
  const [since, until] = [`'${timestamp(scope.from)}'`, `'${timestamp(scope.to)}'`];
  const overlaps = `since < ${to} AND coalesce(until, ${MOST}) > ${from}`;
  const ours = (epc: string) => (isShipment ? `AND ${epc} IN (SELECT epc FROM export_epcs)` : '');
  const ourDevice = (device: string) =>
    isShipment ? `AND ${device} IN (SELECT name FROM devices JOIN export_ranges ON device_id = id)` : '';
  const ourAlerts = isShipment ? `AND ${literal(shipment)} = ANY (shipments)` : '';
  const isOurs = (id: string) => (isShipment ? `AND ${id} = ${literal(shipment)}` : '');
  const journey = `departs < ${to} AND coalesce(closed_at, received_at, ${MOST}) >= ${from}`;
  return [
    csv(
      'shipments',
      `id, profile, origin, destination, ${atMs('departs')}, ${atMs('arrives')}, state, ${atMs('left_at')},
       ${atMs('received_at')}, ${atMs('closed_at')}, ${atMs('noticed_at')}, noticed_by
       FROM shipments WHERE ${journey} ${isOurs('id')} ORDER BY id`,
    ),
    csv(
      'shipment_serials',
      `l.shipment, l.epc, l.unit, l.is_serial, s.gtin, s.serial, s.lot, s.expiry FROM shipment_lines l
       JOIN shipments ON shipments.id = l.shipment LEFT JOIN serials s ON s.epc = l.epc
       WHERE ${journey} ${isOurs('l.shipment')} ORDER BY l.shipment, l.epc`,
    ),
    csv('serials', `epc, gtin, serial, lot, expiry FROM serials WHERE true ${ours('epc')} ORDER BY epc`),
    csv(
      'containment',
      `child, parent, ${atMs('since')}, ${atMs('until')}, source FROM containment WHERE holds AND ${overlaps}
       ${ours('child')} ORDER BY child, containment.since`,
    ),
    csv(
      'attachments',
      `device, subject, ${atMs('since')}, ${atMs('until')}, source FROM attachments WHERE holds AND ${overlaps}
       ${ourDevice('device')} ORDER BY device, attachments.since`,
    ),
    csv(
      'presence',
      `epc, place, ${atMs('since')}, ${atMs('until')}, source FROM presence WHERE holds AND ${overlaps}
       ${ours('epc')} ORDER BY epc, presence.since`,
    ),
    csv(
      'sightings',
      `reader, antenna, epc_hex, epc_bits, ${atMs('first_seen')}, ${atMs('last_seen')}, count, rssi,
       (SELECT string_agg(DISTINCT tid, ' ') FROM tag_numbers n WHERE n.epc_hex = s.epc_hex AND n.first_seen = s.first_seen
          AND n.reader = s.reader AND n.antenna = s.antenna) AS tids FROM sightings s
       WHERE s.first_seen < ${to} AND s.last_seen >= ${from}
       ${isShipment ? 'AND epc_hex IN (SELECT epc_hex FROM pass_reads WHERE epc IN (SELECT epc FROM export_epcs))' : ''}
       ORDER BY s.first_seen, reader, antenna, epc_hex`,
    ),
    jsonl(
      'passes',
      `p.id, p.portal, ${atMs('p.since', 'since')}, ${atMs('p.until', 'until')}, p.ended_by, p.direction,
       p.direction_reason, p.verdict, p.is_provisional,
       (SELECT json_agg(json_build_object('epc', r.epc, 'hex', r.epc_hex, 'firstSeen',
          ${iso('to_timestamp(r.first_seen / 1000.0)')}, 'lastSeen', ${iso('to_timestamp(r.last_seen / 1000.0)')}, 'count', r.count, 'direction', r.direction, 'status', r.status, 'reason', r.reason) ORDER BY r.epc)
        FROM pass_reads r WHERE r.pass = p.id) AS reads
       FROM passes p WHERE p.since < ${to} AND p.until >= ${from}
       ${isShipment ? 'AND EXISTS (SELECT FROM pass_reads r JOIN export_epcs e ON e.epc = r.epc WHERE r.pass = p.id)' : ''}
       ORDER BY p.id`,
    ),
    jsonl(
      'findings',
      `rule, rule_version, kind, severity, key, ${at('from_at', '"from"')}, ${at('to_at', '"to"')}, ended_by, extreme,
       readings, minutes_out_of_range, runs, limit_value AS "limit", portal, ${at('detected_at')}, detected_late, revision
       FROM findings WHERE from_at < ${until} AND coalesce(to_at, 'infinity') >= ${since}
       ${isShipment ? 'AND (device IS NULL OR device IN (SELECT name FROM devices JOIN export_ranges ON device_id = id))' : ''}
       ORDER BY rule, key, from_at`,
    ),
    jsonl(
      'alerts',
      `id, rule, rule_version, key, kind, severity, state, device, metric, portal, shipments, summary,
       ${at('from_at', '"from"')}, ${at('to_at', '"to"')}, ${at('detected_at')}, detected_late, evidence, affected_count,
       merged_into, split_from, acknowledged_by, ${at('acknowledged_at')}, resolved_by, ${at('resolved_at')}, assigned_to,
       revision FROM alerts WHERE from_at < ${until} AND coalesce(to_at, 'infinity') >= ${since} ${ourAlerts}
       ORDER BY number`,
    ),
    csv(
      'alert_serials',
      `a.id AS alert, s.epc, s.gtin, s.serial, s.lot, s.expiry, x.unit, x.shipment, ${at('x.from_at', 'since')},
       ${at('x.to_at', 'until')}, x.minutes AS minutes_out_of_range, x.min, x.max, x.mkt
       FROM alerts a JOIN alert_exposures x ON x.alert = a.number
       JOIN alert_serials s ON s.alert = x.alert AND s.part = x.part
       WHERE a.from_at < ${until} AND coalesce(a.to_at, 'infinity') >= ${since} ${ourAlerts}
       ORDER BY a.number, s.epc, x.part`,
    ),
    jsonl(
      'epcis_events',
      `${atMs('record_time', '"recordTime"')}, context, event FROM epcis_events e
       WHERE e.event_time >= ${from} AND e.event_time < ${to}
       ${isShipment ? 'AND e.any_epcs && (SELECT array_agg(epc) FROM export_epcs)' : ''}
       ORDER BY e.event_time, e.position, e.index`,
    ),
    jsonl(
      'rules',
      `${at('arrival')}, fact -> 'version' AS version, fact ->> 'by' AS by FROM facts WHERE type = 'rule' ORDER BY position`,
    ),
    jsonl(
      'audit',
      `${at('at')}, id, actor_id AS "actorId", actor_name AS actor, action, subject, leaf::json AS entry
       FROM audit_entries WHERE ${auditScope(scope)} ORDER BY audit_entries.at, number`,
    ),
    jsonl(
      'cases',
      `case_id(number) AS id, kind, title, subject, state, revision, ${at('opened_at', '"openedAt"')}, opened_by AS "openedBy",
       ${at('closed_at', '"closedAt"')}, closed_by AS "closedBy", closed_why AS "closedWhy" FROM cases
       WHERE opened_at < ${until} AND coalesce(closed_at, 'infinity') >= ${since}
       ${isShipment ? `AND shipment = ${literal(shipment)}` : ''} ORDER BY number`,
    ),
    // What was signed, and the signatures, as they were signed: canonical JSON in `text`.
    jsonl('signed', `subject, text FROM (${signedScope(scope)}) AS signed ORDER BY subject`),
    jsonl(
      'deletions',
      `${atMs('at')}, what, ${atMs('from_at', '"from"')}, ${atMs('to_at', '"to"')}, setting, extent, deleted, kept
       FROM deletions WHERE to_timestamp(at / 1000.0) >= ${since} AND to_timestamp(at / 1000.0) < ${until} ORDER BY id`,
    ),
  ];
}

/** Which entries of the audit trail belong to an export: a condition. */
export function auditScope(scope: ExportScope): string {
  const subject = literal(`shipment:${scope.shipment}`);
  const ofShipment = `subject = ${subject} OR subject IN (
      SELECT 'alert:' || id FROM alerts WHERE ${literal(scope.shipment)} = ANY (shipments))
    OR subject IN (SELECT 'case:' || case_id(number) FROM cases WHERE shipment = ${literal(scope.shipment)})`;
  return `at >= '${timestamp(scope.from)}' AND at < '${timestamp(scope.to)}' ${scope.isShipment ? `AND (${ofShipment})` : ''}`;
}

/** What was signed on the cases of an export, by when it was: a query of `subject` and `text`. */
export function signedScope({ from, to, isShipment, shipment }: ExportScope): string {
  const within = (column: string) => `${column} >= ${bound(from)} AND ${column} < ${bound(to)}`;
  const ours = isShipment ? `AND case_number IN (SELECT number FROM cases WHERE shipment = ${literal(shipment)})` : '';
  return `SELECT 'decision:' || case_id(case_number) || '/' || number AS subject, record AS text
      FROM case_decisions WHERE ${within('made_at')} ${ours}
    UNION ALL SELECT 'step:' || case_id(case_number) || '/' || number, record FROM case_steps WHERE ${within('at')} ${ours}
    UNION ALL SELECT 'signature:' || about || ':' || case_id(case_number) || '/' || number || '/' || place, signature
      FROM case_signatures WHERE ${within(`(signature::json ->> 'at')::bigint`)} ${ours}`;
}

const MOST = '9000000000000000';

function bound(ms: number): string {
  return Number.isFinite(ms) ? String(Math.floor(ms)) : ms > 0 ? MOST : `-${MOST}`;
}

function literal(text: string | null): string {
  return text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`;
}

const csv = (name: string, columns: string): Dataset => ({ name, form: 'csv', select: `SELECT ${columns}` });
const jsonl = (name: string, columns: string): Dataset => ({ name, form: 'jsonl', select: `SELECT ${columns}` });
