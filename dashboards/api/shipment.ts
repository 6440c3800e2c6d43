import { z } from 'zod';
import { condition } from './condition.ts';
import { placeRef } from './place.ts';
import { listOf, named, pageQuery } from './schema.ts';
import { timeOut } from './time.ts';

export const profile = z
  .object({ id: z.string(), name: z.string(), min: z.number().nullable(), max: z.number().nullable() })
  .register(named, { id: 'Profile' });
export type ProfileView = z.output<typeof profile>;

export const alertCounts = z.object({
  critical: z.number().int(),
  warning: z.number().int(),
  info: z.number().int(),
});

export const unit = z
  .object({
    epc: z.string(),
    /** The unit it stands in, where units are nested. */
    parent: z.string().nullable(),
    /** Serials inside, nested ones included. */
    serialCount: z.number().int(),
    place: placeRef.nullable(),
    devices: z.array(z.string()),
    condition,
  })
  .register(named, { id: 'Unit' });
export type UnitView = z.output<typeof unit>;

export const SHIPMENT_STATES = ['created', 'packed', 'in transit', 'received', 'closed'] as const;

const summary = z.object({
  id: z.string(),
  state: z.enum(SHIPMENT_STATES),
  profile,
  origin: placeRef,
  destination: placeRef,
  departs: timeOut,
  /** null: only a shipping event tells of it. */
  arrives: timeOut.nullable(),
  /** What its way is called. */
  lane: z.string().nullable(),
  closedAt: timeOut.nullable(),
  /** Where it was last seen. */
  place: placeRef.nullable(),
  units: z.array(unit),
  unitCount: z.number().int(),
  serialCount: z.number().int(),
  /** The worst of its units. */
  condition,
  openAlerts: alertCounts,
  lastHeard: timeOut.nullable(),
});

export const shipment = summary.register(named, { id: 'Shipment' });
export type ShipmentView = z.output<typeof shipment>;
export const shipmentList = listOf(shipment).register(named, { id: 'ShipmentList' });

export const shipmentDetail = summary
  .extend({
    products: z.array(
      z.object({ gtin: z.string(), name: z.string(), lot: z.string().nullable(), expiry: z.string().nullable() }),
    ),
  })
  .register(named, { id: 'ShipmentDetail' });
export type ShipmentDetail = z.output<typeof shipmentDetail>;

export const shipmentQuery = pageQuery.extend({ state: z.enum(SHIPMENT_STATES).optional() });

/** The answer to a notice: what was taken all the same and may be a slip of the pen. */
const warnings = z.array(z.string());
export const shipmentCreated = shipmentDetail.extend({ warnings }).register(named, { id: 'ShipmentCreated' });

/** The answer where the shipment is durable but not yet worked in: look at `location`. */
export const shipmentAccepted = z
  .object({ id: z.string(), location: z.string(), warnings })
  .register(named, { id: 'ShipmentAccepted' });
