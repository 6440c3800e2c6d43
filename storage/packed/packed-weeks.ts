import type pg from 'pg';
import type { Database } from '../database.ts';
import { type Partition, WIDTH_MS } from '../readings/partition.ts';
import { timestamp } from '../types.ts';
import type { PackedStretch } from './stretches.ts';

/** How much is packed: stretches, readings in them, bytes of what they hold. */
export interface PackedAmount {
  readonly stretches: number;
  readonly readings: number;
  readonly bytes: number;
}

/** A week of which readings are packed. Times epoch ms UTC. */
export interface PackedWeek extends PackedAmount {
  readonly from: number;
  readonly to: number;
  /** When it was last packed. */
  readonly packedAt: number;
  /** Since when it is known to have rows again, of readings that came late; null: it has none. */
  readonly rowsSince: number | null;
}

export const NOTHING_PACKED: PackedAmount = { stretches: 0, readings: 0, bytes: 0 };

/** Which weeks are packed, oldest first. */
export async function packedWeeks(database: Pick<Database, 'query'>): Promise<PackedWeek[]> {
  const { rows } = await database.query<Omit<PackedWeek, 'to'>>(
    `SELECT from_at AS "from", stretches, readings, bytes, packed_at AS "packedAt", rows_since AS "rowsSince"
     FROM packed_weeks ORDER BY from_at`,
  );
  return rows.map((row) => ({ ...row, to: row.from + WIDTH_MS }));
}

/**
 * A week has been packed, or packed again.
 * @param change what came, less what went
 * @param now epoch ms UTC
 */
export async function notePacked(
  client: pg.ClientBase,
  { from }: Pick<Partition, 'from'>,
  { stretches, readings, bytes }: PackedAmount,
  now: number,
): Promise<void> {
  await client.query(
    `INSERT INTO packed_weeks AS known (from_at, stretches, readings, bytes, packed_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (from_at) DO UPDATE SET stretches = known.stretches + excluded.stretches,
       readings = known.readings + excluded.readings, bytes = known.bytes + excluded.bytes,
       packed_at = excluded.packed_at, rows_since = NULL`,
    [timestamp(from), stretches, readings, bytes, now],
  );
  await forgetEmpty(client, from);
}

/**
 * Stretches were added of readings that are stored nowhere else.
 * @param now epoch ms UTC
 */
export async function noteAdded(
  client: pg.ClientBase,
  stretches: readonly PackedStretch[],
  now: number,
): Promise<void> {
  const weeks = new Map<number, PackedAmount>();
  for (const { key, readings, packed } of stretches) {
    const from = Math.floor(key.since / WIDTH_MS) * WIDTH_MS;
    const known = weeks.get(from) ?? NOTHING_PACKED;
    weeks.set(from, {
      stretches: known.stretches + 1,
      readings: known.readings + readings,
      bytes: known.bytes + packed.length,
    });
  }
  for (const [from, { stretches: count, readings, bytes }] of [...weeks].sort(([a], [b]) => a - b)) {
    await client.query({
      name: 'stretches were added',
      text: `INSERT INTO packed_weeks AS known (from_at, stretches, readings, bytes, packed_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (from_at) DO UPDATE SET stretches = known.stretches + excluded.stretches,
          readings = known.readings + excluded.readings, bytes = known.bytes + excluded.bytes`,
      values: [timestamp(from), count, readings, bytes, now],
    });
  }
}

/** Something of the week in which `time` lies has gone from what is packed. */
export async function noteCut(
  client: pg.ClientBase,
  time: number,
  { stretches, readings, bytes }: PackedAmount,
): Promise<void> {
  const from = Math.floor(time / WIDTH_MS) * WIDTH_MS;
  await client.query(
    `UPDATE packed_weeks SET stretches = stretches - $2, readings = readings - $3, bytes = bytes - $4 WHERE from_at = $1`,
    [timestamp(from), stretches, readings, bytes],
  );
  await forgetEmpty(client, from);
}

async function forgetEmpty(client: pg.ClientBase, from: number): Promise<void> {
  await client.query('DELETE FROM packed_weeks WHERE from_at = $1 AND stretches <= 0', [timestamp(from)]);
}

/** Upkeep has seen that packed weeks have a partition again, or have none any more. @param since epoch ms UTC */
export async function noteRows(database: Database, weeks: readonly number[], since: number | null): Promise<void> {
  if (weeks.length === 0) return;
  await database.query('UPDATE packed_weeks SET rows_since = $2 WHERE from_at = ANY ($1::timestamptz[])', [
    weeks.map(timestamp),
    since,
  ]);
}

/** Deletes all that is packed of a week, in the caller's transaction, which has the lock of packing. @returns what went */
export async function dropPacked(
  client: pg.ClientBase,
  { from, to }: Pick<Partition, 'from' | 'to'>,
): Promise<PackedAmount> {
  const { rows } = await client.query<PackedAmount>(
    `WITH gone AS (
       DELETE FROM packed_readings AS p USING (SELECT device_id, metric FROM reading_keys) AS key
       WHERE p.device_id = key.device_id AND p.metric = key.metric AND p.since >= $1 AND p.since < $2 RETURNING p.packed
     )
     SELECT count(*)::bigint AS stretches, coalesce(sum(packed_count(packed)), 0)::bigint AS readings,
       coalesce(sum(length(packed)), 0)::bigint AS bytes FROM gone`,
    [timestamp(from), timestamp(to)],
  );
  const gone = rows[0] ?? NOTHING_PACKED;
  await noteCut(client, from, gone);
  return gone;
}
