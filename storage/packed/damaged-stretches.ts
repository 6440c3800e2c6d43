import type { Database } from '../database.ts';
import { int2Array, int4Array } from '../readings/pack.ts';
import type { StretchKey } from './packed-stretch.ts';

/** Keys looked at in one statement: some MB of stretches. */
const KEYS_AT_ONCE = 200;

/** A stretch that is not what was written: nothing of it can be read. */
export interface DamagedStretch extends StretchKey {
  /** The device's name. */
  readonly device: string;
}

export interface PackedCheck {
  readonly stretches: number;
  readonly damaged: readonly DamagedStretch[];
}

/**
 * Compares every stretch with its check, in the server, a block of keys at a time.
 * @param stopping ends it early, with what was found
 */
export async function checkPacked(
  database: Database,
  stopping: AbortSignal = new AbortController().signal,
): Promise<PackedCheck> {
  const { rows: keys } = await database.query<{ deviceId: number; metric: number }>(
    'SELECT device_id AS "deviceId", metric FROM reading_keys ORDER BY device_id, metric',
  );
  const damaged: DamagedStretch[] = [];
  let stretches = 0;
  for (let at = 0; at < keys.length && !stopping.aborted; at += KEYS_AT_ONCE) {
    const block = keys.slice(at, at + KEYS_AT_ONCE);
    const { rows } = await database.query<DamagedStretch & { isWhole: boolean; count: number }>(
      `SELECT key.device_id AS "deviceId", d.name AS device, key.metric, found."isWhole", found.since, found.count
       FROM unnest($1::int4[], $2::int2[]) AS key (device_id, metric) JOIN devices AS d ON d.id = key.device_id
       CROSS JOIN LATERAL (
         SELECT whole AS "isWhole", CASE WHEN NOT whole THEN since END AS since, count(*)::bigint AS count
         FROM (
           SELECT since, packed_stretch_is_whole(p.device_id, p.metric, p.since, p.packed) AS whole
           FROM packed_readings AS p WHERE p.device_id = key.device_id AND p.metric = key.metric
         ) AS judged GROUP BY 1, 2
       ) AS found ORDER BY 1, 3, found.since`,
      [int4Array(block.map(({ deviceId }) => deviceId)), int2Array(block.map(({ metric }) => metric))],
    );
    for (const { isWhole, count, device, deviceId, metric, since } of rows) {
      stretches += count;
      if (!isWhole) damaged.push({ device, deviceId, metric, since });
    }
  }
  return { stretches, damaged };
}
