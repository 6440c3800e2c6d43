import type { Database } from '../database.ts';
import { Hypertable } from './hypertable.ts';
import { NativePartitions } from './native-partitions.ts';
import { dropped, type Partition, type Partitioning } from './partition.ts';
import { Rollups } from './rollups.ts';

/**
 * The one place that knows how `readings` is split by time: native range partitions, or the chunks of a TimescaleDB
 * hypertable where `readings` is one (docs/decisions/0017).
 */
export class PartitionManager implements Partitioning {
  readonly #database: Database;
  #asked: Promise<Partitioning> | undefined;

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  async partitionFor(time: number): Promise<Partition> {
    return (await this.#partitioning()).partitionFor(time);
  }

  async list(): Promise<Partition[]> {
    return (await this.#partitioning()).list();
  }

  async makeAhead(now: number): Promise<number> {
    return (await this.#partitioning()).makeAhead(now);
  }

  /** Its readings stay in the rollups, which are brought up to date before. */
  async drop(partition: Partition): Promise<boolean> {
    await new Rollups({ database: this.#database }).rollUpTo(partition.to);
    return (await this.#partitioning()).drop(partition);
  }

  /**
   * Some of its readings are about to be deleted: its rollups are brought up to date and stay as they are from now on.
   * @returns false if somebody holds them up: ask again later
   */
  async retire(partition: Partition): Promise<boolean> {
    await new Rollups({ database: this.#database }).rollUpTo(partition.to);
    return dropped(this.#database, partition, async () => {});
  }

  /** Drops what lies wholly before `time`, oldest first. @returns how many partitions went; the others are in use */
  async dropBefore(time: number): Promise<number> {
    let dropped = 0;
    for (const partition of await this.list()) {
      if (partition.to <= time && (await this.drop(partition))) dropped++;
    }
    return dropped;
  }

  /** After a failure that another process's dropping, or a move to TimescaleDB, may have caused. */
  forget(): void {
    this.#asked = undefined;
  }

  #partitioning(): Promise<Partitioning> {
    this.#asked ??= this.#ask().catch((error) => {
      this.#asked = undefined;
      throw error;
    });
    return this.#asked;
  }

  async #ask(): Promise<Partitioning> {
    const isHypertable = await isReadingsHypertable(this.#database);
    return isHypertable ? new Hypertable(this.#database) : new NativePartitions(this.#database);
  }
}

/** A natively partitioned table has a relkind of its own; a hypertable looks like any other table. */
export async function isReadingsHypertable(database: Database): Promise<boolean> {
  const { rows } = await database.query<{ relkind: string }>(
    `SELECT relkind FROM pg_class WHERE oid = 'readings'::regclass`,
  );
  return rows[0]?.relkind !== 'p';
}
