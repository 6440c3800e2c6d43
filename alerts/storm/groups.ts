import type pg from 'pg';
import { timestamp } from '../../storage/index.ts';
import { groupKey } from '../routing/group-key.ts';
import type { Notice, NoticeGroup } from '../routing/notices.ts';
import type { GroupCount, GroupState } from './group-clock.ts';

/** First key of the advisory locks of notice groups: any number that no other two-key lock uses. */
const LOCK = 0xa1e8;

/** A group as it is kept. */
export interface KeptGroup extends GroupState {
  readonly id: number;
  readonly route: string;
  readonly by: Readonly<Record<string, string>>;
  /** Told alerts that still went on when something was last told. */
  readonly toldRunning: number;
}

/** What is still to be told of an alert in a group. */
export interface GroupNotice {
  readonly id: number;
  readonly alert: number;
  readonly channel: string;
  readonly person: string | null;
  readonly step: string;
  readonly at: number;
}

/** Names a group among those that still gather alerts. */
export function nameOf({ route, by }: Pick<NoticeGroup, 'route' | 'by'>): string {
  return `${route}|${groupKey(by)}`;
}

/**
 * Puts an alert into the groups in which its notices are told, and makes those that are not there. Until the transaction
 * ends nobody tells of these groups: none ends between its alert's coming and being seen.
 *
 * @returns numbers of the groups by their names
 */
