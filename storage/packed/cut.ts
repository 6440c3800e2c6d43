import type pg from 'pg';
import { timestamp } from '../types.ts';
import { unpackStretch } from './packed-stretch.ts';
import { packStretches } from './stretches.ts';
import { PACKING_LOCK } from './week-packer.ts';

const DAY_MS = 86_400_000;

/**
 * Deletes packed readings of a key with event times [from, to), in the caller's transaction: what retention does where
 * something of a week is kept. Waits for whoever packs.
 * @returns how many
 * @throws {DefectError} PACKED_STRETCH_DAMAGED
 */
export async function cutPacked(
  client: pg.ClientBase,
  { deviceId, metric, from, to }: { deviceId: number; metric: number; from: number; to: number },
): Promise<number> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [PACKING_LOCK]);
  const { rows } = await client.query<{ since: number; packed: Buffer }>(
    `SELECT since, packed FROM packed_readings
     WHERE device_id = $1 AND metric = $2 AND since > $3 AND since < $4 FOR UPDATE`,
    [deviceId, metric, timestamp(from - DAY_MS), timestamp(to)],
  );
  let deleted = 0;
  for (const { since, packed } of rows) {
    const { count, time, value } = unpackStretch({ deviceId, metric, since }, packed);
    const kept = Array.from({ length: count }, (_, i) => i).filter((i) => {
      const at = time[i] as number;
      return at < from || at >= to;
    });
    if (kept.length === count) continue;
    deleted += count - kept.length;
    await client.query('DELETE FROM packed_readings WHERE device_id = $1 AND metric = $2 AND since = $3', [
      ...[deviceId, metric],
      timestamp(since),
    ]);
    const readings = {
      count: kept.length,
      time: Float64Array.from(kept, (i) => time[i] as number),
      value: Float64Array.from(kept, (i) => value[i] as number),
    };
    for (const stretch of packStretches(deviceId, metric, readings)) {
      await client.query('INSERT INTO packed_readings VALUES ($1, $2, $3, $4)', [
        ...[deviceId, metric],
        timestamp(stretch.key.since),
        stretch.packed,
      ]);
    }
  }
  return deleted;
}
