import { z } from 'zod';
import { condition, conditionState } from './condition.ts';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { placeRef } from './place.ts';
import { listOf, named, pageQuery, scanned } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

export const profile = z
  .object({ id: z.string(), name: z.string(), min: z.number().nullable(), max: z.number().nullable() })
  .register(named, { id: 'Profile' });
export type ProfileView = z.output<typeof profile>;

export const alertCounts = z.object({
  critical: z.number().int(),
  warning: z.number().int(),
  info: z.number().int(),
});
export type AlertCounts = z.output<typeof alertCounts>;

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
  /** The worst of its units, and of the alerts that touch it. */
  condition,
  /** That nobody has acknowledged. */
  openAlerts: alertCounts,
  /** That nobody has resolved: the open and the acknowledged ones. */
  undecidedAlerts: alertCounts,
  lastHeard: timeOut.nullable(),
});

export const shipment = summary.register(named, { id: 'Shipment' });
export type ShipmentView = z.output<typeof shipment>;
const conditionCounts = z.object({
  inRange: z.number().int(),
  warning: z.number().int(),
  excursion: z.number().int(),
  unknown: z.number().int(),
});
export type ConditionCounts = z.output<typeof conditionCounts>;

export const shipmentList = listOf(shipment)
  .extend({
    counts: conditionCounts.describe('of all that are not closed and fit state and q, whatever their condition'),
  })
  .register(named, { id: 'ShipmentList' });

export const shipmentDetail = summary
  .extend({
    products: z.array(
      z.object({ gtin: z.string(), name: z.string(), lot: z.string().nullable(), expiry: z.string().nullable() }),
    ),
  })
  .register(named, { id: 'ShipmentDetail' });
export type ShipmentDetail = z.output<typeof shipmentDetail>;

export const SHIPMENT_SORTS = ['urgency', 'arrives', 'departs', 'id'] as const;

export const shipmentQuery = pageQuery.extend({
  state: z.enum(SHIPMENT_STATES).optional(),
  condition: conditionState.optional(),
  q: scanned(400).trim().optional().describe('in its id, places, profile, loggers or units, in any case'),
  show: z.enum(['open', 'all']).default('all').describe('open: those that are not closed'),
  sort: z
    .enum(SHIPMENT_SORTS)
    .default('urgency')
    .describe('urgency: what needs a person first. Closed ones come after all others, latest departure first'),
});
export type ShipmentQuery = z.output<typeof shipmentQuery>;

/** The answer to a notice: what was taken all the same and may be a slip of the pen. */
const warnings = z.array(z.string());
export const shipmentCreated = shipmentDetail.extend({ warnings }).register(named, { id: 'ShipmentCreated' });

/** The answer where the shipment is durable but not yet applied: look at `location`. */
export const shipmentAccepted = z
  .object({ id: z.string(), location: z.string(), warnings })
  .register(named, { id: 'ShipmentAccepted' });

/** `POST /shipments` in outline; the trace room checks it in full and names the field that is wrong. */
const asn = z.object({
  id: z.string(),
  profile: z.string(),
  origin: z.string(),
  destination: z.string(),
  departs: timeIn,
  arrives: timeIn,
  lane: z.string().optional(),
  units: z.array(
    z.object({
      sscc: z.string(),
      devices: z.array(z.string()),
      children: z.array(
        z.union([
          z.string(),
          z.object({
            epc: z.string(),
            budgetUsed: z.string().optional(),
            lot: z.string().optional(),
            expiry: z.string().optional(),
          }),
        ]),
      ),
      from: timeIn,
    }),
  ),
  products: z.array(
    z.object({
      gtin: z.string(),
      name: z.string(),
      lot: z.string().nullable().optional(),
      expiry: z.string().nullable().optional(),
      stability: z.object({ budget: z.string().optional(), mktWindow: z.string().optional() }).optional(),
    }),
  ),
});

export const shipmentOperations = {
  list: {
    method: 'get',
    path: '/shipments',
    summary: 'Shipments, the open ones first',
    permission: 'records.read',
    query: shipmentQuery,
    answers: { 200: shipmentList },
  },
  announce: {
    method: 'post',
    path: '/shipments',
    summary: 'Create a shipment (ASN), or replace its notice',
    permission: 'shipment.announce',
    body: asn,
    alsoTakes: ['text/csv'],
    bodyAs: 'read',
    bodyLimit: 2 * DOCUMENT_LIMIT,
    answers: { 201: shipmentCreated, 202: shipmentAccepted },
  },
  get: {
    method: 'get',
    path: '/shipments/:id',
    summary: 'A shipment',
    permission: 'records.read',
    answers: { 200: shipmentDetail },
  },
  close: {
    method: 'post',
    path: '/shipments/:id/close',
    summary: 'Declare a shipment done: nothing is expected of it any more',
    permission: 'shipment.close',
    answers: { 200: shipmentDetail, 202: null },
  },
} as const satisfies Operations;
