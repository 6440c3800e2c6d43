import type pg from 'pg';
import type { CompleteUntil } from '../../domain/index.ts';
import type { Queries } from '../client.ts';
import type { Reported } from './sightings.ts';

/** Up to when readers have uplinked all they saw, as the table has it; each is looked up once until it says more. */
export class Completeness {
  readonly #until = new Map<string, number | null>();

  async keep(client: pg.ClientBase, reported: readonly Reported<CompleteUntil>[]): Promise<void> {
    await keep(client, reported);
    for (const { report } of reported) this.#until.delete(report.reader);
  }

  /** Event time up to which every one of these readers has uplinked all it saw; null while one has not said. */
  async of(client: Queries, readers: Iterable<string>): Promise<number | null> {
    const wanted = [...new Set(readers)];
    const missing = wanted.filter((reader) => !this.#until.has(reader));
    if (missing.length > 0) {
      const { rows } = await client.query<{ reader: string; at: number }>(
        'SELECT reader, at FROM complete_until WHERE reader = ANY($1::text[])',
        [missing],
      );
      for (const reader of missing) this.#until.set(reader, null);
      for (const { reader, at } of rows) this.#until.set(reader, at);
    }
    let until: number | null = null;
    for (const reader of wanted) {
      const at = this.#until.get(reader) ?? null;
      if (at === null) return null;
      until = until === null ? at : Math.min(until, at);
    }
    return until;
  }
}

/** As {@link Completeness.of}, looked up now. */
export function completeUntil(client: Queries, readers: Iterable<string>): Promise<number | null> {
  return new Completeness().of(client, readers);
}

/** Completeness only grows. */
async function keep(client: pg.ClientBase, reported: readonly Reported<CompleteUntil>[]): Promise<void> {
  const latest = new Map<string, Reported<CompleteUntil>>();
  for (const one of reported) {
    const before = latest.get(one.report.reader);
    if (before === undefined || before.report.at < one.report.at) latest.set(one.report.reader, one);
  }
  const rows = [...latest.values()];
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO complete_until AS c (reader, at, position) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
     ON CONFLICT (reader) DO UPDATE SET at = excluded.at, position = excluded.position WHERE c.at < excluded.at`,
    [
      rows.map(({ report }) => report.reader),
      rows.map(({ report }) => report.at),
      rows.map(({ position }) => position),
    ],
  );
}
