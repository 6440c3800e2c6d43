import { DefectError } from '../../domain/index.ts';
import type { Database } from '../database.ts';

/** Where rows of a time are kept. */
export interface Partition {
  readonly table: string;
  /** Event times [from, to), epoch ms UTC. */
  readonly from: number;
  readonly to: number;
}

/**
 * Seven days: at 400 days of accepted backlog some sixty partitions, few enough to plan over, small enough that the
 * index of the one being filled stays in memory.
 */
const WIDTH_MS = 7 * 86_400_000;

/** Beyond these, microseconds are no longer whole in a float64, and a clock is broken anyway. */
const EARLIEST = Date.parse('1970-01-01T00:00:00Z');
const BEYOND = Date.parse('2200-01-01T00:00:00Z');

/**
 * The one place that knows how `readings` is split by time: native range partitions here; hypertable chunks, where
 * the server has TimescaleDB, behind the same two questions.
 */
export class PartitionManager {
  readonly #database: Database;
  #known: Map<number, Partition> | undefined;

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  /**
   * The partition that holds `time`, made if it is absent: in a transaction of its own, so that it outlives the
   * caller's, and attached rather than created in place, which lets readers and writers of the table go on.
   */
  async partitionFor(time: number): Promise<Partition> {
    const from = Math.floor(time / WIDTH_MS) * WIDTH_MS;
    return (await this.#partitions()).get(from) ?? (await this.#create(from));
  }

  /** All there are, oldest first. */
  async list(): Promise<Partition[]> {
    return [...(await this.#load()).values()].sort((a, b) => a.from - b.from);
  }

  /** Drops what lies wholly before `time`. @returns how many partitions went */
  async dropBefore(time: number): Promise<number> {
    const old = (await this.list()).filter(({ to }) => to <= time);
    for (const { table } of old) await this.#database.query(`DROP TABLE ${table}`);
    this.forget();
    return old.length;
  }

  /** After a failure that another process's dropping may have caused. */
  forget(): void {
    this.#known = undefined;
  }

  async #partitions(): Promise<Map<number, Partition>> {
    this.#known ??= await this.#load();
    return this.#known;
  }

  async #load(): Promise<Map<number, Partition>> {
    const { rows } = await this.#database.query<{ table: string }>(
      `SELECT relname AS table FROM pg_class JOIN pg_inherits ON inhrelid = oid WHERE inhparent = 'readings'::regclass`,
    );
    return new Map(
      rows.map(({ table }) => {
        const [, year, month, day] = /(\d{4})(\d\d)(\d\d)$/.exec(table) ?? [];
        const from = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
        return [from, { table, from, to: from + WIDTH_MS }];
      }),
    );
  }

  async #create(from: number): Promise<Partition> {
    if (!(from >= EARLIEST && from < BEYOND)) {
      throw new DefectError('READING_TIME_BEYOND', `no partition can hold event time ${from}`, { time: from });
    }
    const day = new Date(from).toISOString();
    const partition = { table: `readings_${day.slice(0, 10).replaceAll('-', '')}`, from, to: from + WIDTH_MS };
    await this.#database.transaction(async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(hashtext('isotherm readings partitions'))`);
      const { rows } = await client.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [
        partition.table,
      ]);
      if (rows[0]?.exists) return;
      // Inserted only, and in time order: vacuum to freeze, not for dead rows; pages may be filled to the brim.
      await client.query(`CREATE TABLE ${partition.table} (LIKE readings INCLUDING ALL)`);
      await client.query(
        `ALTER TABLE readings ATTACH PARTITION ${partition.table} FOR VALUES FROM ('${day}') TO ('${new Date(partition.to).toISOString()}')`,
      );
    });
    (await this.#partitions()).set(from, partition);
    return partition;
  }
}
