import type { Database } from '../../storage/index.ts';

/** What a simulated reader has seen, once each. */
export interface Seen {
  readonly epcHex: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Says what of it the platform does not have, has twice, or has that nobody saw. @returns how many a gap of the reader speaks for */
export async function countSightings(
  database: Database,
  { reader, seen }: { readonly reader: string; readonly seen: readonly Seen[] },
  { lost, doubled, differing }: Record<'lost' | 'doubled' | 'differing', string[]>,
): Promise<{ inGaps: number }> {
  const from = Math.min(...seen.map(({ at }) => at), Number.MAX_SAFE_INTEGER);
  const { rows } = await database.query<{ epc: string; at: number; reads: number }>(
    'SELECT epc_hex AS epc, first_seen::float8 AS at, count AS reads FROM sightings WHERE reader = $1 AND first_seen >= $2',
    [reader, from],
  );
  const { rows: gaps } = await database.query<{ since: number; until: number }>(
    'SELECT since::float8 AS since, until::float8 AS until FROM read_gaps WHERE reader = $1 AND until >= $2',
    [reader, from],
  );
  const stored = Map.groupBy(rows, ({ epc }) => epc);
  const known = new Set(seen.map(({ epcHex }) => epcHex));
  let inGaps = 0;
  for (const { epcHex, at } of seen) {
    const found = stored.get(epcHex) ?? [];
    if (found.length > 1) doubled.push(`tag ${epcHex}: ${found.map((one) => one.at).join(', ')}`);
    if (found.length > 0) continue;
    if (gaps.some(({ since, until }) => since <= at && at <= until)) inGaps++;
    else lost.push(`tag ${epcHex} at ${at}`);
  }
  for (const { epc, at } of rows) if (!known.has(epc)) differing.push(`tag ${epc} at ${at}, which nobody saw`);
  return { inGaps };
}
