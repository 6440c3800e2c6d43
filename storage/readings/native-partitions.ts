import { DefectError } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../types.ts';
import { changed, dropped, type Partition, type Partitioning, WIDTH_MS } from './partition.ts';

/** Weeks that are there before anybody needs them: a month of nobody looking after the database. */
const WEEKS_AHEAD = 4;

/** The default partition: odd times, and a week whose own partition could not be made just then. */
const ODD = 'readings_odd';

/** Times outside are a broken clock's, and not worth a partition a week. */
const ORDINARY = { from: Date.parse('2000-01-01T00:00:00Z'), to: Date.parse('2100-01-01T00:00:00Z') };

/** Beyond these, microseconds are no longer whole in a float64 (`pack.ts`). */
const REPRESENTABLE = { from: Date.parse('1800-01-01T00:00:00Z'), to: Date.parse('2200-01-01T00:00:00Z') };

const LOCK_KEY = `hashtext('isotherm readings partitions')`;

/**
 * `readings` as native range partitions of a week, and the default one for what has no week of its own. Rows of the
 * default partition move into their week's as soon as it is made.
 */
export class NativePartitions implements Partitioning {
  readonly #database: Database;
  #known: Promise<Map<number, Partition>> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Made, if it is absent, in a transaction of its own, so that it outlives the caller's. The caller's transaction must
   * not have touched `readings` yet: the two would wait for each other, until this one gives up and answers with the
   * default partition. @throws {DefectError} READING_TIME_BEYOND
   */
  async partitionFor(time: number): Promise<Partition> {
    if (!(time >= REPRESENTABLE.from && time < REPRESENTABLE.to)) {
      throw new DefectError('READING_TIME_BEYOND', `no partition can hold event time ${time}`, { time });
    }
    const known = await this.#partitions();
    const from = weekOf(time);
    const partition = known.get(from) ?? {
      ...partitionOf(from),
      ...(isOrdinary(from) && (await this.#make(from)) ? {} : { table: ODD }),
    };
    known.set(from, partition);
    return partition;
  }

  async list(): Promise<Partition[]> {
    return [...(await this.#load()).values()].sort((a, b) => a.from - b.from);
  }

  /** This week and the next ones, and those of ordinary times that rows in the default partition wait for. */
  async makeAhead(now: number): Promise<number> {
    const wanted = new Set(await this.#weeksWaiting());
    for (let week = 0; week <= WEEKS_AHEAD; week++) {
      const from = weekOf(now + week * WIDTH_MS);
      // A clock that has jumped must not fill the catalogue with weeks nobody lives in.
      if (isOrdinary(from)) wanted.add(from);
    }
    const present = await this.#load();
    let made = 0;
    for (const from of [...wanted].filter((week) => !present.has(week))) {
      if (!(await this.#make(from))) continue;
      (await this.#partitions()).set(from, partitionOf(from));
      made++;
    }
    return made;
  }

  async drop(partition: Partition): Promise<boolean> {
    const { table, from } = partition;
    const isDropped = await dropped(this.#database, partition, (client) =>
      client.query(`DROP TABLE IF EXISTS ${table}`),
    );
    if (isDropped) (await this.#partitions()).delete(from);
    return isDropped;
  }

  #partitions(): Promise<Map<number, Partition>> {
    this.#known ??= this.#load().catch((error) => {
      this.#known = undefined;
      throw error;
    });
    return this.#known;
  }

  async #load(): Promise<Map<number, Partition>> {
    const { rows } = await this.#database.query<{ table: string }>(
      `SELECT relname AS table FROM pg_class JOIN pg_inherits ON inhrelid = oid
        WHERE inhparent = 'readings'::regclass AND relname <> '${ODD}'`,
    );
    return new Map(
      rows.map(({ table }) => {
        const [, year, month, day] = /(\d{4})(\d\d)(\d\d)$/.exec(table) ?? [];
        const partition = partitionOf(Date.parse(`${year}-${month}-${day}T00:00:00Z`));
        return [partition.from, partition];
      }),
    );
  }

  async #weeksWaiting(): Promise<number[]> {
    const { rows } = await this.#database.query<{ week: number }>(
      `SELECT DISTINCT date_bin('7 days', time, 'epoch') AS week FROM ${ODD} WHERE time >= $1 AND time < $2`,
      [timestamp(ORDINARY.from), timestamp(ORDINARY.to)],
    );
    return rows.map(({ week }) => week).filter(isOrdinary);
  }

  /** @returns false if somebody holds the table for longer than this may wait */
  #make(from: number): Promise<boolean> {
    const { table, to } = partitionOf(from);
    const bounds = [timestamp(from), timestamp(to)];
    return changed(this.#database, async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(${LOCK_KEY})`);
      const { rows } = await client.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [table]);
      if (rows[0]?.exists) return;
      // In the order in which dropping takes them. Nobody may add a row to the default partition between the move and
      // the attaching, which would then refuse.
      await client.query(`LOCK TABLE ONLY readings IN SHARE UPDATE EXCLUSIVE MODE`);
      await client.query(`LOCK TABLE ${ODD} IN ACCESS EXCLUSIVE MODE`);
      await client.query(`CREATE TABLE ${table} (LIKE readings INCLUDING ALL)`);
      await client.query(
        `WITH moved AS (DELETE FROM ${ODD} WHERE time >= $1 AND time < $2 RETURNING *)
         INSERT INTO ${table} SELECT * FROM moved`,
        bounds,
      );
      await client.query(
        `ALTER TABLE readings ATTACH PARTITION ${table} FOR VALUES FROM ('${bounds[0]}') TO ('${bounds[1]}')`,
      );
    });
  }
}

function weekOf(time: number): number {
  return Math.floor(time / WIDTH_MS) * WIDTH_MS;
}

/** Only whole weeks: the first and last of the century would reach out of it. */
function isOrdinary(from: number): boolean {
  return from >= ORDINARY.from && from + WIDTH_MS <= ORDINARY.to;
}

function partitionOf(from: number): Partition {
  const day = new Date(from).toISOString().slice(0, 10).replaceAll('-', '');
  return { table: `readings_${day}`, from, to: from + WIDTH_MS };
}
