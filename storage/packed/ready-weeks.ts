import type { Database } from '../database.ts';
import { unconsumedSince } from '../log/index.ts';
import { isOfAWeek, type Partition } from '../readings/partition.ts';
import { isReadingsHypertable, type PartitionManager } from '../readings/partitions.ts';
import { noteRows, packedWeeks } from './packed-weeks.ts';

const DAY_MS = 86_400_000;

export interface ReadyWeeksOptions {
  readonly database: Database;
  readonly partitions: PartitionManager;
  /** Epoch ms UTC. */
  readonly now: number;
  /** How long the rows of late readings in a packed week wait for more of them; default a day. */
  readonly lateMs?: number;
}

/**
 * Weeks of rows that may be packed, oldest first: over for a day, behind the watermark of the rollups and behind what
 * every consumer of the log has taken, without a day whose rollups are to be made again. A week that is packed already
 * has rows of late readings; they join it once they have waited for others.
 * @returns null where `readings` is a hypertable, which packs by itself
 */
export async function readyWeeks({
  database,
  partitions,
  now,
  lateMs = DAY_MS,
}: ReadyWeeksOptions): Promise<Partition[] | null> {
  if (await isReadingsHypertable(database)) return null;
  const [weeks, packed, state] = await Promise.all([partitions.list(), packedWeeks(database), stateOf(database)]);
  const ofRows = new Set(weeks.map(({ from }) => from));
  const noted = (isNoted: boolean, hasRows: boolean) =>
    packed
      .filter(({ from, rowsSince }) => (rowsSince !== null) === isNoted && ofRows.has(from) === hasRows)
      .map(({ from }) => from);
  await noteRows(database, noted(false, true), now);
  await noteRows(database, noted(true, false), null);
  const rowsSince = new Map(packed.map((week) => [week.from, week.rowsSince ?? now]));
  const end = Math.min(now, state.rolled, state.unconsumed);
  return weeks.filter(
    (week) =>
      isOfAWeek(week) &&
      week.to + DAY_MS <= end &&
      !state.marked.has(week.from) &&
      now - (rowsSince.get(week.from) ?? Number.NEGATIVE_INFINITY) >= lateMs,
  );
}

async function stateOf(database: Database) {
  const [rolled, marked, unconsumed] = await Promise.all([
    database.query<{ rolled: number }>('SELECT rolled FROM rollup_state'),
    database.query<{ week: number }>(
      `SELECT DISTINCT date_bin('7 days', mark.day, 'epoch') AS week
       FROM reading_keys AS key JOIN rollup_marks AS mark USING (device_id, metric)`,
    ),
    unconsumedSince(database.pool),
  ]);
  return {
    rolled: rolled.rows[0]?.rolled ?? Number.NEGATIVE_INFINITY,
    marked: new Set(marked.rows.map(({ week }) => week)),
    unconsumed,
  };
}
