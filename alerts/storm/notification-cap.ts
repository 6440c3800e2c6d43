import type pg from 'pg';
import { timestamp } from '../../storage/index.ts';
import { groupKey } from '../routing/group-key.ts';
import type { Notice, NoticeGroup } from '../routing/notices.ts';
import type { NotificationCap } from '../routing/routing.ts';

const MINUTE_MS = 60_000;

/**
 * Holds what is to be told of an alert back to the summary of its rule where the rule has told enough: its notices go into a group
 * that is told when the time is over, with how many there are. Alerts are never left out, only messages.
 *
 * What joins a group that others are in already is no notification more.
 *
 * @param at now, epoch ms UTC
 */
export async function capNotices(
  client: pg.ClientBase,
  rule: string,
  notices: readonly Notice[],
  { notifications, withinMs }: NotificationCap,
  at: number,
): Promise<readonly Notice[]> {
  if (!(await isNews(client, notices))) return notices;
  const { rows: full } = await client.query<{ endsAt: number }>(
    `SELECT ends_at AS "endsAt" FROM alert_caps WHERE rule = $1 AND ends_at > $2 AND told >= $3`,
    [rule, timestamp(at), notifications],
  );
  let endsAt = full[0]?.endsAt ?? null;
  if (endsAt === null) {
    const { rows } = await client.query<{ told: number; endsAt: number }>(
      `INSERT INTO alert_caps AS c (rule, told, ends_at) VALUES ($1, 1, $3)
       ON CONFLICT (rule) DO UPDATE SET told = CASE WHEN c.ends_at > $2 THEN c.told + 1 ELSE 1 END,
         ends_at = CASE WHEN c.ends_at > $2 THEN c.ends_at ELSE excluded.ends_at END
       RETURNING told, ends_at AS "endsAt"`,
      [rule, timestamp(at), timestamp(at + withinMs)],
    );
    const [counted] = rows;
    if (counted === undefined || counted.told <= notifications) return notices;
    endsAt = counted.endsAt;
  }
  const by = { rule, beyond: `${notifications} notifications in ${Math.round(withinMs / MINUTE_MS)} min` };
  return inSummary(notices, { by, waitMs: endsAt - at, intervalMs: withinMs }, at);
}

/** Whether telling it makes a notification that would not go out without it. */
async function isNews(client: pg.ClientBase, notices: readonly Notice[]): Promise<boolean> {
  const groups = notices.flatMap(({ group }) => group ?? []);
  if (groups.length < notices.length) return true;
  const { rowCount } = await client.query(
    `SELECT FROM unnest($1::text[], $2::text[]) AS wanted (route, key) WHERE NOT EXISTS (
       SELECT FROM alert_groups g WHERE g.route = wanted.route AND g.key = wanted.key AND g.ended_at IS NULL) LIMIT 1`,
    [groups.map(({ route }) => route), groups.map(({ by }) => groupKey(by))],
  );
  return rowCount !== 0;
}

/** The same notices in the summary of their route, which repeats as each would have by itself. Pure. */
export function inSummary(
  notices: readonly Notice[],
  { by, waitMs, intervalMs }: Pick<NoticeGroup, 'by' | 'waitMs' | 'intervalMs'>,
  at: number,
): readonly Notice[] {
  const own = notices.filter(({ step }) => step === 'repeat 1').map((notice) => notice.at - at);
  const repeats = [...own, ...notices.flatMap(({ group }) => group?.repeatMs ?? [])].filter((ms) => ms > 0);
  const repeatMs = repeats.length === 0 ? 0 : Math.min(...repeats);
  return notices
    .filter(({ step }) => !step.startsWith('repeat'))
    .map((notice) => ({
      ...notice,
      at: notice.step === 'first' ? Math.max(notice.at, at + waitMs) : notice.at,
      group: { route: notice.route, by, waitMs, intervalMs, repeatMs },
    }));
}
