import type pg from 'pg';
import { type Database, timestamp } from '../../storage/index.ts';
import type { Notice } from './notices.ts';

/** A notice that is kept, and of which nothing has become yet. */
export interface PendingNotice extends Notice {
  readonly id: number;
}

/** What became of a notice: on its way, told, delivered, or not needed any more. Times are epoch ms UTC. */
export interface KeptNotice extends SingleNotice {
  /** Number of the group in which it is told; null: by itself. */
  readonly grp: number | null;
  readonly toldAt: number | null;
  readonly deliveredAt: number | null;
  readonly cancelledAt: number | null;
  readonly cancelledWhy: string | null;
  /** Attempts to deliver its message so far, and why the last one failed. */
  readonly attempts: number;
  readonly lastError: string | null;
  /** When its message was given up. */
  readonly givenUpAt: number | null;
}

/** What is kept of a notice by itself: the group is a row of its own. */
export type SingleNotice = Omit<PendingNotice, 'group' | 'isHeld'>;

/**
 * Keeps what will be said of an alert; what was still due of an earlier opening is not.
 *
 * @param at now, epoch ms UTC
 * @param why what was still due is not said any more
 * @param groupOf number of the group in which a notice is told; null: by itself
 */
export async function keepNotices(
  client: pg.ClientBase,
  alert: number,
  notices: readonly Notice[],
  at: number,
  groupOf: (notice: Notice) => number | null = () => null,
  why = 'the alert opened again',
): Promise<readonly PendingNotice[]> {
  await cancelNotices(client, alert, at, why);
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO alert_notices (alert, channel, person, step, route, why, due_at, grp, is_held)
     SELECT $1, channel, person, step, route, why, due_at, grp, is_held
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::bigint[],
       $9::boolean[]) WITH ORDINALITY AS notice (channel, person, step, route, why, due_at, grp, is_held, nth)
     ORDER BY nth
     RETURNING id`,
    [
      alert,
      notices.map(({ channel }) => channel),
      notices.map(({ person }) => person),
      notices.map(({ step }) => step),
      notices.map(({ route }) => route),
      notices.map(({ why }) => why),
      notices.map(({ at }) => timestamp(at)),
      notices.map(groupOf),
      notices.map(({ isHeld }) => isHeld),
    ],
  );
  return notices.flatMap((notice, i) => {
    const id = rows[i]?.id;
    return id === undefined ? [] : [{ ...notice, id }];
  });
}

export async function markTold(
  client: pg.ClientBase,
  notices: readonly Pick<SingleNotice, 'id'>[],
  message: string,
  at: number,
): Promise<void> {
  await client.query('UPDATE alert_notices SET told_at = $2, message = $3 WHERE id = ANY($1)', [
    notices.map(({ id }) => id),
    timestamp(at),
    message,
  ]);
}

/** What is still due of an alert is not said any more. */
export async function cancelNotices(client: pg.ClientBase, alert: number, at: number, why: string): Promise<void> {
  await client.query(
    `UPDATE alert_notices SET cancelled_at = $2, cancelled_why = $3
     WHERE alert = $1 AND told_at IS NULL AND cancelled_at IS NULL`,
    [alert, timestamp(at), why],
  );
}

/**
 * Channels by which somebody was told of an alert by itself, and that are still there: whoever was told in a group hears
 * of it with the group.
 * @param configured ids of those of the configuration; others are looked up
 */
export async function toldChannels(
  client: pg.ClientBase,
  alert: number,
  configured: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ channel: string }>(
    `SELECT DISTINCT channel FROM alert_notices n WHERE alert = $1 AND told_at IS NOT NULL AND grp IS NULL
       AND (channel = ANY($2) OR EXISTS (SELECT FROM channels c WHERE c.id = n.channel)) ORDER BY channel`,
    [alert, configured],
  );
  return rows.map(({ channel }) => channel);
}

/** Who was told of an alert as it stands, by itself or in a group, by which channel. */
export async function toldPeople(
  client: pg.ClientBase,
  alert: number,
): Promise<readonly Pick<SingleNotice, 'channel' | 'person'>[]> {
  const { rows } = await client.query<Pick<SingleNotice, 'channel' | 'person'>>(
    'SELECT DISTINCT channel, person FROM alert_notices WHERE alert = $1 AND told_at IS NOT NULL',
    [alert],
  );
  return rows;
}

/** Numbers of alerts of which something is due, longest waiting first: open ones that are not snoozed. */
export async function alertsWithDue(client: pg.ClientBase, now: number, limit: number): Promise<readonly number[]> {
  const { rows } = await client.query<{ alert: number }>(
    `SELECT n.alert FROM alert_notices n JOIN alerts a ON a.number = n.alert
     WHERE n.told_at IS NULL AND n.cancelled_at IS NULL AND n.due_at <= $1 AND n.grp IS NULL AND a.state = 'open'
       AND (a.snoozed_until IS NULL OR a.snoozed_until <= $1)
       AND NOT EXISTS (SELECT FROM routed_alerts r WHERE r.alert = n.alert AND r.muted IS NOT NULL)
     GROUP BY n.alert ORDER BY min(n.due_at) LIMIT $2`,
    [timestamp(now), limit],
  );
  return rows.map(({ alert }) => alert);
}

/** What is due of one alert, by time; locked until the transaction ends, and without what another one has locked. */
export async function dueOf(client: pg.ClientBase, alert: number, now: number): Promise<readonly SingleNotice[]> {
  const { rows } = await client.query<SingleNotice>(
    `SELECT id, due_at AS at, channel, person, step, route, why FROM alert_notices
     WHERE alert = $1 AND told_at IS NULL AND cancelled_at IS NULL AND due_at <= $2 AND grp IS NULL
     ORDER BY due_at, id FOR UPDATE SKIP LOCKED`,
    [alert, timestamp(now)],
  );
  return rows;
}

/**
 * The next step of escalation of an alert, due now by a person's word and told by itself; locked until the transaction ends.
 * Empty where none waits.
 */
export async function nextEscalation(
  client: pg.ClientBase,
  alert: number,
  now: number,
): Promise<readonly SingleNotice[]> {
  const { rows } = await client.query<SingleNotice>(
    `WITH next AS (
       SELECT route, step FROM alert_notices
       WHERE alert = $1 AND told_at IS NULL AND cancelled_at IS NULL AND step LIKE 'escalation%'
       ORDER BY due_at, id LIMIT 1)
     UPDATE alert_notices n SET due_at = $2, grp = NULL, is_held = false FROM next
     WHERE n.alert = $1 AND n.route = next.route AND n.step = next.step AND n.told_at IS NULL AND n.cancelled_at IS NULL
     RETURNING n.id, n.due_at AS at, n.channel, n.person, n.step, n.route, n.why`,
    [alert, timestamp(now)],
  );
  return rows;
}

export async function cancel(
  client: pg.ClientBase,
  notices: readonly SingleNotice[],
  at: number,
  why: string,
): Promise<void> {
  await client.query('UPDATE alert_notices SET cancelled_at = $2, cancelled_why = $3 WHERE id = ANY($1)', [
    notices.map(({ id }) => id),
    timestamp(at),
    why,
  ]);
}

/** The receiver has taken a message: everybody whom it tells is told. */
export async function noteDelivery(database: Database, message: string, at: number): Promise<void> {
  await database.query('UPDATE alert_notices SET delivered_at = $2 WHERE message = $1 AND delivered_at IS NULL', [
    message,
    timestamp(at),
  ]);
}

/** Who was told of an alert, and who will be, by time. */
export async function noticesOfAlert(database: Database, id: string): Promise<readonly KeptNotice[]> {
  const { rows } = await database.query<KeptNotice>(
    `SELECT n.id, n.due_at AS at, n.channel, n.person, n.step, n.route, n.why, n.grp, n.told_at AS "toldAt",
       n.delivered_at AS "deliveredAt", n.cancelled_at AS "cancelledAt", n.cancelled_why AS "cancelledWhy",
       coalesce(o.attempts, 0) AS attempts, o.last_error AS "lastError", o.dead_at AS "givenUpAt"
     FROM alert_notices n JOIN alerts a ON a.number = n.alert LEFT JOIN outbox o ON o.id = n.message
     WHERE a.id = $1 ORDER BY n.due_at, n.id`,
    [id],
  );
  return rows;
}

/** A notice, and the alert it is about. */
export interface NoticeAbout extends KeptNotice {
  readonly alert: string;
}

/** Who was told of some alerts so far, by time. @param most the latest of them */
export async function noticesTold(
  database: Database,
  alerts: readonly string[],
  most: number,
): Promise<readonly NoticeAbout[]> {
  const { rows } = await database.query<NoticeAbout>(
    `SELECT a.id AS alert, n.id, n.due_at AS at, n.channel, n.person, n.step, n.route, n.why, n.grp, n.told_at AS "toldAt",
       n.delivered_at AS "deliveredAt", n.cancelled_at AS "cancelledAt", n.cancelled_why AS "cancelledWhy",
       coalesce(o.attempts, 0) AS attempts, o.last_error AS "lastError", o.dead_at AS "givenUpAt"
     FROM alerts a JOIN alert_notices n ON n.alert = a.number LEFT JOIN outbox o ON o.id = n.message
     WHERE a.id = ANY($1::text[]) AND n.told_at IS NOT NULL ORDER BY n.told_at DESC, n.id DESC LIMIT $2`,
    [alerts, most],
  );
  return rows.toReversed();
}
