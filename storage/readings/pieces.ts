import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { KeyReadings } from '../../domain/index.ts';
import { copyOfStretches } from '../packed/copy-stretches.ts';
import { noteAdded } from '../packed/packed-weeks.ts';
import { type PackedStretch, packStretches } from '../packed/stretches.ts';
import { int2Array, int4Array, readFloat8Array, readTimestamptzArray, timestamptzArray } from './pack.ts';
import type { KeyNumbers } from './packed-columns.ts';
import type { PackedDays } from './stored-identities.ts';

/**
 * What measured less long ago stays rows: the latest reading of a device is asked for all the time, and a row gives it at
 * one look.
 */
export const OLD_MS = 3_600_000;

/** Readings of a key that are worth a stretch: an hour of one a minute. Fewer are cheaper as rows. */
export const LEAST_PIECE = 60;

/** Columns that are kept for the next batch: of so many keys, of so many readings at most; 32 MiB. */
const MOST_SPARE = 64;
const MOST_SPARE_ROOM = 32_768;

/** Readings of some keys, as they are added. Its columns are used again after `clear`: what they hold is used before. */
export class KeyColumns {
  readonly #keys = new Map<number, Growing>();
  readonly #spare: Growing[] = [];
  #last: Growing | null = null;

  add(deviceId: number, metric: number, time: number, value: number): void {
    let key = this.#last;
    if (key === null || key.deviceId !== deviceId || key.metric !== metric) {
      const number = deviceId * 256 + metric;
      key = this.#keys.get(number) ?? this.#growing(deviceId, metric);
      this.#keys.set(number, key);
      this.#last = key;
    }
    key.add(time, value);
  }

  /** Forgets all readings, and keeps some columns. */
  clear(): void {
    for (const key of this.#keys.values()) {
      if (this.#spare.length < MOST_SPARE && key.room <= MOST_SPARE_ROOM) this.#spare.push(key);
    }
    this.#keys.clear();
    this.#last = null;
  }

  #growing(deviceId: number, metric: number): Growing {
    const key = this.#spare.pop() ?? new Growing();
    key.begin(deviceId, metric);
    return key;
  }

  /** Those with so many readings, and the others. */
  split(least: number): { many: Growing[]; few: Growing[] } {
    const keys = [...this.#keys.values()];
    return { many: keys.filter(({ count }) => count >= least), few: keys.filter(({ count }) => count < least) };
  }
}

/** A key's readings. */
class Growing implements KeyNumbers {
  deviceId = 0;
  metric = 0;
  #count = 0;
  #time = new Float64Array(256);
  #value = new Float64Array(256);

  begin(deviceId: number, metric: number): void {
    this.deviceId = deviceId;
    this.metric = metric;
    this.#count = 0;
  }

  get count(): number {
    return this.#count;
  }

  /** How many it may hold without growing. */
  get room(): number {
    return this.#time.length;
  }

