import type pg from 'pg';
import {
  type Alert,
  type AlertEvidence,
  type AlertState,
  type AtStake,
  DefectError,
  type Severity,
  storableJson,
  storableText,
} from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';

/** An alert with what only this room needs of it. */
export interface AlertRecord {
  readonly alert: Alert;
  /** Order of opening; what the tables of serials and entries refer to. */
  readonly number: number;
  readonly isEvidenceComplete: boolean;
  /** The revision that a person's latest action, or a reopening, made; 0 where nobody acted yet. */
  readonly actedRevision: number;
}

/** What an alert says of its finding: everything but who did what about it. */
export interface AlertContent
  extends Pick<
    Alert,
    | 'kind'
    | 'severity'
    | 'rule'
    | 'summary'
    | 'from'
    | 'to'
    | 'detectedAt'
    | 'detectedLate'
    | 'evidence'
    | 'affectedCount'
    | 'atStake'
    | 'shipments'
  > {
  readonly device: string | null;
  readonly metric: string | null;
  readonly portal: string | null;
  readonly isEvidenceComplete: boolean;
}

export interface Group {
  readonly rule: string;
  readonly key: string;
}

export interface AlertRow {
  readonly id: string;
  readonly number: number;
  readonly rule: string;
  readonly rule_version: number;
  readonly kind: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly device: string | null;
  readonly metric: string | null;
  readonly portal: string | null;
  readonly shipments: readonly string[];
  readonly summary: string;
  readonly from_at: number;
  readonly to_at: number | null;
  readonly detected_at: number;
  readonly detected_late: boolean;
  readonly evidence: AlertEvidence;
  readonly evidence_complete: boolean;
  readonly affected_count: number;
  readonly at_stake: AtStake | null;
  readonly merged_into: string | null;
  readonly split_from: string | null;
  readonly acknowledged_by: string | null;
  readonly acknowledged_at: number | null;
  readonly resolved_by: string | null;
  readonly resolved_at: number | null;
  readonly assigned_to: string | null;
  readonly snoozed_until: number | null;
  readonly reopened: number;
  readonly acted_revision: number;
  readonly revision: number;
}

const WITHOUT_EVIDENCE = `id, number, rule, rule_version, kind, severity, state, device, metric, portal, shipments,
  summary, from_at, to_at, detected_at, detected_late, evidence_complete, affected_count, at_stake, merged_into, split_from,
  acknowledged_by, acknowledged_at, resolved_by, resolved_at, assigned_to, snoozed_until, reopened, revision,
  acted_revision`;

export const ALERT_COLUMNS = `${WITHOUT_EVIDENCE}, evidence`;

/** As lists show them: a few hundred readings each would make a page of megabytes. */
export const LISTED_COLUMNS = `${WITHOUT_EVIDENCE}, jsonb_set(evidence, '{readings}', '[]') - 'changes' AS evidence`;

export function recordOf(row: AlertRow): AlertRecord {
  const [shipment] = row.shipments;
  return {
    number: row.number,
    isEvidenceComplete: row.evidence_complete,
    actedRevision: row.acted_revision,
    alert: {
      id: row.id,
      kind: row.kind,
      severity: row.severity,
      state: row.state,
      rule: { id: row.rule, version: row.rule_version },
      subject: {
        ...(row.device !== null && { device: row.device }),
        ...(row.metric !== null && { metric: row.metric }),
        ...(row.portal !== null && { portal: row.portal }),
        ...(shipment !== undefined && row.shipments.length === 1 && { shipment }),
      },
      summary: row.summary,
      from: row.from_at,
      to: row.to_at,
      detectedAt: row.detected_at,
      detectedLate: row.detected_late,
      evidence: row.evidence,
      affectedCount: row.affected_count,
      atStake: row.at_stake,
      shipments: row.shipments,
      mergedInto: row.merged_into,
      splitFrom: row.split_from,
      acknowledgedBy: row.acknowledged_by,
      acknowledgedAt: row.acknowledged_at,
      resolvedBy: row.resolved_by,
      resolvedAt: row.resolved_at,
      assignedTo: row.assigned_to,
      snoozedUntil: row.snoozed_until,
      reopened: row.reopened,
      revision: row.revision,
    },
  };
}

/** Alerts of a group that were not retracted and end at or after `since` or still run, by `from`. */
export async function activeAlerts(
  database: Database,
  { rule, key }: Group,
  since: number,
): Promise<readonly AlertRecord[]> {
  const { rows } = await database.query<AlertRow>(
    `SELECT ${ALERT_COLUMNS} FROM alerts
     WHERE rule = $1 AND key = $2 AND state <> 'retracted' AND coalesce(to_at, 'infinity') >= $3 ORDER BY from_at`,
    [rule, key, timestamp(since)],
  );
  return rows.map(recordOf);
}

