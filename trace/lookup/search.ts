import { checkDigit, gtin14, keysOf, parseEpc, ssccOf } from '../../codecs/epc/index.ts';
import { type Epc, InputError, type SeenFrom } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { isSeenFrom } from '../shipments/index.ts';

/** Goods found by a name: shipments, units, serials, lots and products, each a few. */
export interface FoundGoods {
  readonly shipments: readonly { readonly id: string; readonly state: string }[];
  readonly units: readonly { readonly epc: Epc; readonly sscc: string | null; readonly shipment: string | null }[];
  readonly serials: readonly {
    readonly epc: Epc;
    readonly gtin: string;
    readonly serial: string;
    readonly lot: string | null;
  }[];
  readonly lots: readonly { readonly lot: string; readonly gtin: string }[];
  readonly products: readonly { readonly gtin: string; readonly name: string | null }[];
}

/**
 * Looks a text up as everything it can be: the beginning of a shipment's id, a lot, a serial or a word of a product's
 * name, in any case; a GTIN of 8 to 14 digits; an SSCC or SGTIN as URN, hex, element string or Digital Link, or as a
 * label prints it; and the parts of an EPC that a list shows. Each question goes by an index.
 * @param text trimmed, not empty
 * @param most of each kind
 */
export async function searchGoods(
  database: Database,
  text: string,
  most: number,
  seenFrom: SeenFrom,
): Promise<FoundGoods> {
  const folded = text.toLowerCase();
  const { epc, ssccs, gtin, keys } = readingsOf(text);
  const range = [folded, `${folded}\u{10FFFF}`, most];
  const [shipments, units, serials, lots, products] = await Promise.all([
    database.query<FoundGoods['shipments'][number]>(
      `SELECT id, state FROM shipments WHERE lower(id) COLLATE "C" >= $1 AND lower(id) COLLATE "C" < $2
         AND ${isSeenFrom('shipments.id', '$4')} ORDER BY lower(id) COLLATE "C" LIMIT $3`,
      [...range, seenFrom],
    ),
    database.query<{ epc: Epc; shipment: string | null }>(
      `SELECT unit AS epc, max(shipment) FILTER (WHERE ${isSeenFrom('shipment_units.shipment', '$4')}) AS shipment FROM shipment_units
       WHERE (unit = ANY ($1) OR split_part(unit, '.', 2) COLLATE "C" = $2)
         AND ($4::text[] IS NULL OR goods_seen_from(unit, $4::text[])) GROUP BY unit LIMIT $3`,
      [ssccs, text, most, seenFrom],
    ),
    serialsNamed(database, { epc, folded, keys, most, seenFrom }),
    lotsNamed(database, folded, range, seenFrom),
    productsNamed(database, { gtin, folded, most, seenFrom }),
  ]);
  return {
    shipments: shipments.rows,
    units: units.rows.map((unit) => ({ ...unit, sscc: ssccOf(unit.epc) })),
    ...{ serials, lots, products },
  };
}

interface Keys {
  readonly gtin: string;
  readonly serial: string;
}

/** What codes the text can be read as. */
function readingsOf(text: string): { epc: Epc | null; ssccs: Epc[]; gtin: string | null; keys: Keys | null } {
  const read = attempt(() => keysOf(text));
  const epc = attempt(() => parseEpc(text));
  const digits = text.replace(/[\s()]/g, '').replace(/^00(?=\d{18}$)/, '');
  const ssccs = [
    ...(epc === null ? [] : [epc]),
    ...(read !== null && 'sscc' in read ? splitsOf(read.sscc) : []),
    ...(/^\d{18}$/.test(digits) ? splitsOf(digits) : []),
  ];
  return {
    ...{ epc, ssccs },
    gtin: /^(\d{8}|\d{12,14})$/.test(digits) ? attempt(() => gtin14(digits)) : null,
    keys: read !== null && 'gtin' in read ? read : null,
  };
}

/** An SSCC does not say where its company prefix ends (6 to 12 digits): each EPC it can be. GS1 TDS, 6.3.2. */
function splitsOf(digits: string): Epc[] {
  const body = digits.slice(0, 17);
  if (checkDigit(body) !== Number(digits[17])) return [];
  const [extension, rest] = [body.slice(0, 1), body.slice(1)];
  return [6, 7, 8, 9, 10, 11, 12].map(
    (length) => `urn:epc:id:sscc:${rest.slice(0, length)}.${extension}${rest.slice(length)}` as Epc,
  );
}

