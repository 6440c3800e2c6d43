import type { DeviceRange, Epc, RecordPeriod } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import type { Queries } from '../client.ts';
import { Environments } from './environment.ts';
import { loadWorld } from './world.ts';

/** EPCs whose world is loaded together. */
const EPCS_AT_ONCE = 20_000;
const FOREVER = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, places: true } as const;

/**
 * Shipments whose records have to be kept at `now`: until so long after their last product expires, and at least so
 * long after they came to their end, as far as that is known. Times epoch ms UTC.
 */
export async function shipmentsInRecordPeriod(
  client: Queries,
  now: number,
  { atLeastMs, afterExpiryMs }: RecordPeriod,
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM shipments s
     WHERE greatest(departs, arrives, noticed_at, left_at, received_at, closed_at) + $2::double precision > $1
        OR EXISTS (SELECT FROM shipment_products p WHERE p.shipment = s.id AND p.expiry IS NOT NULL
             AND extract(epoch FROM p.expiry::date + 1) * 1000 + $3::double precision > $1)
     ORDER BY id`,
    [now, atLeastMs, afterExpiryMs],
  );
  return rows.map(({ id }) => id);
}

/**
 * The devices that told the air around anything of these shipments, and when: what exposure is worked out from, before
 * the shipment and after it as well, since what a serial has stood counts over its whole life.
 */
export async function devicesAroundShipments(database: Database, shipments: readonly string[]): Promise<DeviceRange[]> {
  const ranges = new Map<string, DeviceRange>();
  let epcs: Epc[] = [];
  const work = async () => {
    for (const range of await devicesAround(database, epcs)) {
      ranges.set(`${range.device} ${range.from} ${range.to}`, range);
    }
    epcs = [];
  };
  for (const shipment of shipments) {
    const { rows } = await database.query<{ epc: Epc }>(
      'SELECT epc FROM shipment_lines WHERE shipment = $1 UNION SELECT unit FROM shipment_units WHERE shipment = $1',
      [shipment],
    );
    for (const { epc } of rows) epcs.push(epc);
    if (epcs.length >= EPCS_AT_ONCE) await work();
  }
  await work();
  return [...ranges.values()];
}

async function devicesAround(database: Database, epcs: readonly Epc[]): Promise<DeviceRange[]> {
  if (epcs.length === 0) return [];
  const environments = new Environments(await loadWorld(database.pool, [...new Set(epcs)], FOREVER));
  const ranges = new Map<string, DeviceRange>();
  for (const epc of new Set(epcs)) {
    for (const { from, to, devices } of environments.of(epc)) {
      for (const device of devices) ranges.set(`${device} ${from} ${to}`, { device, from, to });
    }
  }
  return [...ranges.values()];
}
