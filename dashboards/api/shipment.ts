import { z } from 'zod';
import { eta, stop } from './arrival.ts';
import { condition, conditionState } from './condition.ts';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { placeRef, position } from './place.ts';
import { line, listOf, named, pageQuery, prose, scanned } from './schema.ts';
import { timeIn, timeOut } from './time.ts';
import { waiting } from './waiting.ts';

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

export const SHIPMENT_STATES = ['created', 'packed', 'in transit', 'received', 'closed', 'cancelled'] as const;

const summary = z.object({
  id: z.string(),
  state: z.enum(SHIPMENT_STATES),
  profile,
  origin: placeRef,
  destination: placeRef,
  departs: timeOut,
  /** null: only a shipping event tells of it. */
  arrives: timeOut.nullable(),
  eta: eta.nullable().describe('when it arrives, as its lane says; null: it is not under way'),
  /** What its way is called. */
  lane: z.string().nullable(),
  carrier: z.string().nullable().describe('who carries it, as its notice says; null: nobody says'),
  closedAt: timeOut.nullable().describe('from when on nothing is expected of it: closed or cancelled'),
  cancelled: z.object({ at: timeOut, by: z.string(), reason: z.string() }).nullable(),
  revision: z.number().int().describe('another after each notice, correction, cancellation: what a correction is of'),
  isNoticed: z.boolean().describe('false: only shipping events tell of it'),
  /** Where it was last seen. */
  place: placeRef.nullable(),
  position: position
    .extend({ at: timeOut, device: z.string() })
    .nullable()
    .describe('the latest fix of a logger with it; null: none reports its position'),
  units: z.array(unit),
  unitCount: z.number().int(),
  serialCount: z.number().int(),
  condition: condition.describe('the worst of its units by their readings, and of what waits for a person'),
  waiting: z.array(waiting).describe('what waits for a person, the gravest first'),
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
    elsewhere: z
      .number()
      .int()
      .describe('that are not closed, at sites that who asks does not see, whatever was asked'),
    counts: conditionCounts.describe(
      'of all that are neither closed nor cancelled and fit state and q, whatever their condition',
    ),
  })
  .register(named, { id: 'ShipmentList' });

