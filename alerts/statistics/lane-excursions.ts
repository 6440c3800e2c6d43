import type { ReadDatabase } from '../../storage/index.ts';

/** Kinds of findings that say that goods were, or would be, beyond what they stand. */
export const EXCURSION_KINDS = [
  ...['threshold', 'cumulative', 'budget', 'mkt', 'goodsMkt', 'freezeThaw', 'goodsFreezeThaw'],
];

/** An excursion of the goods of a journey, that was not taken back. */
export interface JourneyExcursion {
  /** Id of the alert. */
  readonly alert: string;
  /** When it began, epoch ms UTC. */
  readonly from: number;
  /** The site that its device was at then; null: at none, or nobody knows. */
  readonly site: string | null;
}

/**
 * Parts of a statement that say at which site the device of each alert was when it began: attached to a place, or on a
 * unit that was at one.
 *
 * @param alerts name of a part that has columns alert, device and began (epoch ms UTC)
 * @returns parts of a recursive WITH; the last is `began_at` with columns alert and site
 */
export function beganAt(alerts: string): string {
  return `
    standing AS (
      SELECT DISTINCT e.alert, coalesce(p.place, CASE WHEN t.subject NOT LIKE 'urn:%' THEN t.subject END) AS id
      FROM ${alerts} e
        JOIN attachments t ON t.device = e.device AND t.holds AND t.since <= e.began AND (t.until IS NULL OR t.until > e.began)
        LEFT JOIN presence p ON p.epc = t.subject AND p.holds AND p.since <= e.began AND (p.until IS NULL OR p.until > e.began)),
    around AS (
      SELECT alert, id FROM standing WHERE id IS NOT NULL
      UNION SELECT around.alert, p.parent FROM around JOIN places p ON p.id = around.id WHERE p.parent IS NOT NULL),
    began_at AS (SELECT alert, min(id) AS site FROM around WHERE id LIKE 'site:%' GROUP BY alert)`;
}

/** Excursions of some journeys, by shipment: between leaving and receipt, as a list of lanes counts them. */
export async function journeyExcursions(
  database: ReadDatabase,
  shipments: readonly string[],
): Promise<ReadonlyMap<string, readonly JourneyExcursion[]>> {
  if (shipments.length === 0) return new Map();
  const { rows } = await database.query<JourneyExcursion & { readonly shipment: string }>(
    `WITH RECURSIVE excursions AS MATERIALIZED (
       SELECT j.id AS shipment, a.id AS alert, a.device, (extract(epoch FROM a.from_at) * 1000)::bigint AS began
       FROM shipments j JOIN alerts a ON a.shipments @> ARRAY[j.id]
       WHERE j.id = ANY($1::text[]) AND a.state <> 'retracted' AND a.kind = ANY($2)
         AND (a.goes_on OR a.to_at IS NULL OR a.to_at >= to_timestamp(j.left_at / 1000.0))
         AND (j.received_at IS NULL OR a.from_at < to_timestamp(j.received_at / 1000.0))),
     ${beganAt('excursions')}
     SELECT e.shipment, e.alert, e.began AS "from", b.site
     FROM excursions e LEFT JOIN began_at b USING (alert) ORDER BY e.shipment, e.began, e.alert`,
    [shipments, EXCURSION_KINDS],
  );
  const found = new Map<string, JourneyExcursion[]>();
  for (const { shipment, ...excursion } of rows) {
    const all = found.get(shipment);
    if (all === undefined) found.set(shipment, [excursion]);
    else all.push(excursion);
  }
  return found;
}
