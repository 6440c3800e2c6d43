import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import {
  type Effects,
  type KeyReadings,
  metricByCode,
  type ReadingColumns,
  type TimeSource,
} from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { clientOf } from '../effects.ts';
import { sharePacking } from '../packed/packing-lock.ts';
import { DeviceIds } from './device-ids.ts';
import { KeyTimes } from './key-times.ts';
import { CopyRows, float8Array, int2Array, int4Array, timestamptzArray } from './pack.ts';
import { isOfAWeek, type Partition } from './partition.ts';
import { PartitionManager } from './partitions.ts';
import { addStretches, KeyColumns, LEAST_PIECE, latePieces, OLD_MS, stretchesOf } from './pieces.ts';
import { RollupMarks } from './rollup-marks.ts';
import { packedDaysOf } from './stored-identities.ts';

/** A reading whose identity (device, metric, time) is taken by another value. Times epoch ms UTC. */
export interface ReadingConflict {
  readonly device: string;
  readonly metric: string;
  readonly time: number;
  /** The value that was first in the log and stays. */
  readonly kept: number;
  readonly refused: number;
  /** Which of the columns handed over, and which of its rows. */
  readonly part: number;
  readonly row: number;
}

export interface StoredReadings {
  readonly inserted: number;
  /** Same identity, same value: nothing to do. */
  readonly duplicates: number;
  readonly conflicts: readonly ReadingConflict[];
}

/**
 * Writes readings, each identity once, the first in the order handed over.
 *
 * Rows newer than everything stored for their key cannot collide and go by plain binary COPY straight into their
 * partition; the others, few in live operation, are inserted where their identity is free. Handing over the same
 * columns again changes nothing.
 *
 * Where weeks are packed, many old readings of a key that come together, a device's backlog, become stretches at once
 * (`pieces.ts`). While somebody packs, or deletes of what is packed, they are rows as all others.
 *
 * One writer at a time: the log gives its consumer's lock to one process. After a rollback, or when another process
 * may have written, call `forget`.
 */
export class ReadingStore {
  readonly #devices: DeviceIds;
  readonly #keys: KeyTimes;
  readonly #partitions: PartitionManager;
  readonly #packs: Pick<TimeSource, 'now'> | null;
  /** For the next batch; null while one is under way. */
  #spare: KeyColumns | null = new KeyColumns();

  /**
   * @param options.partitions the process's own, so that what upkeep makes is known here at once
   * @param options.packs given, backlogs are packed at once; what is old is told by it
   */
  constructor(options: { database: Database; partitions?: PartitionManager; packs?: Pick<TimeSource, 'now'> | null }) {
    this.#devices = new DeviceIds(options);
    this.#keys = new KeyTimes(options);
    this.#partitions = options.partitions ?? new PartitionManager(options);
    this.#packs = options.packs ?? null;
  }

