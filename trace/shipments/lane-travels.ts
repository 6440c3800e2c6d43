import type { Database } from '../../storage/index.ts';
import { type LaneEnds, siteEvents } from './lane-history.ts';
import type { Travelled } from './travel-legs.ts';

/** A logger that went along on a unit, from leaving or from when it was put on, to receipt or until it was taken off. */
export interface CarriedDevice {
  readonly device: string;
  readonly from: number;
  /** null: it goes on. */
  readonly to: number | null;
}

/** A shipment that left on a lane; times epoch ms UTC. */
export interface LaneTravel extends Travelled {
  readonly id: string;
  readonly profile: string;
  readonly carrier: string | null;
  /** When it was to arrive; null: nobody said. */
  readonly arrives: number | null;
  /** By time. */
  readonly devices: readonly CarriedDevice[];
}

export interface TravelsAsked extends LaneEnds {
  /** When it left, epoch ms UTC: [from, to). */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** The latest journeys of one lane, with the doors they passed and the loggers that went along; cancelled ones are none. */
export async function laneTravels(
  database: Database,
  { origin, destination, from, to, limit }: TravelsAsked,
): Promise<readonly LaneTravel[]> {
  const { rows } = await database.query<Omit<LaneTravel, 'devices' | 'events'>>(
    `SELECT id, origin, destination, profile, carrier, arrives, left_at AS "leftAt", received_at AS "receivedAt"
     FROM shipments WHERE left_at >= $1 AND left_at < $2 AND origin = $3 AND destination = $4 AND state <> 'cancelled'
     ORDER BY left_at DESC, id LIMIT $5`,
    [from, to, origin, destination, limit],
  );
  const ids = rows.map(({ id }) => id);
  const [events, devices] = await Promise.all([siteEvents(database, ids), carriedDevices(database, ids)]);
  return rows.map((row) => ({ ...row, events: events.get(row.id) ?? [], devices: devices.get(row.id) ?? [] }));
}

async function carriedDevices(
  database: Database,
  shipments: readonly string[],
): Promise<ReadonlyMap<string, readonly CarriedDevice[]>> {
  if (shipments.length === 0) return new Map();
  const { rows } = await database.query<CarriedDevice & { readonly shipment: string }>(
    `SELECT u.shipment, t.device, greatest(t.since, s.left_at) AS "from", least(t.until, s.received_at) AS "to"
     FROM shipments s JOIN shipment_units u ON u.shipment = s.id JOIN attachments t ON t.subject = u.unit AND t.holds
     WHERE s.id = ANY($1::text[]) AND t.since < coalesce(s.received_at, ${LATEST})
       AND coalesce(t.until, ${LATEST}) > s.left_at
     ORDER BY u.shipment, "from", t.device`,
    [shipments],
  );
  const found = new Map<string, CarriedDevice[]>();
  for (const { shipment, ...carried } of rows) {
    const all = found.get(shipment);
    if (all === undefined) found.set(shipment, [carried]);
    else all.push(carried);
  }
  return found;
}

/** After every time there is. */
const LATEST = Number.MAX_SAFE_INTEGER;
