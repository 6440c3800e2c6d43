import type pg from 'pg';
import { int2Array, int4Array, timestamptzArray } from './pack.ts';

export const DAY_MS = 86_400_000;

/** The days of keys that a transaction has changed behind the rollups. */
export class RollupMarks {
  readonly #marking: number;
  readonly #days = new Map<number, Set<number>>();
  /** Neighbouring rows are mostly of the same key and day. */
  #last = { key: Number.NaN, day: Number.NaN };

  private constructor(marking: number) {
    this.#marking = marking;
  }

  /** Before the first row of the transaction is stored: from here to its commit `marking` stands still. */
  static async begin(client: pg.ClientBase): Promise<RollupMarks> {
    const { rows } = await client.query<{ marking: number }>({
      name: 'rollup marking',
      text: 'SELECT marking FROM rollup_marking FOR SHARE',
    });
    return new RollupMarks(rows[0]?.marking ?? Number.NEGATIVE_INFINITY);
  }

  /** @param time epoch ms UTC */
  add(deviceId: number, metric: number, time: number): void {
    if (time >= this.#marking) return;
    const key = deviceId * 256 + metric;
    const day = Math.floor(time / DAY_MS);
    if (key === this.#last.key && day === this.#last.day) return;
    this.#last = { key, day };
    const days = this.#days.get(key);
    if (days === undefined) this.#days.set(key, new Set([day]));
    else days.add(day);
  }

  async write(client: pg.ClientBase): Promise<void> {
    if (this.#days.size === 0) return;
    const deviceId: number[] = [];
    const metric: number[] = [];
    const day: number[] = [];
    for (const [key, days] of this.#days) {
      for (const one of days) {
        deviceId.push(Math.floor(key / 256));
        metric.push(key % 256);
        day.push(one * DAY_MS);
      }
    }
    await client.query({
      name: 'rollup marks',
      text: 'INSERT INTO rollup_marks SELECT * FROM unnest($1::int4[], $2::int2[], $3::timestamptz[])',
      values: [int4Array(deviceId), int2Array(metric), timestamptzArray(day)],
    });
  }
}