  /** @param columns of one record, or of several in log order: the more rows at once, the faster (5,000 is plenty) */
  async insert(effects: Effects, columns: ReadingColumns | readonly ReadingColumns[]): Promise<StoredReadings> {
    const client = clientOf(effects);
    const parts = 'count' in columns ? [columns] : columns;
    try {
      // Before this transaction has touched `readings`: making a partition needs locks that it would hold.
      await this.#makePartitions(parts);
      const marks = await RollupMarks.begin(client);
      const ids: Int32Array[] = [];
      for (const part of parts) ids.push(await this.#devices.idsOf(part.devices));
      await this.#loadKeys(client, parts, ids);
      const { copies, old, late } = await this.#sort(parts, ids, marks);
      await marks.write(client);
      const now = this.#packs?.now() ?? 0;
      const { many, few } = old.split(LEAST_PIECE);
      const mayPack = (many.length > 0 || late.olds >= LEAST_PIECE) && (await sharePacking(client));
      const stretches = mayPack ? many.flatMap((key) => stretchesOf(key, key.readings)) : [];
      for (const { deviceId, metric, readings } of mayPack ? few : [...many, ...few]) {
        await this.#copyOf(copies, deviceId, metric, readings);
      }
      old.clear();
      this.#spare = old;
      await addStretches(client, stretches, now);
      let inserted = stretches.reduce((sum, { readings }) => sum + readings, 0);
      for (const [partition, rows] of copies) {
        await copy(client, partition, rows.finish());
        inserted += rows.count;
      }
      if (late.part.length === 0) return { inserted, duplicates: 0, conflicts: [] };
      const { added, conflicts } = await insertLate(client, late, parts, mayPack ? now : null);
      const duplicates = late.part.length - added - conflicts.length;
      return { inserted: inserted + added, duplicates, conflicts };
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Drops what is remembered of the tables; the next insert asks them again. */
  forget(): void {
    this.#keys.forget();
    this.#partitions.forget();
  }

  async #loadKeys(client: pg.ClientBase, parts: readonly ReadingColumns[], ids: readonly Int32Array[]): Promise<void> {
    const unknown = new Set<number>();
    for (const [p, { count, device, metric }] of parts.entries()) {
      const partIds = ids[p] as Int32Array;
      // Neighbouring rows are mostly of one key: what is known of it is asked for once.
      let [lastDevice, lastCode] = [-1, -1];
      for (let row = 0; row < count; row++) {
        const index = device[row] as number;
        const code = metric[row] as number;
        if (index === lastDevice && code === lastCode) continue;
        lastDevice = index;
        lastCode = code;
        const id = partIds[index] as number;
        if (this.#keys.slot(id, code) === undefined) unknown.add(id * 256 + code);
      }
    }
    if (unknown.size === 0) return;
    const keys = [...unknown];
    await this.#keys.load(
      client,
      keys.map((key) => Math.floor(key / 256)),
      keys.map((key) => key % 256),
    );
  }

  async #makePartitions(parts: readonly ReadingColumns[]): Promise<void> {
    let partition: Partition | undefined;
    for (const { count, time } of parts) {
      for (let row = 0; row < count; row++) {
        const at = time[row] as number;
        if (partition !== undefined && at >= partition.from && at < partition.to) continue;
        partition = await this.#partitions.partitionFor(at);
      }
    }
  }

  /** Adds readings of a key to what is copied. */
  async #copyOf(
    copies: Map<Partition, CopyRows>,
    deviceId: number,
    metric: number,
    { count, time, value }: KeyReadings,
  ): Promise<void> {
    let partition: Partition | undefined;
    let rows: CopyRows | undefined;
    for (let i = 0; i < count; i++) {
      const at = time[i] as number;
      if (partition === undefined || rows === undefined || at < partition.from || at >= partition.to) {
        partition = await this.#partitions.partitionFor(at);
        rows = copies.get(partition) ?? new CopyRows(256);
        copies.set(partition, rows);
      }
      rows.add(deviceId, metric, at, value[i] as number);
    }
  }

