import type pg from 'pg';
import type { EpcisKeys } from './event.ts';

/** What events name of these kinds is listed (EPCIS 2.0, section 12.5). */
export type EpcisWordKind = 'bizStep' | 'disposition' | 'readPoint' | 'bizLocation';

type Named = Pick<EpcisKeys, 'biz_step' | 'disposition' | 'read_point' | 'biz_location'>;

/** Keeps each word and place that these events name, once. */
export async function noteWords(client: pg.ClientBase, events: readonly Named[]): Promise<void> {
  const words = new Map<string, readonly [kind: EpcisWordKind, word: string]>();
  const note = (kind: EpcisWordKind, word: string | null) => {
    if (word !== null) words.set(`${kind} ${word}`, [kind, word]);
  };
  for (const { biz_step, disposition, read_point, biz_location } of events) {
    note('bizStep', biz_step);
    note('disposition', disposition);
    note('readPoint', read_point);
    note('bizLocation', biz_location);
  }
  if (words.size === 0) return;
  const found = [...words.values()];
  // One that is there already is not touched: writers of different events do not wait for each other.
  await client.query(
    `INSERT INTO epcis_words (kind, word)
     SELECT n.kind, n.word FROM unnest($1::text[], $2::text[]) AS n (kind, word)
     WHERE NOT EXISTS (SELECT FROM epcis_words w WHERE w.kind = n.kind AND w.word = n.word)
     ORDER BY n.kind, n.word ON CONFLICT DO NOTHING`,
    [found.map(([kind]) => kind), found.map(([, word]) => word)],
  );
}
