import type pg from 'pg';
import type { Database } from '../database.ts';
import { sqlState } from '../failure.ts';
import { LOST_WHERE_IT_STANDS_STILL, transactionOn } from '../session-transaction.ts';
import { timestamp } from '../types.ts';

/** Where rows of a time are kept. */
export interface Partition {
  readonly table: string;
  /** Event times [from, to), epoch ms UTC. */
  readonly from: number;
  readonly to: number;
}

/** One way to split `readings` by time. */
export interface Partitioning {
  /** The partition a reading of this event time is written to, made if need be. */
  partitionFor(time: number): Promise<Partition>;
  /** All there are, oldest first; without the one for odd times. */
  list(): Promise<Partition[]>;
  /** What will be needed soon. @returns how many were made */
  makeAhead(now: number): Promise<number>;
  /** @returns false while somebody reads it and it could not be locked: ask again later */
  drop(partition: Partition): Promise<boolean>;
}

/**
 * Seven days: at 400 days of accepted backlog some sixty partitions, few enough to plan over, small enough that the
 * index of the one being filled stays in memory. Chunks of a hypertable are as wide.
 */
export const WIDTH_MS = 7 * 86_400_000;

const OF_A_WEEK = /^readings_\d{8}$/;

/** Neither the one for odd times nor a hypertable's chunk: it may be packed. */
export function isOfAWeek({ table }: Partition): boolean {
  return OF_A_WEEK.test(table);
}

/**
 * How long making or dropping a partition waits for those who use the table. Everybody who comes after it waits as
 * long, so it is short, and whoever could not get the lock tries again at the next upkeep.
 */
const LOCK_WAIT = '300ms';

const LOCK_NOT_AVAILABLE = '55P03';

/** Nobody can use the table while such a transaction stands open, so none does for long. */
const IN_HASTE = `SET LOCAL lock_timeout = '${LOCK_WAIT}'; ${LOST_WHERE_IT_STANDS_STILL}`;

/** Changes the set of partitions, in a transaction. @returns false if a lock could not be had in {@link LOCK_WAIT} */
export function changed(database: Database, work: (client: pg.ClientBase) => Promise<unknown>): Promise<boolean> {
  return unlessHeldUp(() =>
    database.transaction(async (client) => {
      await client.query(IN_HASTE);
      await work(client);
    }),
  );
}

/** As {@link changed}, under the locks that a session has: without the session nothing is changed. */
export function changedOn(client: pg.ClientBase, work: () => Promise<unknown>): Promise<boolean> {
  return unlessHeldUp(() =>
    transactionOn(client, async () => {
      await client.query(IN_HASTE);
      await work();
    }),
  );
}

async function unlessHeldUp(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}

/**
 * Drops a partition whose readings are in the rollups, by `drop`.
 * @returns false if they are not, or if somebody reads it
 */
export async function dropped(
  database: Database,
  { to }: Partition,
  drop: (client: pg.ClientBase) => Promise<unknown>,
): Promise<boolean> {
  let isRolledUp = false;
  const isDone = await changed(database, async (client) => {
    const { rowCount } = await client.query(
      'UPDATE rollup_state SET kept = greatest(kept, $1) WHERE rolled >= $1::timestamptz',
      [timestamp(to)],
    );
    isRolledUp = rowCount === 1;
    if (isRolledUp) await drop(client);
  });
  return isDone && isRolledUp;
}
