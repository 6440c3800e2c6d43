import type { Database } from '../../storage/index.ts';
import type { PastJourney, SiteEvent } from './arrival.ts';

export interface LaneEnds {
  readonly origin: string;
  readonly destination: string;
}

/** Of each lane the latest journeys; more say how it was, not how it is. */
const JOURNEYS_A_LANE = 200;

export function laneKey({ origin, destination }: LaneEnds): string {
  return `${origin}\n${destination}`;
}

/** Journeys of these lanes that came to their end, by {@link laneKey}. @param from when they were to leave, epoch ms UTC */
export async function laneJourneys(
  database: Database,
  lanes: readonly LaneEnds[],
  from: number,
): Promise<ReadonlyMap<string, readonly PastJourney[]>> {
  if (lanes.length === 0) return new Map();
  const { rows } = await database.query<LaneEnds & { id: string; left_at: number; received_at: number }>(
    `SELECT l.origin, l.destination, s.id, s.left_at, s.received_at
     FROM unnest($1::text[], $2::text[]) AS l (origin, destination) CROSS JOIN LATERAL (
       SELECT id, coalesce(left_at, departs) AS left_at, received_at FROM shipments
       WHERE origin = l.origin AND destination = l.destination AND received_at IS NOT NULL AND departs >= $3
         AND state <> 'cancelled'
       ORDER BY departs DESC LIMIT ${JOURNEYS_A_LANE}) AS s`,
    [lanes.map(({ origin }) => origin), lanes.map(({ destination }) => destination), from],
  );
  const events = await siteEvents(
    database,
    rows.map(({ id }) => id),
  );
  const found = new Map<string, PastJourney[]>();
  for (const { id, left_at, received_at, ...ends } of rows) {
    const journey = { leftAt: left_at, receivedAt: received_at, events: events.get(id) ?? [] };
    const key = laneKey(ends);
    const all = found.get(key);
    if (all === undefined) found.set(key, [journey]);
    else all.push(journey);
  }
  return found;
}

/**
 * The doors of sites that shipments passed, each once, by their last unit through. A door on the way expects no shipment:
 * there its units are the shipment's from when they were packed until it was received or closed.
 */
export async function siteEvents(
  database: Database,
  shipments: readonly string[],
): Promise<ReadonlyMap<string, readonly SiteEvent[]>> {
  if (shipments.length === 0) return new Map();
  const { rows } = await database.query<SiteEvent & { shipment: string }>(
    `SELECT u.shipment, t.site, m.direction, max(p.since) AS at
     FROM shipments s JOIN shipment_units u ON u.shipment = s.id JOIN pass_units m ON m.unit = u.unit
       JOIN passes p ON p.id = m.pass JOIN portals t ON t.id = p.portal
     WHERE s.id = ANY($1::text[]) AND m.direction IN ('in', 'out') AND (m.shipment = s.id OR (m.shipment IS NULL
       AND p.since >= u.since AND p.since < coalesce(s.received_at, s.closed_at, ${Number.MAX_SAFE_INTEGER})))
     GROUP BY u.shipment, t.site, m.direction ORDER BY at`,
    [shipments],
  );
  const found = new Map<string, SiteEvent[]>();
  for (const { shipment, ...event } of rows) {
    const all = found.get(shipment);
    if (all === undefined) found.set(shipment, [event]);
    else all.push(event);
  }
  return found;
}
