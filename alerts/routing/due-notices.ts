import { type AuditTrail, BY_PLATFORM } from '../../domain/index.ts';
import { type Database, effectsOf } from '../../storage/index.ts';
import { ALERT_COLUMNS, type AlertRow, recordOf } from '../alert-store.ts';
import { entryOf } from '../history.ts';
import { ALERT_CHANNEL } from '../reconcile.ts';
import { tell } from './alert-routing.ts';
import { alertsWithDue, cancel, dueOf, type SingleNotice } from './notice-store.ts';

const AT_ONCE = 100;

/**
 * Tells whoever's time has come: escalations, repeats, and what quiet hours held back, of alerts that nobody has
 * acknowledged. Where several steps for one person and channel came due together (a snooze ended, or nobody was here to
 * tell), the last of them is told, and the others are not.
 *
 * @param now epoch ms UTC
 * @returns how many alerts somebody was told of
 */
export async function tellDue(
  { audit, database }: { readonly audit: AuditTrail; readonly database: Database },
  now: number,
): Promise<number> {
  return database.transaction(async (client) => {
    let told = 0;
    for (const number of await alertsWithDue(client, now, AT_ONCE)) {
      const { rows } = await client.query<AlertRow>(
        `SELECT ${ALERT_COLUMNS} FROM alerts WHERE number = $1 AND state = 'open' FOR UPDATE SKIP LOCKED`,
        [number],
      );
      const [row] = rows;
      if (row === undefined) continue;
      const record = recordOf(row);
      const { latest, overtaken } = latestOf(await dueOf(client, number, now));
      if (latest.length === 0) continue;
      if (overtaken.length > 0) await cancel(client, overtaken, now, 'a later step was due as well');
      const isEscalation = latest.some(({ step }) => step.startsWith('escalation'));
      const event = await audit.add(
        effectsOf(client),
        entryOf(record.alert.id, {
          ...{ at: now, who: BY_PLATFORM, action: isEscalation ? 'escalated' : 'reminded' },
          detail: { told: latest.map(({ step, person, channel }) => ({ step, person, channel })) },
        }),
      );
      await tell(client, record, latest, { event, at: now });
      await client.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, record.alert.id]);
      told++;
    }
    return told;
  });
}

/** Of each person and channel the last one due, and those before it. */
function latestOf(due: readonly SingleNotice[]): { latest: SingleNotice[]; overtaken: SingleNotice[] } {
  const latest = new Map<string, SingleNotice>();
  const overtaken: SingleNotice[] = [];
  for (const notice of due) {
    const key = JSON.stringify([notice.person, notice.channel]);
    const before = latest.get(key);
    if (before !== undefined) overtaken.push(before);
    latest.set(key, notice);
  }
  return { latest: [...latest.values()], overtaken };
}
