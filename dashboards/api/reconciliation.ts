import { z } from 'zod';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { placeRef } from './place.ts';
import { line, named, prose, scanned } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

/** The exceptions of GS1 US for DSCSA (docs/trace.md, "Reconciliation"). */
export const DIFFERENCE_TERMS = [
  'overage',
  'concealed overage',
  'wrong lot',
  'wrong serial',
  'no data received',
  'shortage',
  'concealed shortage',
  'lost',
  'damaged',
] as const;

/** How a person made sure. */
export const SETTLED_HOW = ['scan', 'recount', 'paperwork', 'other'] as const;

export const difference = z
  .object({
    /** Changes when the difference is another; settling asks for it. */
    id: z.string(),
    term: z.enum(DIFFERENCE_TERMS),
    shipment: z.string().nullable(),
    site: placeRef,
    portal: z.string().nullable(),
    pass: z.string().nullable(),
    since: timeOut,
    unit: z.string().nullable(),
    count: z.number().int(),
    serials: z.array(z.string()),
    /** `wrong serial`: the listed ones in whose place the others came. */
    insteadOf: z.array(z.string()),
    state: z.enum(['open', 'settled']),
    settlement: z.object({ how: z.enum(SETTLED_HOW), reason: z.string(), by: z.string(), at: timeOut }).nullable(),
  })
  .register(named, { id: 'Difference' });
export type DifferenceView = z.output<typeof difference>;

export const reconciliation = z
  .object({ open: z.number().int(), lines: z.array(difference) })
  .register(named, { id: 'Reconciliation' });
export type ReconciliationView = z.output<typeof reconciliation>;

/** Of what was done while the network was away, and is sent later. */
const decidedAt = timeIn.describe('When the person decided it; default: now');

/** The body of `POST .../reconciliation/settle`. */
export const settlementInput = z.strictObject({
  lines: z.array(line(64).min(1)).min(1).max(500).describe('ids of differences'),
  how: z.enum(SETTLED_HOW),
  reason: prose(1_000).trim().min(1),
  takenOff: z
    .array(line(400).min(1))
    .max(500)
    .optional()
    .describe('EPCs of these differences that the person took off: from then on they are in no unit'),
  decidedAt: decidedAt.optional(),
  person: line(100).trim().min(1).optional().describe('Who did it, as said at the screen of a door; of a screen alone'),
});

/** The body of `POST /shipments/{id}/counts`: a unit was opened, and this was all that was in it. */
export const countInput = z.strictObject({
  unit: scanned(400).min(1),
  found: z.array(scanned(400).min(1)).max(100_000),
  damaged: z.array(scanned(400).min(1)).max(100_000).default([]),
  at: timeIn.optional().describe('When it was opened; default: decidedAt, else now'),
  decidedAt: decidedAt.optional(),
});

export const reconciliationOperations = {
  ofShipment: {
    method: 'get',
    path: '/shipments/:id/reconciliation',
    summary: 'What differs between a shipment and what was seen of it, in the terms of GS1 US for DSCSA',
    permission: 'records.read',
    bySite: true,
    answers: { 200: reconciliation },
  },
  settleShipment: {
    method: 'post',
    path: '/shipments/:id/reconciliation/settle',
    summary: 'Settle differences, with a reason',
    takesKey: true,
    permission: 'difference.settle',
    bySite: true,
    body: settlementInput,
    answers: { 200: reconciliation, 202: null },
  },
  count: {
    method: 'post',
    path: '/shipments/:id/counts',
    summary: 'Say what was found in a unit when it was opened',
    takesKey: true,
    permission: 'unit.count',
    bySite: true,
    body: countInput,
    bodyLimit: DOCUMENT_LIMIT,
    answers: { 200: reconciliation, 202: null },
  },
  ofPass: {
    method: 'get',
    path: '/passes/:id/reconciliation',
    summary: 'What differs in a pass, what came without data among it',
    permission: 'records.read',
    bySite: true,
    byDoor: 'pass',
    answers: { 200: reconciliation },
  },
  settlePass: {
    method: 'post',
    path: '/passes/:id/reconciliation/settle',
    summary: 'Settle differences of a pass, with a reason',
    takesKey: true,
    permission: 'difference.settle',
    bySite: true,
    byDoor: 'pass',
    body: settlementInput,
    answers: { 200: reconciliation, 202: null },
  },
} as const satisfies Operations;
