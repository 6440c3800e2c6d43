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

/** What was dispensed, sold, destroyed or decommissioned stands nowhere any more. */
const GONE = ['inactive', 'destroyed', 'disposed', 'dispensed', 'retail_sold'];

/** A pack at a site. */
export interface StockedPack {
  readonly epc: string;
  readonly gtin: string | null;
  readonly serial: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
}

/**
 * Those that are at a site ($1) and in what stands in it now: each by the latest of its own presence and those of the units around it
 * (docs/trace.md, "Where something is"). $2: statuses that stand nowhere; $3: places that are seen, null for all.
 */
const STANDING = `WITH RECURSIVE inside (id) AS (
       SELECT $1::text UNION SELECT p.id FROM inside i JOIN places p ON p.parent = i.id),
     here (epc, place, since, depth) AS (
       SELECT epc, place, since, 0 FROM presence WHERE holds AND until IS NULL AND place IN (SELECT id FROM inside)
         AND ($3::text[] IS NULL OR place = ANY ($3::text[]))
       UNION ALL
       SELECT c.child, here.place, greatest(c.since, here.since), here.depth + 1
       FROM here JOIN containment c ON c.parent = here.epc AND c.holds AND c.until IS NULL WHERE here.depth < 16),
     latest AS (
       SELECT DISTINCT ON (s.epc) s.gtin, s.serial, s.lot, s.expiry, s.status, here.place, here.since, s.epc
       FROM here JOIN serials s ON s.epc = here.epc ORDER BY s.epc, here.since DESC, here.depth),
     standing AS (
       SELECT * FROM latest WHERE (status IS NULL OR status <> ALL ($2::text[])) AND NOT EXISTS (
         SELECT FROM presence own WHERE own.epc = latest.epc AND own.holds AND own.until IS NULL AND own.since > latest.since))`;

/** The packs at a site, counted. */
export async function stockAt(database: Database, site: string, seenFrom: SeenFrom): Promise<readonly StockRecord[]> {
  const { rows } = await database.query<StockRecord>(
    `${STANDING} SELECT place, gtin, lot, expiry, status, count(*)::int AS packs FROM standing
     GROUP BY place, gtin, lot, expiry, status ORDER BY place, gtin, lot, status LIMIT 100000`,
    [site, GONE, seenFrom],
  );
  return rows;
}

/** The packs at a site, one by one, at most `most`, by EPC. */
export async function packsAt(database: Database, site: string, most: number): Promise<readonly StockedPack[]> {
  const { rows } = await database.query<StockedPack>(
    `${STANDING} SELECT epc, gtin, serial, lot, expiry FROM standing ORDER BY epc LIMIT $4`,
    [site, GONE, null, most],
  );
  return rows;
}
