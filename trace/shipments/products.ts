import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import type { ProductMaster, SeenFrom } from '../../domain/index.ts';
import { afterOf, type Database, type Page, pageOf } from '../../storage/index.ts';
import { limitOf, type PageRequest } from '../page.ts';

/**
 * The later log position wins. What is registered holds for all of time.
 * @returns shipments whose goods are judged by something else than before
 */
export async function keepProduct(
  client: pg.ClientBase,
  product: ProductMaster,
  position: number,
): Promise<readonly string[]> {
  const [before] = await judgedBy(client, product.gtin);
  const { gtin, name, profile, stability, valueClass = null, thermalMassMs = null } = product;
  await client.query(
    `INSERT INTO products AS p (gtin, name, profile, budget_ms, mkt_window_ms, value_class, thermal_mass_ms, position)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (gtin) DO UPDATE SET name = excluded.name, profile = excluded.profile, budget_ms = excluded.budget_ms,
       mkt_window_ms = excluded.mkt_window_ms, value_class = excluded.value_class,
       thermal_mass_ms = excluded.thermal_mass_ms, position = excluded.position WHERE p.position <= excluded.position`,
    [gtin, name, profile, stability.budgetMs, stability.mktWindowMs, valueClass, thermalMassMs, position],
  );
  const [after] = await judgedBy(client, gtin);
  if (isDeepStrictEqual(before, after)) return [];
  const { rows } = await client.query<{ shipment: string }>(
    'SELECT DISTINCT l.shipment FROM serials s JOIN shipment_lines l ON l.epc = s.epc WHERE s.gtin = $1',
    [gtin],
  );
  return rows.map(({ shipment }) => shipment);
}

/** What rules on goods ask of a product. */
async function judgedBy(client: pg.ClientBase, gtin: string): Promise<readonly unknown[]> {
  const asked = 'SELECT profile, budget_ms, mkt_window_ms, thermal_mass_ms FROM products WHERE gtin = $1';
  return (await client.query(asked, [gtin])).rows;
}

/** A product with the lots that serials of it are known by; for who is bound to sites, those that shipments seen list. */
export interface ProductRecord extends ProductMaster {
  readonly lots: readonly { readonly lot: string; readonly expiry: string | null; readonly serials: number }[];
}

export async function productList(database: Database, request: PageRequest): Promise<Page<ProductMaster>> {
  const limit = limitOf(request);
  const { rows } = await database.query<ProductRow>(
    `SELECT ${COLUMNS} FROM products WHERE $1::text IS NULL OR gtin > $1 ORDER BY gtin LIMIT $2`,
    [afterOf(request, ['text'])?.[0] ?? null, limit + 1],
  );
  return pageOf(rows.map(masterOf), limit, ({ gtin }) => [gtin]);
}

/** Those that are registered of some, by GTIN. @param gtins of 14 digits */
export async function productsOf(database: Database, gtins: readonly string[]): Promise<ProductMaster[]> {
  const { rows } = await database.query<ProductRow>(`SELECT ${COLUMNS} FROM products WHERE gtin = ANY ($1)`, [gtins]);
  return rows.map(masterOf);
}

/** @param gtin of 14 digits; null where neither a person nor a serial ever named it */
export async function productRecord(
  database: Database,
  gtin: string,
  seenFrom: SeenFrom,
): Promise<ProductRecord | null> {
  const { rows } = await database.query<ProductRow>(`SELECT ${COLUMNS} FROM products WHERE gtin = $1`, [gtin]);
  const [row] = rows;
  if (row === undefined) return null;
  const lots = await database.query<ProductRecord['lots'][number]>(
    `SELECT lot, min(expiry) AS expiry, count(*) AS serials FROM serials WHERE gtin = $1 AND lot IS NOT NULL
       AND ($2::text[] IS NULL OR EXISTS (SELECT FROM shipment_lines l JOIN shipment_places k ON k.shipment = l.shipment
         WHERE l.epc = serials.epc AND k.place = ANY ($2::text[])))
     GROUP BY lot ORDER BY lot LIMIT 1000`,
    [gtin, seenFrom],
  );
  return { ...masterOf(row), lots: lots.rows };
}

interface ProductRow {
  readonly gtin: string;
  readonly name: string;
  readonly profile: string | null;
  readonly budget_ms: number | null;
  readonly mkt_window_ms: number | null;
  readonly value_class: number | null;
  readonly thermal_mass_ms: number | null;
}

const COLUMNS = 'gtin, name, profile, budget_ms, mkt_window_ms, value_class, thermal_mass_ms';

function masterOf({ gtin, name, profile, ...row }: ProductRow): ProductMaster {
  const stability = { budgetMs: row.budget_ms, mktWindowMs: row.mkt_window_ms };
  return { gtin, name, profile, stability, valueClass: row.value_class, thermalMassMs: row.thermal_mass_ms };
}
