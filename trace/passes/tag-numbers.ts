import type pg from 'pg';
import { areTwoTags, mergeTids, type Portal, type Sighting } from '../../domain/index.ts';

/** The numbers of the tags that answered with one EPC, at a pass and the last time before it. */
export interface TagNumbers {
  readonly here: readonly string[];
  /** Of the latest sighting before the pass in which any number was read; null where there is none. */
  readonly before: { readonly at: number; readonly reader: string; readonly tids: readonly string[] } | null;
}

/** A sighting in which a number was read that was not known of it. */
export interface NumberHeard {
  readonly epcHex: string;
  readonly epcBits: number;
  readonly at: number;
}

/** So many of a sighting's own rows are looked at: four, merged from reports in any order. */
const MOST_ROWS = 16;

/**
 * Keeps the numbers that sightings carry. A sighting that is reported again with others keeps what `mergeTids` keeps of all.
 *
 * @returns of which sightings something new was heard
 */
export async function keepTagNumbers(
  client: pg.ClientBase,
  sightings: readonly Sighting[],
): Promise<readonly NumberHeard[]> {
  const rows = sightings.flatMap((one) => (one.tids ?? []).map((tid) => ({ ...one, tid })));
  if (rows.length === 0) return [];
  const { rows: added } = await client.query<{ epcHex: string; at: number }>(
    `WITH added AS (
       INSERT INTO tag_numbers (epc_hex, first_seen, reader, antenna, tid)
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::integer[], $5::text[])
       ON CONFLICT DO NOTHING RETURNING epc_hex, first_seen)
     SELECT DISTINCT epc_hex AS "epcHex", first_seen AS at FROM added`,
    [
      rows.map(({ epcHex }) => epcHex),
      rows.map(({ firstSeen }) => firstSeen),
      rows.map(({ reader }) => reader),
      rows.map(({ antenna }) => antenna),
      rows.map(({ tid }) => tid),
    ],
  );
  const bits = new Map(rows.map(({ epcHex, epcBits }) => [epcHex, epcBits]));
  return added.map((one) => ({ ...one, epcBits: bits.get(one.epcHex) ?? one.epcHex.length * 4 }));
}

/** What is known of the tags of some EPCs at a pass; without those of which no number was read here. By EPC memory. */
export async function tagNumbersAt(
  client: pg.ClientBase,
  portal: Portal,
  { from, to }: { readonly from: number; readonly to: number },
  epcHexes: readonly string[],
): Promise<ReadonlyMap<string, TagNumbers>> {
  const { rows: here } = await client.query<{ epcHex: string; tid: string }>(
    `SELECT n.epc_hex AS "epcHex", n.tid FROM unnest($1::text[]) AS e (epc_hex) CROSS JOIN LATERAL (
       SELECT * FROM tag_numbers t WHERE t.epc_hex = e.epc_hex AND t.first_seen >= $2 AND t.first_seen <= $3) AS n
     JOIN unnest($4::text[], $5::integer[]) AS a (reader, antenna) USING (reader, antenna)`,
    [
      ...[epcHexes, from, to, portal.antennas.map(({ reader }) => reader)],
      portal.antennas.map(({ antenna }) => antenna),
    ],
  );
  if (here.length === 0) return new Map();
  const read = Map.groupBy(here, ({ epcHex }) => epcHex);
  const { rows: before } = await client.query<{ epcHex: string; at: number; reader: string; tid: string }>(
    `SELECT e.epc_hex AS "epcHex", n.first_seen AS at, n.reader, n.tid
     FROM unnest($1::text[]) AS e (epc_hex) CROSS JOIN LATERAL (
       SELECT first_seen, reader, tid FROM tag_numbers t WHERE t.epc_hex = e.epc_hex AND t.first_seen < $2
       ORDER BY first_seen DESC, reader, antenna, tid LIMIT $3) AS n`,
    [[...read.keys()], from, MOST_ROWS],
  );
  const earlier = Map.groupBy(before, ({ epcHex }) => epcHex);
  return new Map(
    [...read].map(([epcHex, rows]): [string, TagNumbers] => {
      const [last] = earlier.get(epcHex) ?? [];
      const same = (earlier.get(epcHex) ?? []).filter(({ at }) => at === last?.at);
      const tids = rows.map(({ tid }) => tid);
      return [
        epcHex,
        {
          here: mergeTids(tids),
          before:
            last === undefined
              ? null
              : { at: last.at, reader: last.reader, tids: mergeTids(same.map(({ tid }) => tid)) },
        },
      ];
    }),
  );
}

/** Two tags answer with one EPC: two here, or another one than the last time. Which, in a sentence's order; null: none. */
export function otherTag({ here, before }: TagNumbers): { readonly tid: string; readonly other: string } | null {
  for (const [index, tid] of here.entries()) {
    const other = [...here.slice(index + 1), ...(before?.tids ?? [])].find((one) => areTwoTags(tid, one));
    if (other !== undefined) return { tid, other };
  }
  return null;
}
