import {
  type Effects,
  type EndedBy,
  type Finding,
  type FindingChange,
  type FindingEvent,
  type FindingKind,
  type FindingRun,
  type FindingStore,
  findingId,
  parseKey,
  type Severity,
} from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { clientOf } from '../effects.ts';
import { addLeaves, type NewLeaf } from '../ledger/index.ts';
import { timestamp } from '../types.ts';

/** NOTIFY channel that wakes the alert desk; no payload. */
export const ALERT_WORK_CHANNEL = 'isotherm_alert_work';

/**
 * Shared by transactions that write findings of devices, alone for one that marks them since what the devices were around has
 * changed. Else neither would see the other's rows: the finding would be told without the serials it touched, and with no mark
 * that leads to them, for good.
 */
const EXPOSURE_LOCK = 0x150_e905;

/** Findings in the table `findings`, their history in `finding_changes`, marks for the alert desk in `alert_work`. */
export class PostgresFindings implements FindingStore {
  readonly #database: Database;

  constructor({ database }: { readonly database: Database }) {
    this.#database = database;
  }

  async apply(effects: Effects, changes: readonly FindingChange[]): Promise<void> {
    const client = clientOf(effects);
    const last = lastChanges(changes);
    const gone = last.filter(({ change, isAnew }) => change.event === 'retracted' || isAnew);
    const present = last.filter(({ change }) => change.event !== 'retracted');
    if (present.some(({ change }) => deviceOf(change.finding) !== null)) {
      await client.query('SELECT pg_advisory_xact_lock_shared($1)', [EXPOSURE_LOCK]);
    }
    const told: ToldRow[] = [];
    for (const [statement, some] of [
      [RETRACT, gone],
      [WRITE, present],
    ] as const) {
      if (some.length === 0) continue;
      const rows = JSON.stringify(some.map(({ change }) => rowOf(change)));
      told.push(...(await client.query<ToldRow>(statement, [rows])).rows);
    }
    await addLeaves(effects, leavesOf(told, changes));
  }

  async present(kinds: readonly FindingKind[]): Promise<readonly Finding[]> {
    const { rows } = await this.#database.query<FindingRow>(
      `SELECT ${FINDING_COLUMNS} FROM findings WHERE kind = ANY($1) ORDER BY rule, key, from_at`,
      [kinds],
    );
    return rows.map(findingOf);
  }

  async markExposureChanged(
    effects: Effects,
    changed: readonly {
      readonly device: string;
      readonly from: number;
      readonly to: number | null;
      readonly reason: string;
    }[],
  ): Promise<void> {
    if (changed.length === 0) return;
    const client = clientOf(effects);
    await client.query('SELECT pg_advisory_xact_lock($1)', [EXPOSURE_LOCK]);
    await client.query(MARK_EXPOSURE, [
      changed.map(({ device }) => device),
      changed.map(({ from }) => timestamp(from)),
      changed.map(({ to }) => timestamp(to ?? Number.POSITIVE_INFINITY)),
      changed.map(({ reason }) => reason),
    ]);
  }
}

/** Findings of one (rule, key) that end at or after `since` or still run, by `from`. @param since epoch ms UTC */
export async function findingsReaching(
  database: Database,
  group: { readonly rule: string; readonly key: string },
  since: number,
): Promise<readonly Finding[]> {
  const { rows } = await database.query<FindingRow>(
    `SELECT ${FINDING_COLUMNS} FROM findings
     WHERE rule = $1 AND key = $2 AND coalesce(to_at, 'infinity') >= $3 ORDER BY from_at`,
    [group.rule, group.key, timestamp(since)],
  );
  return rows.map(findingOf);
}

/** Findings of one key by these rules. */
export async function findingsOfKey(
  database: Database,
  { rules, key }: { readonly rules: readonly string[]; readonly key: string },
): Promise<readonly Finding[]> {
  const { rows } = await database.query<FindingRow>(
    `SELECT ${FINDING_COLUMNS} FROM findings WHERE rule = ANY($1::text[]) AND key = $2 ORDER BY rule, from_at`,
    [rules, key],
  );
  return rows.map(findingOf);
}