/**
 * Makes this transaction the only one that settles the group, and says whether its alerts are still those that were
 * read before.
 */
export async function lockGroup(
  client: pg.ClientBase,
  { rule, key }: Group,
  since: number,
  known: readonly AlertRecord[],
): Promise<boolean> {
  await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [GROUP_LOCK, `${rule}|${key}`]);
  const { rows } = await client.query<{ id: string; revision: number }>(
    `SELECT id, revision FROM alerts
     WHERE rule = $1 AND key = $2 AND state <> 'retracted' AND coalesce(to_at, 'infinity') >= $3
     ORDER BY number FOR UPDATE`,
    [rule, key, timestamp(since)],
  );
  const revisions = new Map(rows.map(({ id, revision }) => [id, revision]));
  return rows.length === known.length && known.every(({ alert }) => revisions.get(alert.id) === alert.revision);
}

/** First key of the advisory locks of groups: any number that no other two-key lock uses. */
const GROUP_LOCK = 0xa1e7;

export async function insertAlert(
  client: pg.ClientBase,
  { key }: Group,
  id: string,
  content: AlertContent,
  splitFrom: string | null,
): Promise<AlertRecord> {
  const { rows } = await client.query<AlertRow>(
    `INSERT INTO alerts (id, key, state, split_from, ${CONTENT_COLUMNS.join(', ')})
     VALUES ($1, $2, 'open', $3, ${CONTENT_COLUMNS.map((_, i) => `$${i + 4}`).join(', ')}) RETURNING ${ALERT_COLUMNS}`,
    [id, key, splitFrom, ...valuesOf(content)],
  );
  return onlyRecord(rows);
}

/** Raises the revision. A resolved alert that is to be looked at again is opened again by `isReopened`. */
export async function updateAlert(
  client: pg.ClientBase,
  id: string,
  content: AlertContent,
  isReopened: boolean,
): Promise<AlertRecord> {
  const { rows } = await client.query<AlertRow>(
    `UPDATE alerts SET ${CONTENT_COLUMNS.map((column, i) => `${column} = $${i + 3}`).join(', ')},
       revision = revision + 1,
       state = CASE WHEN $2 THEN 'open' ELSE state END,
       reopened = CASE WHEN $2 THEN reopened + 1 ELSE reopened END,
       acted_revision = CASE WHEN $2 THEN revision + 1 ELSE acted_revision END,
       ended_by_verdict = ended_by_verdict AND NOT $2,
       acknowledged_by = CASE WHEN $2 THEN NULL ELSE acknowledged_by END,
       acknowledged_at = CASE WHEN $2 THEN NULL ELSE acknowledged_at END,
       resolved_by = CASE WHEN $2 THEN NULL ELSE resolved_by END,
       resolved_at = CASE WHEN $2 THEN NULL ELSE resolved_at END
     WHERE id = $1 RETURNING ${ALERT_COLUMNS}`,
    [id, isReopened, ...valuesOf(content)],
  );
  return onlyRecord(rows);
}

/** Ends an alert that has no finding of its own any more. @param mergedInto the alert that carries on, or null */
export async function retractAlert(
  client: pg.ClientBase,
  id: string,
  reason: string,
  mergedInto: string | null,
): Promise<AlertRecord> {
  const { rows } = await client.query<AlertRow>(
    `UPDATE alerts SET state = 'retracted', merged_into = $3, revision = revision + 1,
       evidence = jsonb_set(evidence, '{reason}', to_jsonb($2::text))
     WHERE id = $1 RETURNING ${ALERT_COLUMNS}`,
    [id, storableText(reason), mergedInto],
  );
  return onlyRecord(rows);
}

const CONTENT_COLUMNS = [
  'rule',
  'rule_version',
  'kind',
  'severity',
  'device',
  'metric',
  'portal',
  'shipments',
  'summary',
  'from_at',
  'to_at',
  'detected_at',
  'detected_late',
  'evidence',
  'evidence_complete',
  'affected_count',
  'at_stake',
];

function valuesOf(content: AlertContent): unknown[] {
  return [
    content.rule.id,
    content.rule.version,
    content.kind,
    content.severity,
    content.device,
    content.metric,
    content.portal,
    content.shipments.map((shipment) => storableText(shipment)),
    storableText(content.summary),
    timestamp(content.from),
    content.to === null ? null : timestamp(content.to),
    timestamp(content.detectedAt),
    content.detectedLate,
    JSON.stringify(storableJson(content.evidence)),
    content.isEvidenceComplete,
    content.affectedCount,
    content.atStake === null ? null : JSON.stringify(content.atStake),
  ];
}

export function onlyRecord(rows: readonly AlertRow[]): AlertRecord {
  const [row] = rows;
  if (row === undefined) throw new DefectError('ALERT_GONE', 'an alert that was locked is gone');
  return recordOf(row);
}
