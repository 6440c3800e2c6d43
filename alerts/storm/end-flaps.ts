import { type AuditTrail, BY_PLATFORM } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { ALERT_COLUMNS, type AlertRow, recordOf } from '../alert-store.ts';
import { entryOf } from '../history.ts';
import { ALERT_CHANNEL } from '../reconcile.ts';
import type { AlertRouting } from '../routing/alert-routing.ts';

const AT_ONCE = 100;

/**
 * Ends flappings that are over: whoever was told that it began is told, once, with how many were held; what still stands of them
 * is told as usual.
 *
 * @param now epoch ms UTC
 * @returns how many ended
 */
export async function endFlaps(
  { audit, database, routing }: { audit: AuditTrail; database: Database; routing: AlertRouting },
  now: number,
): Promise<number> {
  return database.transaction(async (client) => {
    const { rows: ended } = await client.query<{ alert: number; opened: number; held: number }>(
      `UPDATE alert_flaps SET ended_at = $1 WHERE id IN (
         SELECT id FROM alert_flaps WHERE ended_at IS NULL AND due_at <= $1
         ORDER BY due_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)
       RETURNING alert, opened, held`,
      [timestamp(now)],
    );
    for (const { alert, opened, held } of ended) {
      const { rows } = await client.query<AlertRow>(`SELECT ${ALERT_COLUMNS} FROM alerts WHERE number = $1`, [alert]);
      for (const record of rows.map(recordOf)) {
        const { id } = record.alert;
        const step = { at: now, who: BY_PLATFORM, action: 'steadied', detail: { opened, held } } as const;
        const event = await audit.add(effectsOf(client), entryOf(id, step));
        const change = { flapping: { opened, held } };
        await routing.followed(client, record, { type: 'alert.flappingEnded', event, at: now, change });
        await client.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, id]);
      }
    }
    return ended.length;
  });
}
