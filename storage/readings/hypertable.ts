import type { Database } from '../database.ts';
import { timestamp } from '../types.ts';
import { dropped, type Partition, type Partitioning } from './partition.ts';

/** TimescaleDB makes and finds chunks by itself: the whole table is one partition to whoever writes. */
const WHOLE: Partition = { table: 'readings', from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** `readings` as a TimescaleDB hypertable (migration 0080 gives it its settings). */
export class Hypertable implements Partitioning {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async partitionFor(): Promise<Partition> {
    return WHOLE;
  }

  async list(): Promise<Partition[]> {
    const { rows } = await this.#database.query<Partition>(
      `SELECT format('%I.%I', chunk_schema, chunk_name) AS table, range_start AS from, range_end AS to
         FROM timescaledb_information.chunks WHERE hypertable_name = 'readings' ORDER BY range_start`,
    );
    return rows;
  }

  async makeAhead(): Promise<number> {
    return 0;
  }

  drop(partition: Partition): Promise<boolean> {
    return dropped(this.#database, partition, (client) =>
      client.query(`SELECT drop_chunks('readings', older_than => $2::timestamptz, newer_than => $1::timestamptz)`, [
        timestamp(partition.from),
        timestamp(partition.to),
      ]),
    );
  }
}
