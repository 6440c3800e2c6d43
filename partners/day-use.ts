import type pg from 'pg';
import type { PartnerUse, TimeSource } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';

export interface DayUseOptions {
  readonly database: Database;
  readonly time: TimeSource;
  /** Where it is kept, and the column that says whose it is. */
  readonly table: 'partner_use' | 'erp_use';
  readonly owner: 'partner' | 'system';
}

/** Most of a day. */
export interface DayLimit {
  readonly filesPerDay: number;
  readonly bytesPerDay: number;
}

/** One that was turned away lately. */
export interface TurnedAway {
  readonly whose: string;
  /** On those days. */
  readonly count: number;
}

const DAY_MS = 24 * 3_600_000;

/** What others brought on a day in UTC, counted for all processes together. */
export class DayUse {
  readonly #options: DayUseOptions;

  constructor(options: DayUseOptions) {
    this.#options = options;
  }

  /** Counts a file in the transaction that keeps it. @returns whether it still fits into the day; nothing is counted where not */
  async count(client: pg.ClientBase, whose: string, bytes: number, most: DayLimit): Promise<boolean> {
    const { table, owner } = this.#options;
    // The row is locked by its update: of two at once the second counts on top of the first.
    const { rowCount } = await client.query(
      `INSERT INTO ${table} AS u (${owner}, day, files, bytes) VALUES ($1, $2, 1, $3)
       ON CONFLICT (${owner}, day) DO UPDATE SET files = u.files + 1, bytes = u.bytes + excluded.bytes
         WHERE u.files < $4 AND u.bytes + excluded.bytes <= $5`,
      [whose, this.#today(), bytes, most.filesPerDay, most.bytesPerDay],
    );
    return rowCount !== 0;
  }

  async today(whose: string): Promise<PartnerUse> {
    const { database, table, owner } = this.#options;
    const { rows } = await database.query<PartnerUse>(
      `SELECT files, bytes, turned_away AS "turnedAway" FROM ${table} WHERE ${owner} = $1 AND day = $2`,
      [whose, this.#today()],
    );
    return rows[0] ?? { files: 0, bytes: 0, turnedAway: 0 };
  }

  async turnedAway(whose: string, count: number): Promise<void> {
    const { database, table, owner, time } = this.#options;
    await database.query(
      `INSERT INTO ${table} AS u (${owner}, day, turned_away, turned_away_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (${owner}, day) DO UPDATE SET turned_away = u.turned_away + excluded.turned_away,
         turned_away_at = excluded.turned_away_at`,
      [whose, this.#today(), count, timestamp(time.now())],
    );
  }

  /** Until the next day begins, at least 1. */
  secondsLeft(): number {
    const now = this.#options.time.now();
    return Math.max(1, Math.ceil((DAY_MS - (now % DAY_MS)) / 1_000));
  }

  #today(): string {
    return new Date(this.#options.time.now()).toISOString().slice(0, 10);
  }
}

/** Partners that were turned away at or after `since` (epoch ms UTC), at most `most`, those that were most often first. */
export function partnersTurnedAway(database: Database, asked: TurnedAwayAsked): Promise<readonly TurnedAway[]> {
  return turnedAwayLately(database, { ...asked, table: 'partner_use', owner: 'partner' });
}

/** The same of ERP and WMS. */
export function systemsTurnedAway(database: Database, asked: TurnedAwayAsked): Promise<readonly TurnedAway[]> {
  return turnedAwayLately(database, { ...asked, table: 'erp_use', owner: 'system' });
}

interface TurnedAwayAsked {
  readonly since: number;
  readonly most: number;
}

async function turnedAwayLately(
  database: Database,
  { since, most, table, owner }: TurnedAwayAsked & Pick<DayUseOptions, 'table' | 'owner'>,
): Promise<readonly TurnedAway[]> {
  const { rows } = await database.query<TurnedAway>(
    `SELECT ${owner} AS whose, sum(turned_away)::int AS count FROM ${table} WHERE turned_away_at >= $1
     GROUP BY ${owner} ORDER BY count DESC, ${owner} LIMIT $2`,
    [timestamp(since), most],
  );
  return rows;
}
