import type { SeenFrom } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';

/** Packs of one lot and status at one place. */
export interface StockRecord {
  readonly place: string;
  readonly gtin: string;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly status: string | null;
  readonly packs: number;
}

/** A pack at a site. */
export interface StockedPack {
  readonly epc: string;
  readonly gtin: string | null;
  readonly serial: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
}

/** The packs at a site, counted. */
export async function stockAt(database: Database, site: string, seenFrom: SeenFrom): Promise<readonly StockRecord[]> {
  const { rows } = await database.query<StockRecord>(
    `SELECT place, gtin, lot, expiry, status, count(*)::int AS packs FROM standing_packs
     WHERE root = $1 AND ($2::text[] IS NULL OR place = ANY ($2::text[]))
     GROUP BY place, gtin, lot, expiry, status ORDER BY place, gtin, lot, status LIMIT 100000`,
    [site, seenFrom],
  );
  return rows;
}

/** The packs at a site, one by one, at most `most`, by EPC. */
export async function packsAt(database: Database, site: string, most: number): Promise<readonly StockedPack[]> {
  const { rows } = await database.query<StockedPack>(
    'SELECT epc, gtin, serial, lot, expiry FROM standing_packs WHERE root = $1 ORDER BY epc LIMIT $2',
    [site, most],
  );
  return rows;
}