interface SerialWish {
  readonly epc: Epc | null;
  readonly folded: string;
  readonly keys: Keys | null;
  readonly most: number;
  readonly seenFrom: SeenFrom;
}

/** Whoever is bound to sites is shown what is theirs among this many of a name: a longer name finds the others. */
const MOST_LOOKED_AT = 1_000;

/** By GTIN and serial, by EPC, by the beginning of the serial, or by `reference.serial` as lists show it. */
async function serialsNamed(database: Database, { epc, folded, keys, most, seenFrom }: SerialWish) {
  const part = /^\d+\.(.+)$/.exec(folded)?.[1] ?? folded;
  const { rows } = await database.query<FoundGoods['serials'][number]>(
    `SELECT * FROM (SELECT epc, gtin, serial, lot FROM serials WHERE epc = $1
     UNION SELECT epc, gtin, serial, lot FROM serials
       WHERE gtin = $2 AND lower(serial) COLLATE "C" = lower($3) AND serial = $3
     UNION (SELECT epc, gtin, serial, lot FROM serials
       WHERE lower(serial) COLLATE "C" >= $4 AND lower(serial) COLLATE "C" < $5
         AND ($4 = $6 OR right(lower(epc), length($6)) = $6) ORDER BY lower(serial) COLLATE "C" LIMIT $8)) AS named
     WHERE $9::text[] IS NULL OR goods_seen_from(epc, $9::text[]) LIMIT $7`,
    [
      ...[epc, keys?.gtin ?? null, keys?.serial ?? null, part, `${part}\u{10FFFF}`, folded, most],
      ...[seenFrom === null ? most : MOST_LOOKED_AT, seenFrom],
    ],
  );
  return rows;
}

async function lotsNamed(database: Database, folded: string, range: readonly unknown[], seenFrom: SeenFrom) {
  const { rows } = await database.query<{ lot: string; gtin: string }>(
    `SELECT DISTINCT lot, gtin FROM shipment_products
     WHERE lower(lot) COLLATE "C" >= $1 AND lower(lot) COLLATE "C" < $2 AND ${isSeenFrom('shipment_products.shipment', '$4')} LIMIT $3`,
    [...range, seenFrom],
  );
  const made = await database.query<{ lot: string; gtin: string }>(
    `SELECT lot, gtin FROM (SELECT epc, lot, gtin FROM serials WHERE lower(lot) COLLATE "C" = $1 LIMIT $2) AS made
     WHERE $3::text[] IS NULL OR goods_seen_from(epc, $3::text[]) LIMIT 1`,
    [folded, seenFrom === null ? 1 : MOST_LOOKED_AT, seenFrom],
  );
  const others = made.rows.filter((one) => !rows.some(({ lot, gtin }) => lot === one.lot && gtin === one.gtin));
  return [...rows, ...others];
}

async function productsNamed(
  database: Database,
  {
    gtin,
    folded,
    most,
    seenFrom,
  }: {
    readonly gtin: string | null;
    readonly folded: string;
    readonly most: number;
    readonly seenFrom: SeenFrom;
  },
) {
  const words = folded.match(/[\p{L}\p{N}]+/gu) ?? [];
  const query = words.map((word) => `${word}:*`).join(' & ');
  const { rows } = await database.query<{ gtin: string; name: string | null }>(
    `SELECT gtin, max(name) AS name FROM (
       SELECT gtin, name FROM products WHERE gtin = $1
       UNION ALL (SELECT gtin, name FROM shipment_products WHERE gtin = $1 AND ${isSeenFrom('shipment_products.shipment', '$4')} LIMIT 1)
       UNION ALL (SELECT gtin, NULL FROM (SELECT epc, gtin FROM serials WHERE gtin = $1 LIMIT $5) AS made
         WHERE $4::text[] IS NULL OR goods_seen_from(epc, $4::text[]) LIMIT 1)
       UNION ALL (SELECT gtin, name FROM products WHERE to_tsvector('simple', name) @@ to_tsquery('simple', $2) LIMIT 100)
       UNION ALL (SELECT gtin, name FROM shipment_products
         WHERE to_tsvector('simple', name) @@ to_tsquery('simple', $2) AND ${isSeenFrom('shipment_products.shipment', '$4')} LIMIT 1000)
     ) AS named GROUP BY gtin ORDER BY gtin LIMIT $3`,
    [gtin, query, most, seenFrom, seenFrom === null ? 1 : MOST_LOOKED_AT],
  );
  return rows;
}

/** What is no such code is not found as one. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
