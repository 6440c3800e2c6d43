import type pg from 'pg';
import { timestamp } from '../../storage/index.ts';
import type { AlertRecord } from '../alert-store.ts';
import { type FlapSetting, flapQuietMs, flapStep } from './flapping.ts';
import type { Muted } from './inhibition.ts';

/** What a message says of an alert that began to flap. */
export interface FlapNote {
  /** How many opened, with this one. */
  readonly opened: number;
  readonly withinMinutes: number;
}

/** What came of looking whether an alert that opens flaps; `id` is the number of the flapping in which it is held. */
export type FlapLook =
  | { readonly step: 'as usual' }
  | { readonly step: 'begins'; readonly note: FlapNote }
  | { readonly step: 'held'; readonly id: number };

/** First key of the advisory locks of flaps: any number that no other two-key lock uses. */
const LOCK = 0xa1ea;
const MINUTE_MS = 60_000;

/** Looks whether an alert that opens flaps, and keeps what came of it. @param at now, epoch ms UTC */
export async function lookAtFlap(
  client: pg.ClientBase,
  { number, alert }: AlertRecord,
  setting: FlapSetting,
  at: number,
): Promise<FlapLook> {
  const { rows: keys } = await client.query<{ key: string }>('SELECT key FROM alerts WHERE number = $1', [number]);
  const key = keys[0]?.key ?? '';
  const rule = alert.rule.id;
  await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, `${rule}|${key}`]);
  const { rows: live } = await client.query<{ id: number }>(
    `UPDATE alert_flaps SET held = held + 1, due_at = greatest(due_at, $3::timestamptz + quiet_ms * interval '1 millisecond')
     WHERE rule = $1 AND key = $2 AND ended_at IS NULL AND due_at > $3 RETURNING id`,
    [rule, key, timestamp(at)],
  );
  const { rows } = await client.query<{ opened: number }>(
    `SELECT count(*) AS opened FROM alerts
     WHERE rule = $1 AND key = $2 AND state <> 'retracted' AND from_at > $3 AND from_at <= $4`,
    [rule, key, timestamp(alert.from - setting.withinMs), timestamp(alert.from)],
  );
  const opened = rows[0]?.opened ?? 0;
  const [held] = live;
  const step = flapStep(held !== undefined, opened, setting);
  if (held !== undefined) {
    await client.query('UPDATE routed_alerts SET flap = $2 WHERE alert = $1', [number, held.id]);
    return { step: 'held', id: held.id };
  }
  if (step !== 'begins') return { step: 'as usual' };
  const quietMs = flapQuietMs(setting);
  const { rowCount } = await client.query(
    `INSERT INTO alert_flaps (rule, key, alert, opened, began_at, quiet_ms, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (rule, key) WHERE ended_at IS NULL DO NOTHING`,
    [rule, key, number, opened, timestamp(at), quietMs, timestamp(at + quietMs)],
  );
  // One whose end has come and was not told yet: the next that opens begins another.
  if (rowCount === 0) return { step: 'as usual' };
  return { step, note: { opened, withinMinutes: Math.round(setting.withinMs / MINUTE_MS) } };
}

/** By what an alert that is held in a flapping is muted. */
export function mutedByFlap(flap: number): Muted {
  return { by: 'flapping', id: String(flap), why: 'it opens and closes too often; that was told, and so is its end' };
}

/** Which of these flappings go on. */
export async function liveFlaps(
  client: Pick<pg.ClientBase, 'query'>,
  flaps: readonly number[],
): Promise<ReadonlySet<number>> {
  if (flaps.length === 0) return new Set();
  const { rows } = await client.query<{ id: number }>(
    'SELECT id FROM alert_flaps WHERE id = ANY($1) AND ended_at IS NULL',
    [[...new Set(flaps)]],
  );
  return new Set(rows.map(({ id }) => id));
}
