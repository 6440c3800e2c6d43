import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Effects, metricByCode, type ReadingColumns } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { clientOf } from '../effects.ts';
import { DeviceIds } from './device-ids.ts';
import { KeyTimes } from './key-times.ts';
import { CopyRows, float8Array, int2Array, int4Array, timestamptzArray } from './pack.ts';
import type { Partition } from './partition.ts';
import { PartitionManager } from './partitions.ts';
import { RollupMarks } from './rollup-marks.ts';
import { packedValuesOf } from './stored-identities.ts';

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
 * One writer at a time: the log gives its consumer's lock to one process. After a rollback, or when another process
 * may have written, call `forget`.
 */
export class ReadingStore {
  readonly #devices: DeviceIds;
  readonly #keys: KeyTimes;
  readonly #partitions: PartitionManager;

  /** @param options.partitions the process's own, so that what upkeep makes is known here at once */
  constructor(options: { database: Database; partitions?: PartitionManager }) {
    this.#devices = new DeviceIds(options);
    this.#keys = new KeyTimes(options);
    this.#partitions = options.partitions ?? new PartitionManager(options);
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
      const { copies, late } = await this.#sort(parts, ids, marks);
      await marks.write(client);
      let inserted = 0;
      for (const [partition, rows] of copies) {
        await copy(client, partition, rows.finish());
        inserted += rows.count;
      }
      if (late.part.length === 0) return { inserted, duplicates: 0, conflicts: [] };
      const { added, conflicts } = await insertLate(client, late, parts);
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
      for (let row = 0; row < count; row++) {
        const id = partIds[device[row] as number] as number;
        const code = metric[row] as number;
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

  /** Tells rows that cannot collide, per partition, from those that may. */
  async #sort(parts: readonly ReadingColumns[], ids: readonly Int32Array[], marks: RollupMarks): Promise<Sorted> {
    const total = parts.reduce((sum, { count }) => sum + count, 0);
    const copies = new Map<Partition, CopyRows>();
    const late: LateRows = { part: [], row: [], deviceId: [] };
    let partition: Partition | undefined;
    let rows: CopyRows | undefined;
    for (const [p, { count, device, metric, time, value }] of parts.entries()) {
      const partIds = ids[p] as Int32Array;
      for (let row = 0; row < count; row++) {
        const id = partIds[device[row] as number] as number;
        const code = metric[row] as number;
        const at = time[row] as number;
        if (partition === undefined || at < partition.from || at >= partition.to) {
          partition = await this.#partitions.partitionFor(at);
          rows = copies.get(partition);
        }
        marks.add(id, code, at);
        const slot = this.#keys.slot(id, code) as number;
        if (at > this.#keys.latest(slot)) {
          this.#keys.advance(slot, at);
          if (rows === undefined) {
            rows = new CopyRows(copies.size === 0 ? total : 256);
            copies.set(partition, rows);
          }
          rows.add(id, code, at, value[row] as number);
        } else {
          late.part.push(p);
          late.row.push(row);
          late.deviceId.push(id);
        }
      }
    }
    return { copies, late };
  }
}

interface Sorted {
  readonly copies: ReadonlyMap<Partition, CopyRows>;
  readonly late: LateRows;
}

/** Rows that may collide, by where they stand in the columns. */
interface LateRows {
  readonly part: number[];
  readonly row: number[];
  readonly deviceId: number[];
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

async function insertLate(
  client: pg.ClientBase,
  late: LateRows,
  parts: readonly ReadingColumns[],
): Promise<{ added: number; conflicts: ReadingConflict[] }> {
  const all = columnsOf(late, parts);
  // Until the commit no week can be packed now, so what is found packed, or not, stays so.
  await client.query('LOCK TABLE ONLY readings IN ACCESS SHARE MODE');
  const packed = await packedValuesOf(client, all);
  const indices = Array.from({ length: all.count }, (_, index) => index);
  const isFree = (index: number) => packed === null || Number.isNaN(packed[index]);
  const free = packed === null ? indices : indices.filter(isFree);
  const { added, refusals } = await insertFree(client, packed === null ? all : only(all, free));
  const refused = [
    ...indices.filter((index) => !isFree(index) && packed?.[index] !== all.value[index]),
    ...refusals.map(({ index }) => free[index] as number),
  ];
  const kept = new Map(refusals.map((refusal) => [free[refusal.index] as number, refusal.kept]));
  const conflicts = refused
    .sort((a, b) => a - b)
    .map((index) => conflictOf(late, parts, all, { index, kept: kept.get(index) ?? (packed?.[index] as number) }));
  return { added, conflicts };
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