  /** Tells readings that cannot collide, new ones per partition and old ones by key, from those that may. */
  async #sort(parts: readonly ReadingColumns[], ids: readonly Int32Array[], marks: RollupMarks): Promise<Sorted> {
    const total = parts.reduce((sum, { count }) => sum + count, 0);
    const copies = new Map<Partition, CopyRows>();
    const old = this.#spare ?? new KeyColumns();
    this.#spare = null;
    const late: LateRows = { part: [], row: [], deviceId: [], isOld: [], olds: 0 };
    const border = this.#packs === null ? Number.NEGATIVE_INFINITY : this.#packs.now() - OLD_MS;
    let partition: Partition | undefined;
    let rows: CopyRows | undefined;
    // Until when times of the partition are old enough to be packed.
    let oldUntil = Number.NEGATIVE_INFINITY;
    for (const [p, { count, device, metric, time, value }] of parts.entries()) {
      const partIds = ids[p] as Int32Array;
      let [lastId, lastCode, slot] = [-1, -1, -1];
      for (let row = 0; row < count; row++) {
        const id = partIds[device[row] as number] as number;
        const code = metric[row] as number;
        const at = time[row] as number;
        if (partition === undefined || at < partition.from || at >= partition.to) {
          partition = await this.#partitions.partitionFor(at);
          rows = copies.get(partition);
          oldUntil = isOfAWeek(partition) ? border : Number.NEGATIVE_INFINITY;
        }
        marks.add(id, code, at);
        if (id !== lastId || code !== lastCode) {
          slot = this.#keys.slot(id, code) as number;
          lastId = id;
          lastCode = code;
        }
        if (at > this.#keys.latest(slot)) {
          this.#keys.advance(slot, at);
          if (at < oldUntil) {
            old.add(id, code, at, value[row] as number);
            continue;
          }
          if (rows === undefined) {
            rows = new CopyRows(copies.size === 0 ? total : 256);
            copies.set(partition, rows);
          }
          rows.add(id, code, at, value[row] as number);
        } else {
          late.part.push(p);
          late.row.push(row);
          late.deviceId.push(id);
          late.isOld.push(at < oldUntil);
          if (at < oldUntil) late.olds++;
        }
      }
    }
    return { copies, old, late };
  }
}

interface Sorted {
  readonly copies: Map<Partition, CopyRows>;
  /** Ascending. */
  readonly old: KeyColumns;
  readonly late: LateRows;
}

/** Rows that may collide, by where they stand in the columns. */
interface LateRows {
  readonly part: number[];
  readonly row: number[];
  readonly deviceId: number[];
  /** Whether it may be packed. */
  readonly isOld: boolean[];
  olds: number;
}

function copy(client: pg.ClientBase, { table }: Partition, rows: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = client.query(copyFrom(`COPY ${table} (device_id, metric, time, value) FROM STDIN (FORMAT binary)`));
    stream.on('error', reject);
    stream.on('finish', resolve);
    stream.end(rows);
  });
}

/**
 * `kept` is what is stored, else what comes first in this batch. The lookup is LATERAL with LIMIT so that it stays one
 * index probe a row whatever the planner believes of a partition it has no statistics for.
 */
const INSERT_LATE = `
  WITH late AS MATERIALIZED (
    SELECT * FROM unnest($1::int4[], $2::int2[], $3::timestamptz[], $4::float8[])
      WITH ORDINALITY AS late (device_id, metric, time, value, nth)
  ), first AS MATERIALIZED (
    SELECT DISTINCT ON (device_id, metric, time) * FROM late ORDER BY device_id, metric, time, nth
  ), added AS (
    INSERT INTO readings SELECT device_id, metric, time, value FROM first ON CONFLICT DO NOTHING RETURNING 1
  ), judged AS (
    SELECT late.nth, late.value AS refused, coalesce(stored.value, first.value) AS kept
    FROM late JOIN first USING (device_id, metric, time) LEFT JOIN LATERAL (
      SELECT value FROM readings r
      WHERE r.device_id = late.device_id AND r.metric = late.metric AND r.time = late.time LIMIT 1
    ) AS stored ON true
  )
  SELECT (SELECT count(*)::int FROM added) AS added,
    (SELECT json_agg(json_build_object('nth', nth, 'kept', kept) ORDER BY nth) FROM judged WHERE kept <> refused)
      AS conflicts`;

/** Readings that may collide, as columns in the order of the log. */
interface LateColumns {
  readonly count: number;
  readonly deviceId: Int32Array;
  readonly metric: Int16Array;
  readonly time: Float64Array;
  readonly value: Float64Array;
}

/** Of one of the late rows, by where it stands among them. */
interface Refusal {
  readonly index: number;
  readonly kept: number;
}