  get readings(): KeyReadings {
    const count = this.#count;
    return { count, time: this.#time.subarray(0, count), value: this.#value.subarray(0, count) };
  }

  add(time: number, value: number): void {
    if (this.#count === this.#time.length) {
      this.#time = twice(this.#time);
      this.#value = twice(this.#value);
    }
    this.#time[this.#count] = time;
    this.#value[this.#count++] = value;
  }
}

function twice(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}

/**
 * Adds stretches of readings that are stored nowhere, each between the stretches there are, in the transaction of `client`,
 * which shares the lock of packing.
 * @param now epoch ms UTC
 */
export async function addStretches(client: pg.ClientBase, stretches: PackedStretch[], now: number): Promise<void> {
  if (stretches.length === 0) return;
  await new Promise<void>((resolve, reject) => {
    const stream = client.query(copyFrom('COPY packed_readings FROM STDIN (FORMAT binary)'));
    stream.on('error', reject);
    stream.on('finish', resolve);
    stream.end(copyOfStretches(stretches));
  });
  await noteAdded(client, stretches, now);
}

export function stretchesOf({ deviceId, metric }: KeyNumbers, readings: KeyReadings): PackedStretch[] {
  return packStretches(deviceId, metric, readings);
}

/** Late readings of which no stretch holds the time, in the order of the log. */
export interface FreeReadings {
  readonly count: number;
  readonly deviceId: ArrayLike<number>;
  readonly metric: ArrayLike<number>;
  readonly time: ArrayLike<number>;
  readonly value: ArrayLike<number>;
}

export interface LatePieces {
  readonly stretches: PackedStretch[];
  /** Of the readings in them, and of those that were stored before. */
  readonly added: number;
  readonly refused: readonly { readonly index: number; readonly kept: number }[];
  /** Which of the readings are left to be rows, ascending. */
  readonly rest: readonly number[];
}

const DAY_MS = 86_400_000;

/**
 * What a device sends after newer readings: many of a key's day become a stretch, where none that is there reaches into
 * the time between the first and the last of them. Rows of that time stay, and come first.
 * @param isOld which of them may be packed
 */
export async function latePieces(
  client: pg.ClientBase,
  late: FreeReadings,
  isOld: (index: number) => boolean,
  days: PackedDays,
): Promise<LatePieces> {
  const groups = groupsOf(late, isOld).filter((group) => days.isClear(group.deviceId, group.metric, group));
  const stored = await rowsWithin(client, groups);
  const stretches: PackedStretch[] = [];
  const refused: { index: number; kept: number }[] = [];
  const taken = new Set<number>();
  let added = 0;
  for (const [i, group] of groups.entries()) {
    const found = judge(late, group.indices, stored[i] ?? new Map());
    // Too few for a stretch: all of them go the way of rows, which judges again.
    if (found.news.size < LEAST_PIECE) continue;
    const times = Float64Array.from(found.news.keys()).sort();
    const value = Float64Array.from(times, (time) => found.news.get(time) as number);
    stretches.push(...stretchesOf(group, { count: times.length, time: times, value }));
    added += times.length;
    refused.push(...found.refused);
    for (const index of group.indices) taken.add(index);
  }
  const rest = Array.from({ length: late.count }, (_, index) => index).filter((index) => !taken.has(index));
  return { stretches, added, refused, rest };
}

/** Of a key and UTC day; the first and last time of it. */
interface Group extends KeyNumbers {
  readonly indices: number[];
  from: number;
  to: number;
}

function groupsOf({ count, deviceId, metric, time }: FreeReadings, isOld: (index: number) => boolean): Group[] {
  const groups = new Map<string, Group>();
  for (let index = 0; index < count; index++) {
    if (!isOld(index)) continue;
    const at = time[index] as number;
    const key = { deviceId: deviceId[index] as number, metric: metric[index] as number };
    const name = `${key.deviceId} ${key.metric} ${Math.floor(at / DAY_MS)}`;
    const group = groups.get(name) ?? { ...key, indices: [], from: at, to: at };
    groups.set(name, group);
    group.indices.push(index);
    group.from = Math.min(group.from, at);
    group.to = Math.max(group.to, at);
  }
  return [...groups.values()].filter(({ indices }) => indices.length >= LEAST_PIECE);
}

/** What is new by time, of two the first; and what is refused. */
function judge({ time, value }: FreeReadings, indices: readonly number[], stored: ReadonlyMap<number, number>) {
  const news = new Map<number, number>();
  const refused: { index: number; kept: number }[] = [];
  for (const index of indices) {
    const at = time[index] as number;
    const kept = stored.get(at) ?? news.get(at);
    if (kept === undefined) news.set(at, value[index] as number);
    else if (kept !== value[index]) refused.push({ index, kept });
  }
  return { news, refused };
}

/** Rows of each group's time, by their time: one index range a group, whatever the planner believes. */
async function rowsWithin(client: pg.ClientBase, groups: readonly Group[]): Promise<Map<number, number>[]> {
  if (groups.length === 0) return [];
  const { rows } = await client.query<{ times: Buffer | null; values: Buffer | null }>({
    name: 'rows beside late readings',
    text: `SELECT array_send(own.times) AS times, array_send(own.values) AS values
      FROM unnest($1::int4[], $2::int2[], $3::timestamptz[], $4::timestamptz[])
        WITH ORDINALITY AS late (device_id, metric, "from", "to", nth)
      CROSS JOIN LATERAL (
        SELECT array_agg(r.time) AS times, array_agg(r.value) AS values FROM (
          SELECT time, value FROM readings
          WHERE readings.device_id = late.device_id AND readings.metric = late.metric
            AND readings.time >= late."from" AND readings.time <= late."to" OFFSET 0
        ) AS r
      ) AS own ORDER BY late.nth`,
    values: [
      int4Array(groups.map(({ deviceId }) => deviceId)),
      int2Array(groups.map(({ metric }) => metric)),
      timestamptzArray(groups.map(({ from }) => from)),
      timestamptzArray(groups.map(({ to }) => to)),
    ],
  });
  return rows.map(({ times, values }) => {
    const value = readFloat8Array(values);
    return new Map([...readTimestamptzArray(times)].map((time, i) => [time, value[i] as number]));
  });
}
