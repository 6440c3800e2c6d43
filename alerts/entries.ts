import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { AlertAction, AlertEntry } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';

export interface NewEntry {
  /** Number of the alert. */
  readonly alert: number;
  readonly at: number;
  /** User name; null is the platform itself. */
  readonly by: string | null;
  readonly action: AlertAction;
  readonly comment?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Adds to an alert's audit trail. @returns the entry's id, which is also the `webhook-id` of what is sent about it */
export async function addEntry(client: pg.ClientBase, entry: NewEntry): Promise<string> {
  const id = `evt_${randomUUID()}`;
  await client.query(
    `INSERT INTO alert_entries (id, alert, at, actor, action, comment, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      id,
      entry.alert,
      timestamp(entry.at),
      entry.by,
      entry.action,
      entry.comment ?? null,
      JSON.stringify(entry.detail ?? {}),
    ],
  );
  return id;
}

/** An alert's audit trail, oldest first. */
export async function entriesOf(database: Database, alert: number): Promise<readonly AlertEntry[]> {
  const { rows } = await database.query<AlertEntry>(
    'SELECT at, actor AS "by", action, comment, detail FROM alert_entries WHERE alert = $1 ORDER BY number',
    [alert],
  );
  return rows;
}
