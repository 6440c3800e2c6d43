import type { ReadDatabase } from '../database.ts';
import { timestamp } from '../types.ts';
import { bucketed } from './bucketed.ts';
import { coverage, divided, type RollupState, type Span } from './coverage.ts';
import { MOST_OF_A_STRETCH, unpackedWithin } from './packed-columns.ts';
import { DAY_MS } from './rollup-marks.ts';
import { SPARSE_HOUR } from './rollups.ts';

/** What a key measured in one bucket [time, time + width). */
export interface ReadingBucket {
  readonly time: number;
  readonly n: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

const HOUR_MS = 3_600_000;

/** Widths in ms, aligned to the epoch (days are UTC days). */
export const RESOLUTIONS = { '1m': 60_000, '1h': HOUR_MS, '1d': DAY_MS } as const;
export type Resolution = keyof typeof RESOLUTIONS;

const WIDTHS: Readonly<Record<Resolution, string>> = { '1m': '1 minute', '1h': '1 hour', '1d': '1 day' };

/** One key's buckets: from the rollups where they hold, from the readings where they do not yet. */
export class Buckets {
  readonly #database: ReadDatabase;

  constructor(options: { database: ReadDatabase }) {
    this.#database = options.database;
  }

  /** Where the first reading at or after `from` lies, or the bucket of one that has been dropped since; null = none. */
  async first(deviceId: number, metric: number, { from, to }: Span): Promise<number | null> {
    const { rows } = await this.#ask<{ first: number | null }>('first reading or rollup', FIRST, [
      deviceId,
      metric,
      timestamp(from),
      timestamp(to),
    ]);
    const first = rows[0]?.first ?? null;
    return first === null ? null : Math.max(first, from);
  }

  /** Ascending; without those that have no reading. The first and last hold only what lies in the span. */
  async read(deviceId: number, metric: number, span: Span, resolution: Resolution): Promise<ReadingBucket[]> {
    const key = [deviceId, metric];
    const state = await this.state(deviceId, metric, span);
    let { rolled, live } = coverage(span, RESOLUTIONS[resolution], state);
    if (resolution === '1m' && rolled.length > 0) {
      const { rows } = await this.#ask<Span>('dense hours', DENSE, [...key, ...arraysOf(rolled)]);
      const { inside, outside } = divided(rolled, rows);
      rolled = inside;
      live = [...live, ...outside];
    }
    const { rows } = await this.#ask<BucketRow>(`buckets of ${resolution}`, bucketsOf(resolution), [
      ...key,
      ...arraysOf(rolled),
      ...arraysOf(live),
    ]);
    const made: ReadingBucket[] = rows.flatMap((row) =>
      row.packed === null ? [{ time: row.time, n: row.n, min: row.min, mean: row.mean, max: row.max }] : [],
    );
    if (made.length === rows.length) return made;
    const packed = rows.flatMap((row) => {
      if (row.packed === null) return [];
      const { nth, since, packed } = row;
      const readings = unpackedWithin({ deviceId, metric }, Float64Array.of(since), [packed], live[nth - 1] as Span);
      return bucketed(readings, RESOLUTIONS[resolution]);
    });
    return joined([...made, ...packed.map(({ time, n, min, sum, max }) => ({ time, n, min, mean: sum / n, max }))]);
  }

  /** How far the rollups of a key hold in a span. */
  async state(deviceId: number, metric: number, { from, to }: Span): Promise<RollupState> {
    const { rows } = await this.#ask<{ rolled: number; kept: number; marked: number[] | null }>('rollup state', STATE, [
      deviceId,
      metric,
      timestamp(from),
      timestamp(to),
    ]);
    const { rolled, kept, marked } = rows[0] ?? {
      rolled: Number.NEGATIVE_INFINITY,
      kept: Number.NEGATIVE_INFINITY,
      marked: null,
    };
    return { rolled, kept, marked: marked ?? [] };
  }

  /** Prepared by name, as in history.ts: planning over many partitions takes longer than reading. */
  async #ask<Row extends object>(name: string, text: string, values: unknown[]): Promise<{ rows: Row[] }> {
    return this.#database.read((client) => client.query<Row>({ name, text, values }));
  }
}

