import { createHash } from 'node:crypto';
import { gtinOf, keysOf } from '../../codecs/epc/index.ts';
import { type Asn, type Epc, InputError, type Product } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';

/** A shipment's notice in force, as a correction of it needs it. */
export interface NoticeRecord {
  /** `arrives` is null where only events tell of the shipment: nobody has said it yet. */
  readonly asn: Omit<Asn, 'arrives'> & { readonly arrives: number | null };
  /** Digest of what it says; null where there is no notice. */
  readonly content: string | null;
  /** Who said it; null where there is no notice. */
  readonly by: string | null;
}

/** Equal for two notices that say the same. */
export function digestOf(asn: Asn): string {
  return createHash('sha256').update(JSON.stringify(asn)).digest('base64url');
}

/** The notice in force; of a shipment that only events tell of, what they say in a notice's form. null = no such shipment. */
export async function noticeOf(database: Database, id: string): Promise<NoticeRecord | null> {
  const { rows } = await database.query<{ asn: Asn | null; content: string | null; by: string | null }>(
    `SELECT f.fact -> 'asn' AS asn, s.content, s.noticed_by AS by FROM shipments s
       LEFT JOIN facts f ON s.is_noticed AND f.position = s.position AND f.type = 'asn'
     WHERE s.id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return row.asn === null ? derivedNotice(database, id) : { asn: row.asn, content: row.content, by: row.by };
}

async function derivedNotice(database: Database, id: string): Promise<NoticeRecord | null> {
  const [shipments, units, products] = await Promise.all([
    database.query<Omit<NoticeRecord['asn'], 'units' | 'products' | 'lane' | 'carrier'>>(
      'SELECT id, profile, origin, destination, departs, arrives FROM shipments WHERE id = $1',
      [id],
    ),
    database.query<{ sscc: Epc; from: number; children: Epc[] }>(
      `SELECT unit AS sscc, since AS "from",
         ARRAY(SELECT epc FROM shipment_lines l WHERE l.shipment = u.shipment AND l.unit = u.unit ORDER BY epc) AS children
       FROM shipment_units u WHERE shipment = $1 ORDER BY unit`,
      [id],
    ),
    database.query<Product>('SELECT gtin, name, lot, expiry FROM shipment_products WHERE shipment = $1 ORDER BY line', [
      id,
    ]),
  ]);
  const [shipment] = shipments.rows;
  if (shipment === undefined) return null;
  const listed = units.rows.map((unit) => ({ ...unit, devices: [] }));
  return { asn: { ...shipment, units: listed, products: products.rows }, content: null, by: null };
}

/**
 * Company prefixes of what a text names by GTIN, as serials of the same GTIN are known: scans of packs do not say theirs.
 *
 * @param given codes in any form; what is none is left out
 */
export async function prefixesKnownFor(database: Database, given: Iterable<string>): Promise<string[]> {
  const gtins = new Set<string>();
  for (const code of given) {
    const gtin = gtinIn(code);
    if (gtin !== null) gtins.add(gtin);
  }
  if (gtins.size === 0) return [];
  const { rows } = await database.query<{ epc: Epc }>(
    `SELECT s.epc FROM unnest($1::text[]) AS g (gtin)
       CROSS JOIN LATERAL (SELECT epc FROM serials WHERE serials.gtin = g.gtin LIMIT 1) AS s`,
    [[...gtins].slice(0, MOST_GTINS)],
  );
  return [...new Set(rows.flatMap(({ epc }) => (gtinOf(epc) === null ? [] : [prefixOf(epc)])))];
}

const MOST_GTINS = 1_000;

/** The company prefix of a pure identity URI. */
export function prefixOf(epc: Epc): string {
  return epc.split(':').at(-1)?.split('.')[0] ?? '';
}

function gtinIn(code: string): string | null {
  try {
    const keys = keysOf(code);
    return keys !== null && 'gtin' in keys ? keys.gtin : null;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