export const shipmentDetail = summary
  .extend({
    stops: z.array(stop).describe('where it stood, in the order it came there, as doors saw it'),
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
  origin: line(128).optional().describe('id of the place it comes from'),
  destination: line(128).optional().describe('id of the place it goes to'),
  show: z.enum(['open', 'all']).default('all').describe('open: those that are neither closed nor cancelled'),
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

const notedChild = z.union([
  z.string(),
  z.object({
    epc: z.string(),
    budgetUsed: z.string().optional(),
    lot: z.string().optional(),
    expiry: z.string().optional(),
  }),
]);

const notedProduct = z.object({
  gtin: z.string(),
  name: z.string(),
  lot: z.string().nullable().optional(),
  expiry: z.string().nullable().optional(),
  stability: z.object({ budget: z.string().optional(), mktWindow: z.string().optional() }).optional(),
});

/** `POST /shipments` in outline; the trace room checks it in full and names the field that is wrong. */
const asn = z.object({
  id: z.string(),
  profile: z.string(),
  origin: z.string(),
  destination: z.string(),
  departs: timeIn,
  arrives: timeIn,
  lane: z.string().optional(),
  carrier: z.string().optional().describe('who carries it, by name or number'),
  units: z.array(
    z.object({
      sscc: z.string(),
      devices: z.array(z.string()),
      children: z.array(notedChild),
      from: timeIn,
    }),
  ),
  products: z.array(notedProduct),
});

/** Scans of packs and Digital Links do not say where the company prefix ends: those that may be meant, with commas. */
const announceQuery = z.object({
  companyPrefix: z
    .string()
    .regex(/^\d{4,12}(,\d{4,12}){0,99}$/, 'company prefixes of 4 to 12 digits, with commas between')
    .optional()
    .describe(
      'company prefixes of codes that do not say theirs, with commas; those of products known need not be said',
    ),
});

/** What a notice would make, and all that is wrong with it; nothing is kept. */
export const shipmentCheck = z
  .object({
    notice: z
      .object({
        id: z.string(),
        profile: z.string(),
        origin: placeRef,
        destination: placeRef,
        departs: timeOut,
        arrives: timeOut,
        units: z.array(
          z.object({
            epc: z.string(),
            from: timeOut,
            devices: z.array(z.string()),
            serialCount: z.number().int().describe('directly in it'),
          }),
        ),
        serialCount: z.number().int(),
        products: z.array(
          z.object({ gtin: z.string(), name: z.string(), lot: z.string().nullable(), expiry: z.string().nullable() }),
        ),
      })
      .nullable()
      .describe('null where anything is wrong'),
    faults: z
      .array(z.object({ path: z.string(), given: z.string(), allowed: z.string() }))
      .describe('what is wrong, the first 500'),
    faultCount: z.number().int(),
    exists: z.enum(['no', 'same', 'other']).describe('whether a shipment of this id is there, and says the same'),
    warnings,
  })
  .register(named, { id: 'ShipmentCheck' });
export type ShipmentCheckView = z.output<typeof shipmentCheck>;

const reason = prose(1_000).trim().min(3).describe('why, for the audit trail');
const revision = z.number().int().describe('of the shipment as it was shown; 409 where it is another now');

const correctionInput = z.strictObject({
  revision,
  reason,
  profile: line(64).optional(),
  origin: line(128).optional(),
  destination: line(128).optional(),
  departs: timeIn.optional(),
  arrives: timeIn.optional(),
  lane: line(200).nullable().optional(),
  carrier: line(200).nullable().optional(),
  products: z.array(notedProduct).max(10_000).optional(),
  add: z
    .array(z.strictObject({ sscc: scanned(400), from: timeIn.optional(), children: z.array(notedChild).default([]) }))
    .max(10_000)
    .optional()
    .describe('units as in a notice; to one that is listed the children are added. from: default now'),
  remove: z.array(scanned(400)).max(100_000).optional().describe('serials and units, a unit with all in it'),
});

const cancellationInput = z.strictObject({ revision, reason });

const attachmentInput = z.strictObject({
  device: line(128).min(1),
  unit: scanned(400).min(1).nullable().describe('of the shipment, in any form; null takes the device off'),
  from: timeIn.optional().describe('default: now'),
  reason,
});

/** Shipments that the shipping events of a capture speak of. */
const capturedShipments = z.object({ items: z.array(z.object({ id: z.string(), profile: z.string() })) });
export type CapturedShipments = z.output<typeof capturedShipments>;

export const shipmentOperations = {
  list: {
    method: 'get',
    path: '/shipments',
    summary: 'Shipments, the open ones first',
    permission: 'records.read',
    bySite: true,
    query: shipmentQuery,
    answers: { 200: shipmentList },
  },
  announce: {
    method: 'post',
    path: '/shipments',
    summary: 'Create a shipment (ASN), or replace its notice; with If-None-Match: * it is only created',
    permission: 'shipment.announce',
    bySite: true,
    query: announceQuery,
    body: asn,
    alsoTakes: ['text/csv'],
    bodyAs: 'read',
    bodyLimit: 2 * DOCUMENT_LIMIT,
    answers: { 201: shipmentCreated, 202: shipmentAccepted },
  },
  check: {
    method: 'post',
    path: '/shipments/check',
    summary: 'What a notice (ASN) would make, and what is wrong with it; nothing is kept',
    onlyReads: true,
    permission: 'shipment.announce',
    bySite: true,
    query: announceQuery,
    body: asn,
    alsoTakes: ['text/csv'],
    bodyAs: 'read',
    bodyLimit: 2 * DOCUMENT_LIMIT,
    answers: { 200: shipmentCheck },
  },
  get: {
    method: 'get',
    path: '/shipments/:id',
    summary: 'A shipment',
    permission: 'records.read',
    bySite: true,
    answers: { 200: shipmentDetail },
  },
  ofCapture: {
    method: 'get',
    path: '/captures/:id/shipments',
    summary: 'Shipments that the shipping events of an EPCIS capture speak of',
    permission: 'records.read',
    answers: { 200: capturedShipments },
  },
  close: {
    method: 'post',
    path: '/shipments/:id/close',
    summary: 'Declare a shipment done: nothing is expected of it any more',
    permission: 'shipment.close',
    bySite: true,
    answers: { 200: shipmentDetail, 202: null },
  },
  correct: {
    method: 'post',
    path: '/shipments/:id/corrections',
    summary: 'Correct what a shipment says, with a reason; what is not named stays',
    permission: 'shipment.announce',
    bySite: true,
    query: announceQuery,
    body: correctionInput,
    bodyLimit: 2 * DOCUMENT_LIMIT,
    answers: { 200: shipmentCreated, 202: shipmentAccepted },
  },
  cancel: {
    method: 'post',
    path: '/shipments/:id/cancel',
    summary: 'Cancel a shipment, with a reason: nothing is expected of it; what it lists stays on record',
    permission: 'shipment.announce',
    bySite: true,
    body: cancellationInput,
    answers: { 200: shipmentDetail, 202: null },
  },
  reinstate: {
    method: 'post',
    path: '/shipments/:id/reinstate',
    summary: 'Take the cancellation of a shipment back, with a reason',
    permission: 'shipment.announce',
    bySite: true,
    body: cancellationInput,
    answers: { 200: shipmentDetail, 202: null },
  },
  attach: {
    method: 'post',
    path: '/shipments/:id/attachments',
    summary: 'Put a logger on a unit of the shipment, or take it off, with time and reason',
    permission: 'device.attach',
    bySite: true,
    body: attachmentInput,
    answers: { 200: shipmentCreated, 202: null },
  },
} as const satisfies Operations;
