import type pg from 'pg';
import type { Epc } from '../../domain/index.ts';
import type { JudgedPass } from '../passes/index.ts';
import { siteOf } from '../shipments/index.ts';
import type { NoticeData, ShipmentFacts } from './pass-facts.ts';

/** What notices and events say of the goods of a pass that may not fit together. */
export async function noticeData(
  client: pg.ClientBase,
  { outcome, pass }: JudgedPass,
  shipments: ReadonlyMap<string, ShipmentFacts>,
): Promise<NoticeData> {
  const ids = [...shipments.keys()];
  const { rows: products } = await client.query<{ shipment: string; gtin: string }>(
    'SELECT DISTINCT shipment, gtin FROM shipment_products WHERE shipment = ANY($1::text[])',
    [ids],
  );
  const { rows: shipping } = await client.query<{ shipment: string; at: number; destination: string[] }>(
    'SELECT shipment, at, destination FROM shipping_events WHERE shipment = ANY($1::text[]) ORDER BY shipment, at',
    [ids],
  );
  const { rows: made } = await client.query<{ epc: Epc; at: number }>(
    `SELECT epc, min(at) AS at FROM serial_events WHERE epc = ANY($1::text[]) GROUP BY epc
     HAVING min(at) > $2 AND min(at) = min(at) FILTER (WHERE status = 'active')`,
    [outcome.through, pass.from],
  );
  const sentTo = new Map<string, string>();
  for (const { shipment, destination } of shipping) {
    const known = await siteOf(client, destination);
    if (!sentTo.has(shipment) && destination.length > 0 && !isUnresolved(known)) sentTo.set(shipment, known);
  }
  const shippedAt = new Map<string, number>();
  for (const { shipment, at } of shipping) if (!shippedAt.has(shipment)) shippedAt.set(shipment, at);
  const gtinsOf = Map.groupBy(products, ({ shipment }) => shipment);
  return {
    gtins: new Map([...gtinsOf].map(([shipment, rows]) => [shipment, new Set(rows.map(({ gtin }) => gtin))])),
    ...{ sentTo, shippedAt, madeLater: new Map(made.map(({ epc, at }) => [epc, at])) },
  };
}

/** An event named it, and no place that we know goes by that name. */
export function isUnresolved(site: string): boolean {
  return site === 'site:unknown' || /^site:\d{13}$/.test(site);
}
