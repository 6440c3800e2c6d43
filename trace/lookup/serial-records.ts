import { gtinOf, keysOf, parseEpc, serialOf, ssccOf } from '../../codecs/epc/index.ts';
import type { Epc, SeenFrom } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { Environments, loadWorld } from '../exposure/index.ts';
import { isSeenFrom } from '../shipments/index.ts';
import { seenGoods } from './seen.ts';

/** A serial's or unit's story; intervals ascending, half-open, an open end null. */
export interface SerialRecord {
  readonly epc: Epc;
  readonly gtin: string | null;
  readonly serial: string | null;
  readonly sscc: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
  /** An expiry that is no date, as its event gives it. */
  readonly unreadableExpiry: string | null;
  readonly product: string | null;
  /** What has become of it (serials/serial-status.ts), since when; null: nothing was said. */
  readonly status: string | null;
  readonly statusSince: number | null;
  /** Shipments that list it and are seen, latest departure first. */
  readonly shipments: readonly string[];
  /** What it is in now. */
  readonly unit: Epc | null;
  readonly containment: readonly { readonly parent: Epc; readonly from: number; readonly to: number | null }[];
  readonly presence: readonly { readonly place: string; readonly from: number; readonly to: number | null }[];
}

type About = 'lot' | 'expiry' | 'unreadableExpiry' | 'product' | 'status' | 'statusSince';
const NOTHING: Pick<SerialRecord, About> = {
  ...{ lot: null, expiry: null, unreadableExpiry: null, product: null, status: null, statusSince: null },
};

export async function serialRecord(
  database: Database,
  given: string,
  seenFrom: SeenFrom,
): Promise<SerialRecord | null> {
  const epc = await knownAs(database, given);
  if (epc === null || !(await seenGoods(database, [epc], seenFrom)).has(epc)) return null;
  const client = database.pool;
  const world = await loadWorld(client, [epc], { from: 0, to: Number.POSITIVE_INFINITY, places: true });
  const environments = new Environments(world);
  const { rows } = await database.query<Pick<SerialRecord, About>>(
    `SELECT s.lot, s.expiry, s.unreadable_expiry AS "unreadableExpiry", s.status, s.status_since AS "statusSince",
       coalesce((SELECT name FROM products p WHERE p.gtin = s.gtin),
         (SELECT p.name FROM shipment_lines l JOIN shipment_products p USING (shipment)
           WHERE l.epc = s.epc AND p.gtin = s.gtin ORDER BY shipment DESC LIMIT 1)) AS product
     FROM serials s WHERE s.epc = $1`,
    [epc],
  );
  const shipments = await database.query<{ id: string }>(
    `SELECT s.id FROM shipments s WHERE id IN (SELECT shipment FROM shipment_lines WHERE epc = $1
       UNION SELECT shipment FROM shipment_units WHERE unit = $1) AND ${isSeenFrom('s.id', '$2')} ORDER BY departs DESC, id`,
    [epc, seenFrom],
  );
  const containment = world.containment(epc).map(({ value, from, to }) => ({ parent: value, from, to }));
  const presence = environments.places(epc).map(({ place, from, to }) => ({ place, from, to: closed(to) }));
  const seen = await database.query('SELECT FROM pass_reads WHERE epc = $1 LIMIT 1', [epc]);
  if (rows.length + shipments.rows.length + containment.length + presence.length + (seen.rowCount ?? 0) === 0)
    return null;
  const about = rows[0] ?? NOTHING;
  return {
    ...{ epc, gtin: gtinOf(epc), serial: serialOf(epc), sscc: ssccOf(epc), ...about },
    shipments: shipments.rows.map(({ id }) => id),
    unit: containment.find(({ to }) => to === null)?.parent ?? null,
    containment,
    presence,
  };
}

function closed(to: number): number | null {
  return to === Number.POSITIVE_INFINITY ? null : to;
}

/** The pure identity; of an element string or Digital Link the one that was heard of, as it names no company prefix. */
export async function knownAs(database: Database, given: string): Promise<Epc | null> {
  const keys = keysOf(given);
  if (keys === null) return parseEpc(given);
  if ('gtin' in keys) {
    const { rows } = await database.query<{ epc: Epc }>(
      `SELECT epc FROM serials WHERE gtin = $1 AND lower(serial) COLLATE "C" = lower($2) AND serial = $2
       ORDER BY position DESC LIMIT 1`,
      [keys.gtin, keys.serial],
    );
    return rows[0]?.epc ?? null;
  }
  return knownUnit(database, given);
}

/** Among the seven ways to cut an SSCC, the one that was heard of. */
async function knownUnit(database: Database, given: string): Promise<Epc | null> {
  const possible: Epc[] = [];
  for (let companyPrefixLength = 6; companyPrefixLength <= 12; companyPrefixLength++) {
    possible.push(parseEpc(given, { companyPrefixLength }));
  }
  const { rows } = await database.query<{ epc: Epc }>(
    `SELECT unit AS epc FROM shipment_units WHERE unit = ANY($1::text[])
     UNION SELECT unit FROM pass_units WHERE unit = ANY($1::text[])
     UNION SELECT value FROM containment_histories WHERE value = ANY($1::text[])
     UNION SELECT subject FROM containment_members WHERE subject = ANY($1::text[]) LIMIT 1`,
    [possible],
  );
  return rows[0]?.epc ?? null;
}
