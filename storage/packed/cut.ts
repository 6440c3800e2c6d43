import type pg from 'pg';
import { IsothermError, type KeyReadings } from '../../domain/index.ts';
import { timestamp } from '../types.ts';
import { type StretchKey, unpackStretch } from './packed-stretch.ts';
import { noteCut } from './packed-weeks.ts';
import { PACKING_LOCK } from './packing-lock.ts';
import { packStretches } from './stretches.ts';

const DAY_MS = 86_400_000;

/** What was deleted of what is packed. */
export interface CutPacked {
  readonly deleted: number;
  /** Stretches that reach out of the interval and cannot be read: they stay as they are. */
  readonly damaged: readonly StretchKey[];
}

/**
 * Deletes packed readings of a key with event times [from, to), in the caller's transaction: what retention does where
 * something of a week is kept. Waits for whoever packs. A damaged stretch that lies wholly in the interval goes like any
 * other; of one that does not nobody can say which readings would stay.
 */
export async function cutPacked(
  client: pg.ClientBase,
  { deviceId, metric, from, to }: { deviceId: number; metric: number; from: number; to: number },
): Promise<CutPacked> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [PACKING_LOCK]);
  const { rows } = await client.query<{ since: number; packed: Buffer; said: number }>(
    `SELECT since, packed, packed_count(packed) AS said FROM packed_readings
     WHERE device_id = $1 AND metric = $2 AND since > $3 AND since < $4 FOR UPDATE`,
    [deviceId, metric, timestamp(from - DAY_MS), timestamp(to)],
  );
  const damaged: StretchKey[] = [];
  let deleted = 0;
  for (const { since, packed, said } of rows) {
    const key = { deviceId, metric, since };
    const isWithin = since >= from && endOfDay(since) <= to;
    const readings = isWithin ? null : readable(key, packed);
    if (!isWithin && readings === null) {
      damaged.push(key);
      continue;
    }
    const kept = readings === null ? [] : indexesOutside(readings, from, to);
    if (kept.length === readings?.count) continue;
    await client.query('DELETE FROM packed_readings WHERE device_id = $1 AND metric = $2 AND since = $3', [
      ...[deviceId, metric],
      timestamp(since),
    ]);
    const stretches = readings === null ? [] : packStretches(deviceId, metric, those(readings, kept));
    for (const stretch of stretches) {
      await client.query('INSERT INTO packed_readings VALUES ($1, $2, $3, $4)', [
        ...[deviceId, metric],
        timestamp(stretch.key.since),
        stretch.packed,
      ]);
    }
    const gone = said - kept.length;
    deleted += gone;
    const bytes = packed.length - stretches.reduce((sum, stretch) => sum + stretch.packed.length, 0);
    await noteCut(client, since, { stretches: 1 - stretches.length, readings: gone, bytes });
  }
  return { deleted, damaged };
}

/** No stretch reaches into the next UTC day. */
function endOfDay(time: number): number {
  return (Math.floor(time / DAY_MS) + 1) * DAY_MS;
}

/** Null where it is damaged. */
function readable(key: StretchKey, packed: Buffer): KeyReadings | null {
  try {
    return unpackStretch(key, packed);
  } catch (error) {
    if (error instanceof IsothermError && error.code === 'PACKED_STRETCH_DAMAGED') return null;
    throw error;
  }
}

function indexesOutside({ count, time }: KeyReadings, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, i) => i).filter((i) => {
    const at = time[i] as number;
    return at < from || at >= to;
  });
}

function those({ time, value }: KeyReadings, indexes: readonly number[]): KeyReadings {
  return {
    count: indexes.length,
    time: Float64Array.from(indexes, (i) => time[i] as number),
    value: Float64Array.from(indexes, (i) => value[i] as number),
  };
}
