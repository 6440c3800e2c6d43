import type pg from 'pg';
import type { Database } from '../database.ts';
import { KeySlots } from './key-slots.ts';
import { int2Array, int4Array } from './pack.ts';
import { MOST_OF_A_STRETCH } from './packed-columns.ts';

/**
 * The time of each key's latest stored reading, as far as it is known here. It may lie after what is stored (a
 * transaction was rolled back), which costs speed only; it must never lie before it: `forget` whenever another process
 * may have written.
 */
export class KeyTimes {
  readonly #database: Database;
  readonly #slots = new KeySlots();
  #latest = new Float64Array(1024);

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  /** Where this key's time stands, for `latest` and `advance`; undefined while it is not loaded. */
  slot(deviceId: number, metric: number): number | undefined {
    return this.#slots.get(deviceId * 256 + metric);
  }

  /** Epoch ms UTC; -Infinity where nothing is stored. */
  latest(slot: number): number {
    return this.#latest[slot] ?? Number.NEGATIVE_INFINITY;
  }

  advance(slot: number, time: number): void {
    this.#latest[slot] = time;
  }

  forget(): void {
    this.#slots.clear();
  }

  /**
   * Loads keys, seeing what the transaction of `client` has stored. Keys new to the platform are registered in a
   * transaction of their own, before their first reading can commit: `reading_keys` never lacks one. Of a stretch
   * the header will do, and one that is damaged stops nobody who writes: it is taken to end a day after it begins.
   */
  async load(client: pg.ClientBase, deviceIds: readonly number[], metrics: readonly number[]): Promise<void> {
    const keys = [int4Array(deviceIds), int2Array(metrics)];
    const added = await this.#database.query<{ device_id: number; metric: number }>(
      `INSERT INTO reading_keys SELECT * FROM unnest($1::int4[], $2::int2[]) ON CONFLICT DO NOTHING
       RETURNING device_id, metric`,
      keys,
    );
    for (const { device_id, metric } of added.rows) this.#set(device_id, metric, Number.NEGATIVE_INFINITY);
    if (added.rows.length === deviceIds.length) return;
    const { rows } = await client.query<{ device_id: number; metric: number; time: number | null }>({
      // Planning over sixty partitions takes longer than asking for some keys.
      name: 'latest times of keys',
      text: `SELECT key.device_id, key.metric, greatest((
         SELECT time FROM readings
         WHERE readings.device_id = key.device_id AND readings.metric = key.metric ORDER BY time DESC LIMIT 1
       ), (
         SELECT CASE WHEN packed_stretch_is_whole(p.device_id, p.metric, p.since, p.packed) THEN packed_end(p.since, p.packed)
           ELSE p.since + ${MOST_OF_A_STRETCH} END
         FROM packed_readings AS p
         WHERE p.device_id = key.device_id AND p.metric = key.metric ORDER BY p.since DESC LIMIT 1
       )) AS time
       FROM unnest($1::int4[], $2::int2[]) AS key (device_id, metric)`,
      values: keys,
    });
    for (const { device_id, metric, time } of rows) this.#set(device_id, metric, time ?? Number.NEGATIVE_INFINITY);
  }

  #set(deviceId: number, metric: number, time: number): void {
    const slot = this.#slots.add(deviceId * 256 + metric);
    if (slot >= this.#latest.length) {
      const larger = new Float64Array(slot * 2);
      larger.set(this.#latest);
      this.#latest = larger;
    }
    this.#latest[slot] = time;
  }
}
