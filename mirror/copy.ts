import { ReadingBuilder, type ReadingColumns } from '../domain/index.ts';
import type { Database } from '../storage/index.ts';
import { PostgresHistory, timestamp } from '../storage/index.ts';

/** A copy of everything stored that was begun: what it holds, and the last reading that was sent. */
interface Progress {
  readonly covers: number;
  readonly deviceId: number;
  readonly metric: number;
  /** Epoch ms UTC; -∞ before the first. */
  readonly time: number;
  readonly isFinished: boolean;
}

interface Key {
  readonly deviceId: number;
  readonly device: string;
  readonly metric: number;
}

/** What was dropped from a partition of the log, and how far the writer has come in it. */
export interface CopyRequest {
  readonly partition: number;
  /** Records up to here are gone from the log. */
  readonly through: number;
  /** The writer's checkpoint now: what the copy will hold. */
  readonly stored: number;
}

/**
 * Reads all stored readings in order of key and time, and remembers after each page how far it came. What the log has
 * dropped may have any event time, so nothing less than everything will do.
 */
export class CopyOfReadings {
  readonly #database: Database;
  readonly #history: PostgresHistory;

  constructor(options: { database: Database }) {
    this.#database = options.database;
    this.#history = new PostgresHistory(options);
  }

  /**
   * @param most rows in a page
   * @param send resolves when the page is where it should be
   */
  async run(request: CopyRequest, most: number, send: (page: ReadingColumns) => Promise<void>): Promise<void> {
    let progress = await this.#begin(request);
    if (progress.isFinished) return;
    const page = new ReadingBuilder();
    for (const key of await this.#keys(progress)) {
      const isUnderWay = key.deviceId === progress.deviceId && key.metric === progress.metric;
      let from = isUnderWay ? progress.time + 1 : Number.NEGATIVE_INFINITY;
      for (;;) {
        const wanted = most - page.count;
        const { count, time, value } = await this.#history.read(key.device, key.metric, from, Infinity, wanted);
        for (let row = 0; row < count; row++)
          page.add(key.device, key.metric, time[row] as number, value[row] as number);
        const last = time[count - 1];
        if (last !== undefined) {
          from = last + 1;
          progress = { ...progress, deviceId: key.deviceId, metric: key.metric, time: last };
        }
        if (count < wanted) break;
        await send(page.view());
        page.reset();
        await this.#save(request.partition, progress);
      }
    }
    if (page.count > 0) await send(page.view());
    await this.#save(request.partition, { ...progress, isFinished: true });
  }

  /** A copy that holds what was dropped is gone on with, or needs no doing again; else a new one begins. */
  async #begin({ partition, through, stored }: CopyRequest): Promise<Progress> {
    const { rows } = await this.#database.query<Progress>(
      `SELECT covers, device_id AS "deviceId", metric, time, is_finished AS "isFinished"
       FROM influx_copies WHERE partition = $1 AND covers >= $2`,
      [partition, through],
    );
    const begun = rows[0];
    if (begun !== undefined) return begun;
    const fresh = { covers: stored, deviceId: 0, metric: 0, time: Number.NEGATIVE_INFINITY, isFinished: false };
    await this.#save(partition, fresh);
    return fresh;
  }

  async #keys({ deviceId, metric }: Progress): Promise<Key[]> {
    const { rows } = await this.#database.query<Key>(
      `SELECT key.device_id AS "deviceId", devices.name AS device, key.metric
       FROM reading_keys AS key JOIN devices ON devices.id = key.device_id
       WHERE (key.device_id, key.metric) >= ($1, $2) ORDER BY key.device_id, key.metric`,
      [deviceId, metric],
    );
    return rows;
  }

  /** By itself, not with the checkpoint: a copy outlives many restarts, and what is sent again does no harm. */
  async #save(partition: number, { covers, deviceId, metric, time, isFinished }: Progress): Promise<void> {
    await this.#database.query(
      `INSERT INTO influx_copies (partition, covers, device_id, metric, time, is_finished)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (partition) DO UPDATE SET covers = excluded.covers, device_id = excluded.device_id,
         metric = excluded.metric, time = excluded.time, is_finished = excluded.is_finished`,
      [partition, covers, deviceId, metric, timestamp(time), isFinished],
    );
  }
}