export async function joinGroups(
  client: pg.ClientBase,
  alert: number,
  notices: readonly Notice[],
  at: number,
): Promise<ReadonlyMap<string, number>> {
  const groups = new Map(notices.flatMap(({ group }) => (group === null ? [] : [[nameOf(group), group] as const])));
  const joined = new Map<string, number>();
  for (const [name, group] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    await client.query('SELECT pg_advisory_xact_lock_shared($1, hashtext($2))', [LOCK, name]);
    const key = groupKey(group.by);
    await client.query(
      `INSERT INTO alert_groups (route, key, by_values, interval_ms, repeat_ms, opened_at, due_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (route, key) WHERE ended_at IS NULL DO NOTHING`,
      [
        ...[group.route, key, JSON.stringify(group.by), group.intervalMs, group.repeatMs],
        ...[timestamp(at), timestamp(at + group.waitMs)],
      ],
    );
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO alert_group_members (grp, alert)
       SELECT id, $3 FROM alert_groups WHERE route = $1 AND key = $2 AND ended_at IS NULL
       ON CONFLICT (grp, alert) DO UPDATE SET alert = excluded.alert RETURNING grp AS id`,
      [group.route, key, alert],
    );
    if (rows[0] === undefined) continue;
    joined.set(name, rows[0].id);
    // In a storm the first that comes has done so.
    await client.query(
      `UPDATE alert_groups SET due_at = greatest($2, told_at + interval_ms * interval '1 millisecond')
       WHERE id = $1 AND due_at > greatest($2, told_at + interval_ms * interval '1 millisecond')`,
      [rows[0].id, timestamp(at + group.waitMs)],
    );
  }
  return joined;
}

/** Groups to be looked at by now, longest waiting first. */
export async function dueNoticeGroups(
  client: Pick<pg.ClientBase, 'query'>,
  now: number,
  limit: number,
): Promise<readonly { readonly id: number; readonly name: string }[]> {
  const { rows } = await client.query<{ id: number; name: string }>(
    `SELECT id, route || '|' || key AS name FROM alert_groups WHERE due_at <= $1 ORDER BY due_at LIMIT $2`,
    [timestamp(now), limit],
  );
  return rows;
}

/** Takes a group for this transaction alone. @returns null where somebody else looked at it meanwhile */
export async function lockNoticeGroup(
  client: pg.ClientBase,
  { id, name }: { readonly id: number; readonly name: string },
  now: number,
): Promise<KeptGroup | null> {
  await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, name]);
  const { rows } = await client.query<KeptGroup>(
    `SELECT id, route, by_values AS by, interval_ms AS "intervalMs", repeat_ms AS "repeatMs", opened_at AS "openedAt",
       told_at AS "toldAt", told_retracted AS "toldRetracted", told_running AS "toldRunning",
       ended_at IS NOT NULL AS "isEnded"
     FROM alert_groups WHERE id = $1 AND due_at <= $2 FOR UPDATE`,
    [id, timestamp(now)],
  );
  return rows[0] ?? null;
}

/** How the alerts of a group stand, of which somebody was told or is told now. */
export async function countGroup(
  client: pg.ClientBase,
  group: number,
  toldNow: readonly number[],
): Promise<GroupCount> {
  const { rows } = await client.query<GroupCount>(
    `SELECT count(*) FILTER (WHERE told) AS alerts,
       count(*) FILTER (WHERE told AND state = 'open') AS open,
       count(*) FILTER (WHERE told AND state = 'acknowledged') AS acknowledged,
       count(*) FILTER (WHERE told AND state = 'resolved') AS resolved,
       count(*) FILTER (WHERE told AND state = 'retracted') AS retracted,
       count(*) FILTER (WHERE told AND state IN ('open', 'acknowledged') AND goes_on) AS running
     FROM (SELECT a.state, a.goes_on, m.told_at IS NOT NULL OR a.number = ANY($2) AS told
       FROM alert_group_members m JOIN alerts a ON a.number = m.alert WHERE m.grp = $1) AS member`,
    [group, toldNow],
  );
  return rows[0] ?? NOTHING;
}

const NOTHING: GroupCount = { alerts: 0, open: 0, acknowledged: 0, resolved: 0, retracted: 0, running: 0 };

/**
 * What is to be told in a group now, and what would be within a moment anyway; locked until the transaction ends, and
 * without what another one has locked: somebody is acknowledging or taking back just that.
 */
export async function groupNotices(
  client: pg.ClientBase,
  group: number,
  now: number,
  soonMs: number,
): Promise<readonly GroupNotice[]> {
  const { rows } = await client.query<GroupNotice>(
    `SELECT n.id, n.alert, n.channel, n.person, n.step, n.due_at AS at
     FROM alert_notices n JOIN alerts a ON a.number = n.alert
     WHERE n.grp = $1 AND n.told_at IS NULL AND n.cancelled_at IS NULL
       AND (n.due_at <= $2 OR (n.due_at <= $3 AND NOT n.is_held))
       AND a.state = 'open' AND (a.snoozed_until IS NULL OR a.snoozed_until <= $2)
       AND NOT EXISTS (SELECT FROM routed_alerts r WHERE r.alert = n.alert AND r.muted IS NOT NULL)
     ORDER BY n.id FOR UPDATE OF n SKIP LOCKED`,
    [group, timestamp(now), timestamp(now + soonMs)],
  );
  return rows;
}

/** When the next notice of a group falls due, or fell due and waits for a snooze to end; null where none waits. */
export async function nextNotice(
  client: pg.ClientBase,
  group: number,
  told: readonly number[],
): Promise<number | null> {
  const { rows } = await client.query<{ at: number | null }>(
    `SELECT min(n.due_at) AS at FROM alert_notices n JOIN alerts a ON a.number = n.alert
     WHERE n.grp = $1 AND n.told_at IS NULL AND n.cancelled_at IS NULL AND n.id <> ALL($2) AND a.state = 'open'`,
    [group, told],
  );
  return rows[0]?.at ?? null;
}

/** Who was told in a group, by channels that are still there. @param configured ids of those of the configuration */
export async function toldInGroup(
  client: pg.ClientBase,
  group: number,
  configured: readonly string[],
): Promise<readonly { readonly channel: string; readonly person: string | null }[]> {
  const { rows } = await client.query<{ channel: string; person: string | null }>(
    `SELECT DISTINCT channel, person FROM alert_notices n WHERE grp = $1 AND told_at IS NOT NULL
       AND (channel = ANY($2) OR EXISTS (SELECT FROM channels c WHERE c.id = n.channel)) ORDER BY channel, person`,
    [group, configured],
  );
  return rows;
}

/** Keeps what became of a group. */
export async function keepStep(
  client: pg.ClientBase,
  group: number,
  step: { readonly toldAt: number | null; readonly isEnded: boolean; readonly nextAt: number | null },
  { retracted, running }: Pick<GroupCount, 'retracted' | 'running'>,
  now: number,
): Promise<void> {
  await client.query(
    `UPDATE alert_groups SET due_at = $2, told_at = coalesce($3, told_at),
       told_retracted = CASE WHEN $3::timestamptz IS NULL THEN told_retracted ELSE $5 END,
       told_running = CASE WHEN $3::timestamptz IS NULL THEN told_running ELSE $6 END,
       ended_at = CASE WHEN $4 THEN coalesce(ended_at, $7) END
     WHERE id = $1`,
    [
      ...[group, step.nextAt === null ? null : timestamp(step.nextAt)],
      ...[step.toldAt === null ? null : timestamp(step.toldAt), step.isEnded, retracted, running, timestamp(now)],
    ],
  );
}

export async function markToldInGroup(
  client: pg.ClientBase,
  group: number,
  alerts: readonly number[],
  now: number,
): Promise<void> {
  await client.query(
    'UPDATE alert_group_members SET told_at = $3 WHERE grp = $1 AND alert = ANY($2) AND told_at IS NULL',
    [group, alerts, timestamp(now)],
  );
}

/** An alert was taken back: groups that had ended, in which somebody was told of it, are looked at again. */
export async function wakeGroups(client: pg.ClientBase, alert: number, now: number): Promise<void> {
  await client.query(
    `UPDATE alert_groups SET due_at = $2 WHERE ended_at IS NOT NULL
       AND id IN (SELECT grp FROM alert_group_members WHERE alert = $1 AND told_at IS NOT NULL)`,
    [alert, timestamp(now)],
  );
}