/** What became of one finding, oldest first: every change but the mere growth of a running finding. */
export async function findingHistory(
  database: Database,
  finding: Pick<Finding, 'rule' | 'key' | 'from'>,
): Promise<readonly { readonly event: FindingEvent; readonly reason: string | null; readonly at: number }[]> {
  const { rows } = await database.query<{ event: FindingEvent; reason: string | null; at: number }>(
    'SELECT event, reason, at FROM finding_changes WHERE rule = $1 AND key = $2 AND from_at = $3 ORDER BY id',
    [finding.rule, finding.key, timestamp(finding.from)],
  );
  return rows;
}

/** A row of `finding_changes`; all null where there is none. */
interface ToldRow {
  readonly id: number | null;
  readonly rule: string;
  readonly key: string;
  readonly from_at: number;
  readonly event: FindingEvent;
}

/** What the ledger states of each change that was told: the finding as it then was. */
function leavesOf(told: readonly ToldRow[], changes: readonly FindingChange[]): NewLeaf[] {
  const last = new Map(changes.map((change) => [findingId(change.finding), change]));
  return told.flatMap(({ id, rule, key, from_at: from, event }) => {
    if (id === null) return [];
    const found = last.get(findingId({ rule, key, from }));
    const content = {
      change: id,
      rule,
      key,
      from,
      event,
      reason: found?.reason ?? null,
      finding: found?.finding ?? null,
    };
    return [{ kind: 'finding', subject: `finding:${rule}/${key}`, content }];
  });
}

interface FindingRow {
  readonly rule: string;
  readonly key: string;
  readonly from_at: number;
  readonly to_at: number | null;
  readonly rule_version: number;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly ended_by: EndedBy;
  readonly extreme: number | null;
  readonly readings: number;
  readonly minutes_out_of_range: number | null;
  readonly runs: readonly FindingRun[];
  readonly limit_value: number | null;
  readonly portal: NonNullable<Finding['portal']> | null;
  readonly goods: NonNullable<Finding['goods']> | null;
  readonly detected_at: number;
  readonly detected_late: boolean;
}

const FINDING_COLUMNS = `rule, key, from_at, to_at, rule_version, kind, severity, ended_by, extreme, readings,
  minutes_out_of_range, runs, limit_value, portal, goods, detected_at, detected_late`;

function findingOf(row: FindingRow): Finding {
  return {
    rule: row.rule,
    ruleVersion: row.rule_version,
    kind: row.kind,
    severity: row.severity,
    key: row.key,
    from: row.from_at,
    to: row.to_at,
    endedBy: row.ended_by,
    extreme: row.extreme,
    readings: row.readings,
    minutesOutOfRange: row.minutes_out_of_range,
    runs: row.runs,
    limit: row.limit_value,
    ...(row.portal !== null && { portal: row.portal }),
    ...(row.goods !== null && { goods: row.goods }),
    detectedAt: row.detected_at,
    detectedLate: row.detected_late,
  };
}

interface LastChange {
  readonly change: FindingChange;
  /** The identity went away and came back within these changes: it is present again, with a detection of its own. */
  readonly isAnew: boolean;
}

/** The last change of each identity: what stands in between is nobody's business. */
function lastChanges(changes: readonly FindingChange[]): LastChange[] {
  const last = new Map<string, LastChange>();
  for (const change of changes) {
    const id = findingId(change.finding);
    const earlier = last.get(id);
    const isAnew =
      change.event !== 'retracted' && earlier !== undefined && (earlier.isAnew || earlier.change.event === 'retracted');
    last.set(id, { change, isAnew });
  }
  return [...last.values()];
}

/** Of whose readings it was found; null where it is of a door or of goods. */
function deviceOf({ key, portal, goods }: Finding): string | null {
  return portal === undefined && goods === undefined ? (parseKey(key)?.device ?? null) : null;
}

