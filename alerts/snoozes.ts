import { type AuditTrail, BY_PLATFORM } from '../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../storage/index.ts';
import { ALERT_COLUMNS, type AlertRow, recordOf } from './alert-store.ts';
import { entryOf } from './history.ts';
import { ALERT_CHANNEL } from './reconcile.ts';
import type { AlertRouting } from './routing/alert-routing.ts';

export interface SnoozeDependencies {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly routing: AlertRouting;
}

const AT_ONCE = 100;

/**
 * Ends snoozes that are over: the alert calls for attention again, its history says so, and whoever was told of it is told.
 * @param now epoch ms UTC
 * @returns how many ended
 */
export async function endSnoozes({ audit, database, routing }: SnoozeDependencies, now: number): Promise<number> {
  return database.transaction(async (client) => {
    const { rows } = await client.query<AlertRow>(
      `UPDATE alerts SET snoozed_until = NULL, revision = revision + 1 WHERE id IN (
         SELECT id FROM alerts WHERE snoozed_until <= $1 AND state IN ('open', 'acknowledged')
         ORDER BY snoozed_until LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)
       RETURNING ${ALERT_COLUMNS}`,
      [timestamp(now)],
    );
    for (const record of rows.map(recordOf)) {
      const { id } = record.alert;
      const event = await audit.add(effectsOf(client), entryOf(id, { at: now, who: BY_PLATFORM, action: 'woken' }));
      await routing.followed(client, record, { type: 'alert.snoozeEnded', event, at: now });
      await client.query('SELECT pg_notify($1, $2)', [ALERT_CHANNEL, id]);
    }
    return rows.length;
  });
}