const STATE = `
  SELECT rolled, kept, (
    SELECT array_agg(DISTINCT day ORDER BY day) FROM rollup_marks
    WHERE device_id = $1 AND metric = $2 AND day > $3::timestamptz - interval '1 day' AND day < $4
  ) AS marked FROM rollup_state`;

const FIRST = `
  SELECT least((SELECT time FROM first_reading($1, $2, $3, $4)),
    (SELECT time FROM readings_1h
      WHERE device_id = $1 AND metric = $2 AND time > $3::timestamptz - interval '1 hour'
        AND time < least($4, (SELECT kept FROM rollup_state)) ORDER BY time LIMIT 1)
  ) AS first`;

const DENSE = `
  SELECT hour.time AS "from", hour.time + interval '1 hour' AS "to"
  FROM unnest($3::timestamptz[], $4::timestamptz[]) AS span ("from", "to") CROSS JOIN LATERAL (
    SELECT time, n FROM readings_1h
    WHERE device_id = $1 AND metric = $2 AND time > span."from" - interval '1 hour' AND time < span."to"
  ) AS hour WHERE n > ${SPARSE_HOUR} ORDER BY 1`;

function bucketsOf(resolution: Resolution): string {
  return `
  SELECT bucket.time, n, min, sum / n AS mean, max, NULL::int AS nth, NULL::timestamptz AS since, NULL::bytea AS packed
  FROM unnest($3::timestamptz[], $4::timestamptz[]) AS span ("from", "to") CROSS JOIN LATERAL (
    SELECT time, n, min, sum, max FROM readings_${resolution}
    WHERE device_id = $1 AND metric = $2 AND time >= span."from" AND time < span."to"
  ) AS bucket
  UNION ALL
  SELECT bucket.*, NULL, NULL, NULL FROM unnest($5::timestamptz[], $6::timestamptz[]) AS span ("from", "to") CROSS JOIN LATERAL (
    SELECT date_bin('${WIDTHS[resolution]}', time, 'epoch') AS time, count(*)::int AS n, min(value),
      avg(value) AS mean, max(value)
    FROM readings WHERE device_id = $1 AND metric = $2 AND time >= span."from" AND time < span."to" GROUP BY 1
  ) AS bucket
  UNION ALL
  SELECT since, NULL, NULL, NULL, NULL, nth::int, since, packed
  FROM unnest($5::timestamptz[], $6::timestamptz[]) WITH ORDINALITY AS span ("from", "to", nth) CROSS JOIN LATERAL (
    SELECT since, packed FROM packed_readings
    WHERE device_id = $1 AND metric = $2 AND since > span."from" - ${MOST_OF_A_STRETCH} AND since < span."to" OFFSET 0
  ) AS stretch
  ORDER BY time`;
}

/** A bucket, or a stretch that reaches into the nth of the spans that have no rollups, from 1. */
type BucketRow =
  | (ReadingBucket & { readonly packed: null })
  | { readonly nth: number; readonly since: number; readonly packed: Buffer };

/** One bucket for each time: late readings of a packed day are rows until they are packed too. */
function joined(buckets: ReadingBucket[]): ReadingBucket[] {
  const result: ReadingBucket[] = [];
  for (const bucket of buckets.sort((a, b) => a.time - b.time)) {
    const last = result.at(-1);
    if (last?.time !== bucket.time) {
      result.push(bucket);
      continue;
    }
    const n = last.n + bucket.n;
    result[result.length - 1] = {
      ...{ time: last.time, n, min: Math.min(last.min, bucket.min), max: Math.max(last.max, bucket.max) },
      mean: (last.n * last.mean + bucket.n * bucket.mean) / n,
    };
  }
  return result;
}

function arraysOf(spans: readonly Span[]): [string[], string[]] {
  return [spans.map(({ from }) => timestamp(from)), spans.map(({ to }) => timestamp(to))];
}
