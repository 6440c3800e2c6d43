import { gtinOf } from '../../codecs/epc/index.ts';
import type { Epc } from '../../domain/index.ts';
import type { Queries } from '../client.ts';

/** A notice lists an EPC from a moment on. */
export interface Listing {
  readonly epc: Epc;
  readonly profile: string;
  readonly since: number;
}

/** Notices that list these, the last to hold first. */
export async function listingsOf(client: Queries, epcs: readonly Epc[]): Promise<readonly Listing[]> {
  const { rows } = await client.query<Listing>(
    `SELECT l.epc, s.profile, coalesce(u.since, s.departs) AS since FROM shipment_lines l
       JOIN shipments s ON s.id = l.shipment LEFT JOIN shipment_units u ON u.shipment = l.shipment AND u.unit = l.unit
     WHERE l.epc = ANY($1::text[])
     UNION SELECT u.unit, s.profile, u.since FROM shipment_units u JOIN shipments s ON s.id = u.shipment
     WHERE u.unit = ANY($1::text[]) ORDER BY since DESC, profile`,
    [epcs],
  );
  return rows;
}

/** What the product of a serial stands. */
export interface ProductLimits {
  readonly budgetMs: number | null;
  readonly windowMs: number | null;
  readonly profile: string | null;
}

/** What the last notice to depart says that a serial's product stands; else what is registered of the product. */
export async function productLimitsOf(client: Queries, epcs: readonly Epc[]): Promise<ReadonlyMap<Epc, ProductLimits>> {
  const { rows } = await client.query<ProductLimits & { epc: Epc }>(
    `SELECT g.epc, coalesce(n.budget_ms, p.budget_ms) AS "budgetMs",
       coalesce(n.mkt_window_ms, p.mkt_window_ms) AS "windowMs", p.profile
     FROM unnest($1::text[], $2::text[]) AS g (epc, gtin) LEFT JOIN products p USING (gtin)
       LEFT JOIN LATERAL (
         SELECT l.budget_ms, l.mkt_window_ms
         FROM shipment_lines i JOIN shipments s ON s.id = i.shipment JOIN shipment_products l ON l.shipment = i.shipment
           LEFT JOIN serials k ON k.epc = i.epc
         WHERE i.epc = g.epc AND l.gtin = g.gtin AND (l.budget_ms IS NOT NULL OR l.mkt_window_ms IS NOT NULL)
         ORDER BY s.departs DESC, s.id, l.lot IS NOT DISTINCT FROM k.lot DESC, l.line LIMIT 1) n ON true`,
    [epcs, epcs.map(gtinOf)],
  );
  return new Map(rows.map(({ epc, ...limits }) => [epc, limits]));
}

/** What was used of a budget before a moment. */
export interface CarriedIn {
  readonly carriedInMs: number;
  readonly since: number;
}

/** What the latest notice says was used before replaces all that we know of from before it. */
export async function carriedInOf(client: Queries, epcs: readonly Epc[]): Promise<ReadonlyMap<Epc, CarriedIn>> {
  const { rows } = await client.query<CarriedIn & { epc: Epc }>(
    `SELECT DISTINCT ON (l.epc) l.epc, l.budget_used_ms AS "carriedInMs", u.since FROM shipment_lines l
       JOIN shipment_units u ON u.shipment = l.shipment AND u.unit = l.unit
     WHERE l.epc = ANY($1::text[]) AND l.budget_used_ms IS NOT NULL
     ORDER BY l.epc, u.since DESC, l.shipment DESC`,
    [epcs],
  );
  return new Map(rows.map(({ epc, ...carried }) => [epc, carried]));
}
