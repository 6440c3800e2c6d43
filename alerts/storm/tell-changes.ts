import { type Database, timestamp } from '../../storage/index.ts';
import { ALERT_COLUMNS, type AlertRow, recordOf } from '../alert-store.ts';
import type { AlertRouting } from '../routing/alert-routing.ts';
import { type AlertChange, changeView } from './told-changes.ts';

const AT_ONCE = 100;

/** Tells what changed of alerts whose time has come. @param now epoch ms UTC @returns how many were looked at */
export async function tellChanges(
  { database, routing }: { readonly database: Database; readonly routing: AlertRouting },
  now: number,
): Promise<number> {
  return database.transaction(async (client) => {
    const { rows: due } = await client.query<AlertChange & { alert: number }>(
      `WITH due AS (SELECT * FROM alert_changes WHERE due_at <= $1 ORDER BY due_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)
       UPDATE alert_changes c SET told_at = $1, due_at = NULL, added = '{}', removed = '{}', severity = NULL, reason = NULL,
         event = NULL FROM due WHERE c.alert = due.alert
       RETURNING due.alert, due.added, due.removed, due.severity, due.reason, due.event`,
      [timestamp(now)],
    );
    for (const { alert, event, ...changed } of due) {
      const { rows } = await client.query<AlertRow>(`SELECT ${ALERT_COLUMNS} FROM alerts WHERE number = $1`, [alert]);
      for (const record of rows.map(recordOf)) {
        const change = changeView(changed, record.alert.severity);
        // Taken back since, or as it was: there is nothing to say.
        if (record.alert.state === 'retracted' || !('serials' in change || 'severity' in change)) continue;
        await routing.followed(client, record, { type: 'alert.changed', event, at: now, change });
      }
    }
    return due.length;
  });
}