/** @param packsAt epoch ms UTC; null: nothing is packed now */
async function insertLate(
  client: pg.ClientBase,
  late: LateRows,
  parts: readonly ReadingColumns[],
  packsAt: number | null,
): Promise<{ added: number; conflicts: ReadingConflict[] }> {
  const all = columnsOf(late, parts);
  // Until the commit no week can be packed now, so what is found packed, or not, stays so.
  await client.query('LOCK TABLE ONLY readings IN ACCESS SHARE MODE');
  const days = await packedDaysOf(client, all);
  /** By which of them is refused. */
  const kept = new Map<number, number>();
  let free = Array.from({ length: all.count }, (_, index) => index);
  if (!days.isEmpty) {
    free = free.filter((index) => {
      const value = days.value(all.deviceId[index] as number, all.metric[index] as number, all.time[index] as number);
      if (!Number.isNaN(value) && value !== all.value[index]) kept.set(index, value);
      return Number.isNaN(value);
    });
  }
  let added = 0;
  if (packsAt !== null && late.olds >= LEAST_PIECE) {
    const isOld = (index: number) => late.isOld[free[index] as number] === true;
    const pieces = await latePieces(client, only(all, free), isOld, days);
    await addStretches(client, pieces.stretches, packsAt);
    for (const refusal of pieces.refused) kept.set(free[refusal.index] as number, refusal.kept);
    added += pieces.added;
    free = pieces.rest.map((index) => free[index] as number);
  }
  const rows = await insertFree(client, free.length === all.count ? all : only(all, free));
  for (const refusal of rows.refusals) kept.set(free[refusal.index] as number, refusal.kept);
  const conflicts = [...kept]
    .sort(([a], [b]) => a - b)
    .map(([index, value]) => conflictOf(late, parts, all, { index, kept: value }));
  return { added: added + rows.added, conflicts };
}

/** Where no stretch holds their time. */
async function insertFree(
  client: pg.ClientBase,
  { count, deviceId, metric, time, value }: LateColumns,
): Promise<{ added: number; refusals: Refusal[] }> {
  if (count === 0) return { added: 0, refusals: [] };
  const result = await client.query<{ added: number; conflicts: { nth: number; kept: number }[] | null }>({
    name: 'insert late readings',
    text: INSERT_LATE,
    values: [int4Array(deviceId), int2Array(metric), timestamptzArray(time), float8Array(value)],
  });
  const { added, conflicts } = result.rows[0] ?? { added: 0, conflicts: null };
  return { added, refusals: (conflicts ?? []).map(({ nth, kept }) => ({ index: nth - 1, kept })) };
}

function columnsOf(late: LateRows, parts: readonly ReadingColumns[]): LateColumns {
  const count = late.part.length;
  const metric = new Int16Array(count);
  const time = new Float64Array(count);
  const value = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const part = parts[late.part[i] as number] as ReadingColumns;
    const row = late.row[i] as number;
    metric[i] = part.metric[row] as number;
    time[i] = part.time[row] as number;
    value[i] = part.value[row] as number;
  }
  return { count, deviceId: Int32Array.from(late.deviceId), metric, time, value };
}

function only({ deviceId, metric, time, value }: LateColumns, indices: readonly number[]): LateColumns {
  return {
    count: indices.length,
    deviceId: Int32Array.from(indices, (i) => deviceId[i] as number),
    metric: Int16Array.from(indices, (i) => metric[i] as number),
    time: Float64Array.from(indices, (i) => time[i] as number),
    value: Float64Array.from(indices, (i) => value[i] as number),
  };
}

function conflictOf(
  late: LateRows,
  parts: readonly ReadingColumns[],
  { metric, time, value }: LateColumns,
  { index, kept }: Refusal,
): ReadingConflict {
  const part = late.part[index] as number;
  const row = late.row[index] as number;
  const columns = parts[part] as ReadingColumns;
  return {
    device: columns.devices[columns.device[row] as number] as string,
    metric: metricByCode(metric[index] as number)?.name ?? String(metric[index]),
    time: time[index] as number,
    ...{ kept, refused: value[index] as number, part, row },
  };
}
