import type { Database } from '../../storage/index.ts';

/** Packs in a case, cases on a pallet: a pallet is a shipment, received at one of the sites. */
const CASE = 20;
const PALLET = 10;
export const SITES = 20;
/** Of these one lists its packs still. */
export const SHIPMENTS = 20;
export const PACKS_OF_SHIPMENT = CASE * PALLET;
const FIRST = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

/**
 * Stock as years of receiving leave it, written by SQL into a migrated database: packs in cases on pallets, each pallet in a
 * room of its site, and many shipments that list nothing any more. Statistics are gathered.
 * @param packs a multiple of {@link PACKS_OF_SHIPMENT}
 */
export async function fillStock(database: Database, packs: number): Promise<void> {
  const cases = packs / CASE;
  const pallets = cases / PALLET;
  const epc = "'urn:epc:id:sgtin:0614141.812345.' || g";
  const unit = (number: string) => `'urn:epc:id:sscc:0614141.1' || lpad((${number})::text, 9, '0')`;
  const pallet = (number: string) => `'urn:epc:id:sscc:0614141.2' || lpad((${number})::text, 9, '0')`;
  await database.query(`
    INSERT INTO places (id, kind, name, parent, zone, position)
      SELECT 'site:s' || g, 'site', 'S', NULL, 'UTC', 1 FROM generate_series(0, ${SITES - 1}) g UNION ALL
      SELECT 'site:s' || g || '/cold', 'room', 'C', 'site:s' || g, 'UTC', 1 FROM generate_series(0, ${SITES - 1}) g;
    INSERT INTO serials (epc, gtin, serial, position, made_lot, made_expiry, status)
      SELECT ${epc}, '8061414112' || lpad((g / 500 % 50)::text, 4, '0'), g::text, 1, 'L' || g / 5000, '2028-01-01',
        CASE WHEN g % 97 = 0 THEN 'quarantined' END
      FROM generate_series(0, ${packs - 1}) g;
    INSERT INTO containment_histories (history, value, since, position, source, holds)
      SELECT g, ${unit('g')}, ${FIRST}, 1, 'x', true FROM generate_series(0, ${cases - 1}) g UNION ALL
      SELECT ${cases} + g, ${pallet('g')}, ${FIRST}, 1, 'x', true FROM generate_series(0, ${pallets - 1}) g;
    INSERT INTO containment_members (subject, history)
      SELECT ${epc}, g / ${CASE} FROM generate_series(0, ${packs - 1}) g UNION ALL
      SELECT ${unit('g')}, ${cases} + g / ${PALLET} FROM generate_series(0, ${cases - 1}) g;
    INSERT INTO presence_histories (history, value, since, position, source, holds)
      SELECT g, 'site:s' || g % ${SITES} || '/cold', ${FIRST}, 1, 'x', true FROM generate_series(0, ${pallets - 1}) g;
    INSERT INTO presence_members (subject, history)
      SELECT ${pallet('g')}, g FROM generate_series(0, ${pallets - 1}) g;
    INSERT INTO shipments (id, profile, origin, destination, departs, state, received_at, noticed_at, noticed_by, position)
      SELECT 'SHP-' || g, '2-8C', 'site:maker', 'site:s' || g % ${SITES}, ${FIRST} + g::bigint * ${HOUR},
        CASE WHEN g % 10 = 0 THEN 'in transit' ELSE 'received' END,
        CASE WHEN g % 10 > 0 THEN ${FIRST} + g::bigint * ${HOUR} END, 1, 'erp', 1
      FROM generate_series(0, ${pallets * SHIPMENTS - 1}) g;
    INSERT INTO shipment_units (shipment, unit, since, is_outermost)
      SELECT 'SHP-' || g * ${SHIPMENTS} + 1, ${pallet('g')}, ${FIRST}, true FROM generate_series(0, ${pallets - 1}) g;
    INSERT INTO shipment_lines (shipment, epc, unit, is_serial)
      SELECT 'SHP-' || g / ${PACKS_OF_SHIPMENT} * ${SHIPMENTS} + 1, ${epc}, ${unit(`g / ${CASE}`)}, true
      FROM generate_series(0, ${packs - 1}) g;
    ANALYZE`);
}

/** Rows that were read from tables one after another, not by an index, while work was done, by table. Of one connection. */
export async function readWhole(database: Database, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await sequential(database);
  await work();
  const after = await sequential(database);
  return Object.fromEntries(
    Object.entries(after).flatMap(([table, rows]) => {
      const more = rows - (before[table] ?? 0);
      return more === 0 ? [] : [[table, more]];
    }),
  );
}

async function sequential(database: Database): Promise<Record<string, number>> {
  await database.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await database.query<{ table: string; rows: number }>(
    `SELECT relname AS table, seq_tup_read::int AS rows FROM pg_stat_user_tables WHERE pg_stat_get_live_tuples(relid) >= 1000`,
  );
  return Object.fromEntries(rows.map(({ table, rows: read }) => [table, read]));
}