function rowOf({ event, finding, reason }: FindingChange): object {
  return {
    rule: finding.rule,
    key: finding.key,
    from_at: timestamp(finding.from),
    to_at: finding.to === null ? null : timestamp(finding.to),
    rule_version: finding.ruleVersion,
    kind: finding.kind,
    severity: finding.severity,
    device: deviceOf(finding),
    ended_by: finding.endedBy,
    extreme: finding.extreme,
    readings: finding.readings,
    minutes_out_of_range: finding.minutesOutOfRange,
    runs: finding.runs,
    limit_value: finding.limit,
    portal: finding.portal ?? null,
    goods: finding.goods ?? null,
    detected_at: timestamp(finding.detectedAt),
    detected_late: finding.detectedLate,
    event,
    reason: reason ?? null,
  };
}

/** All but identity and detection: what makes a finding another one than before. */
const CONTENT = [
  'to_at',
  'rule_version',
  'kind',
  'severity',
  'device',
  'ended_by',
  'extreme',
  'readings',
  'minutes_out_of_range',
  'runs',
  'limit_value',
  'portal',
  'goods',
];
const ALL = ['rule', 'key', 'from_at', ...CONTENT, 'detected_at', 'detected_late'];

const GIVEN = `given AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS t(
  rule text, key text, from_at timestamptz, to_at timestamptz, rule_version int, kind text, severity text, device text,
  ended_by text, extreme float8, readings int, minutes_out_of_range float8, runs jsonb, limit_value float8,
  portal jsonb, goods jsonb, detected_at timestamptz, detected_late boolean, event text, reason text))`;

const WAKE = `SELECT pg_notify('${ALERT_WORK_CHANNEL}', '') FROM (SELECT FROM work LIMIT 1) AS any_work`;
/** The same, and the changes that were told. */
const WAKE_AND_TELL = `SELECT told.* FROM (${WAKE}) AS woken LEFT JOIN told ON true`;

/** The detection of a finding stays that of the moment it became present. `before` is the row as it was. */
const WRITE = `
WITH ${GIVEN},
written AS (
  INSERT INTO findings AS f (${ALL.join(', ')}) SELECT ${ALL.join(', ')} FROM given
  ON CONFLICT (rule, key, from_at) DO UPDATE
    SET ${CONTENT.map((column) => `${column} = excluded.${column}`).join(', ')}, revision = f.revision + 1
    WHERE (${CONTENT.map((column) => `f.${column}`).join(', ')})
      IS DISTINCT FROM (${CONTENT.map((column) => `excluded.${column}`).join(', ')})
  RETURNING rule, key, from_at
),
told AS (
  INSERT INTO finding_changes (rule, key, from_at, event, reason)
  SELECT rule, key, from_at, event, reason
  FROM written JOIN given USING (rule, key, from_at) LEFT JOIN findings before USING (rule, key, from_at)
  WHERE event <> 'extended' OR reason IS NOT NULL OR before.to_at IS NOT NULL
  RETURNING id, rule, key, from_at, event
),
work AS (
  INSERT INTO alert_work (rule, key, from_at, reason)
  SELECT rule, key, from_at, reason FROM written JOIN given USING (rule, key, from_at)
  RETURNING id
)
${WAKE_AND_TELL}`;

const RETRACT = `
WITH ${GIVEN},
gone AS (
  DELETE FROM findings f USING given g WHERE f.rule = g.rule AND f.key = g.key AND f.from_at = g.from_at
  RETURNING f.rule, f.key, f.from_at, g.reason
),
told AS (
  INSERT INTO finding_changes (rule, key, from_at, event, reason)
  SELECT rule, key, from_at, 'retracted', reason FROM gone
  RETURNING id, rule, key, from_at, event
),
work AS (
  INSERT INTO alert_work (rule, key, from_at, reason) SELECT rule, key, from_at, reason FROM gone RETURNING id
)
${WAKE_AND_TELL}`;

/** Marks a finding that ends in the moment the change starts too: it may be a single moment long. */
const MARK_EXPOSURE = `
WITH changed AS (
  SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[])
    AS t(device, changed_from, changed_to, reason)
),
work AS (
  INSERT INTO alert_work (rule, key, from_at, reason, is_exposure)
  SELECT DISTINCT ON (rule, key, from_at) rule, key, from_at, reason, true
  FROM changed JOIN findings f USING (device)
  WHERE f.from_at < changed_to AND coalesce(f.to_at, 'infinity') >= changed_from
  ORDER BY rule, key, from_at, reason
  RETURNING id
)
${WAKE}`;
