import type { Effects, RefusalCount } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { clientOf } from '../effects.ts';
import { timestamp } from '../types.ts';

/** How much of whom was refused, and why, for the page of a device that has nothing else to show. */
export class RefusalStore {
  readonly #database: Database;

  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  /** Adds to what is counted already: once for each record, in the transaction of the consumer's checkpoint. */
  async add(effects: Effects, counts: readonly RefusalCount[]): Promise<void> {
    const merged = merge(counts);
    if (merged.length === 0) return;
    await clientOf(effects).query(
      `INSERT INTO refusals (source, reason, count, first_at, last_at, topic, detail)
       SELECT source, reason, count, first_at, last_at, topic, detail
       FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[])
         AS counted (source, reason, count, first_at, last_at, topic, detail)
       ON CONFLICT (source, reason) DO UPDATE SET
         count = refusals.count + excluded.count,
         first_at = least(refusals.first_at, excluded.first_at),
         last_at = greatest(refusals.last_at, excluded.last_at),
         topic = excluded.topic, detail = excluded.detail`,
      [
        merged.map(({ source }) => clean(source)),
        merged.map(({ reason }) => reason),
        merged.map(({ count }) => count),
        merged.map(({ from }) => timestamp(from)),
        merged.map(({ to }) => timestamp(to)),
        merged.map(({ topic }) => clean(topic)),
        merged.map(({ detail }) => clean(detail)),
      ],
    );
  }

  /** What was refused of these sources, the latest first. */
  async of(sources: readonly string[]): Promise<readonly RefusalCount[]> {
    const { rows } = await this.#database.query<Row>(
      `SELECT source, reason, count, first_at AS "from", last_at AS "to", topic, detail FROM refusals
       WHERE source = ANY($1::text[]) ORDER BY last_at DESC, reason`,
      [sources],
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /** Everyone of whom something was refused. */
  async sources(): Promise<readonly string[]> {
    // One step of the index a source: the table has a row for each reason as well.
    const { rows } = await this.#database.query<{ source: string }>(
      `WITH RECURSIVE names (source) AS (
         (SELECT source FROM refusals ORDER BY source LIMIT 1)
         UNION ALL
         SELECT (SELECT next.source FROM refusals next WHERE next.source > names.source ORDER BY next.source LIMIT 1)
         FROM names WHERE names.source IS NOT NULL
       )
       SELECT source FROM names WHERE source IS NOT NULL`,
    );
    return rows.map(({ source }) => source);
  }
}

interface Row extends Omit<RefusalCount, 'count'> {
  count: number | string;
}

/** One row a source and reason: an INSERT may not meet the same row twice. */
function merge(counts: readonly RefusalCount[]): RefusalCount[] {
  const merged = new Map<string, RefusalCount>();
  for (const counted of counts) {
    const key = `${counted.source} ${counted.reason}`;
    const before = merged.get(key);
    merged.set(
      key,
      before === undefined
        ? counted
        : {
            ...counted,
            count: before.count + counted.count,
            from: Math.min(before.from, counted.from),
            to: Math.max(before.to, counted.to),
          },
    );
  }
  // In one order everywhere, so that two writers cannot wait for each other.
  return [...merged.values()].sort((a, b) => (`${a.source} ${a.reason}` < `${b.source} ${b.reason}` ? -1 : 1));
}

/** Text of strangers may hold what PostgreSQL's text cannot: NUL, and halves of surrogate pairs. */
function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
