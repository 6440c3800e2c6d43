import { z } from 'zod';
import { REPORT_LANGUAGES } from '../../domain/index.ts';
import { conditionState } from './condition.ts';
import type { Operations } from './operation.ts';
import { bucket } from './reading.ts';
import { line, listOf, named, prose } from './schema.ts';
import { profile, SHIPMENT_STATES } from './shipment.ts';
import { timeIn, timeOut } from './time.ts';

/** What a link may show beside the state of a shipment. */
export const SHARED_CONTENTS = ['chart', 'serials', 'report', 'sharer'] as const;
export type SharedContent = (typeof SHARED_CONTENTS)[number];

/** Longest that a link may hold from now on, days. */
export const SHARED_MOST_DAYS = 366;

export const shareState = z
  .enum(['open', 'ended', 'revoked', 'withoutRight'])
  .describe('withoutRight: who made it may not see or share the shipment any more, so that it shows nothing');

export const share = z
  .object({
    id: z.number().int(),
    recipient: z.string(),
    contents: z.array(z.enum(SHARED_CONTENTS)),
    state: shareState,
    madeBy: z.string(),
    madeAt: timeOut,
    endsAt: timeOut,
    revokedAt: timeOut.nullable(),
    revokedBy: z.string().nullable(),
    views: z
      .number()
      .int()
      .describe('visits of people; what only fetches the link, such as a scanner of mails, is none'),
    viewedAt: timeOut.nullable(),
  })
  .register(named, { id: 'Share' });
export type ShareView = z.output<typeof share>;

export const shareInput = z.strictObject({
  recipient: line(200).trim().min(1).describe('whom it is for'),
  endsAt: timeIn.describe(`at most ${SHARED_MOST_DAYS} days from now`),
  contents: z
    .array(z.enum(SHARED_CONTENTS))
    .max(SHARED_CONTENTS.length)
    .refine((given) => !given.includes('report') || given.includes('serials'), {
      message: 'a report lists the serials; expected serials beside report',
    }),
});

/** The link is said here and nowhere else. */
export const shareMade = share.extend({ path: z.string().describe('/shared/{token}, on this installation') });

const sharedCondition = z.object({
  state: conditionState,
  now: conditionState,
  pending: z.enum(['warning', 'excursion']).nullable(),
  about: z.object({ kind: z.string(), metric: z.string().nullable() }).nullable(),
  temperature: z.number().nullable().describe('°C, corrected as registered'),
  received: z.number().optional().describe('what the logger sent for it, °C; absent: the same'),
  at: timeOut.nullable(),
});

/** What a customer sees: no id of ours but the shipment's own number, no name of ours but one that was chosen. */
export const sharedShipment = z
  .object({
    shipment: z.string(),
    state: z.enum(SHIPMENT_STATES),
    organisation: z.string().nullable(),
    sharer: z.string().nullable(),
    recipient: z.string(),
    endsAt: timeOut,
    profile: profile.omit({ id: true }),
    origin: z.string(),
    destination: z.string(),
    place: z.string().nullable(),
    departs: timeOut,
    arrives: timeOut.nullable(),
    leftAt: timeOut.nullable(),
    receivedAt: timeOut.nullable(),
    condition: sharedCondition,
    lastHeard: timeOut.nullable(),
    products: z.array(
      z.object({ gtin: z.string(), name: z.string(), lot: z.string().nullable(), expiry: z.string().nullable() }),
    ),
    units: z.array(z.object({ epc: z.string(), serialCount: z.number().int(), condition: sharedCondition })),
    serialCount: z.number().int(),
    contents: z.array(z.enum(SHARED_CONTENTS)),
    asOf: timeOut,
  })
  .register(named, { id: 'SharedShipment' });
export type SharedShipmentView = z.output<typeof sharedShipment>;

export const sharedChart = z.object({
  loggers: z.array(z.object({ items: z.array(bucket) })).describe('in no order of names'),
});
export type SharedChartView = z.output<typeof sharedChart>;

export const sharedSerials = listOf(
  z.object({
    gtin: z.string(),
    serial: z.string(),
    lot: z.string().nullable(),
    expiry: z.string().nullable(),
    unit: z.string().nullable(),
  }),
);
export type SharedSerialsView = z.output<typeof sharedSerials>;

export const shareOperations = {
  list: {
    method: 'get',
    path: '/shipments/:id/shares',
    summary: 'Links that show a shipment to customers, latest first',
    permission: 'shipment.share',
    bySite: true,
    answers: { 200: listOf(share) },
  },
  make: {
    method: 'post',
    path: '/shipments/:id/shares',
    summary: 'Make a link that shows a shipment to a customer until it ends; the link is answered once',
    permission: 'shipment.share',
    bySite: true,
    body: shareInput,
    answers: { 201: shareMade },
  },
  extend: {
    method: 'put',
    path: '/shipments/:id/shares/:share',
    summary: 'Set another end of a link, with a reason',
    permission: 'shipment.share',
    bySite: true,
    body: z.strictObject({ endsAt: timeIn, reason: prose(1_000).trim().min(1) }),
    answers: { 200: share },
  },
  revoke: {
    method: 'delete',
    path: '/shipments/:id/shares/:share',
    summary: 'Withdraw a link: it shows nothing from now on',
    permission: 'shipment.share',
    bySite: true,
    answers: { 204: null },
  },
  shared: {
    method: 'get',
    path: '/shared/:token',
    summary: 'A shipment as a link shows it to a customer',
    permission: 'anyone',
    answers: { 200: sharedShipment },
  },
  chart: {
    method: 'get',
    path: '/shared/:token/chart',
    summary: 'What loggers measured around it on its way, where the link shows that',
    permission: 'anyone',
    answers: { 200: sharedChart },
  },
  serials: {
    method: 'get',
    path: '/shared/:token/serials',
    summary: 'The serials of it, where the link shows them',
    permission: 'anyone',
    query: z.object({ cursor: z.string().max(1_000).optional() }),
    answers: { 200: sharedSerials },
  },
  report: {
    method: 'get',
    path: '/shared/:token/report.pdf',
    summary: 'Its report as PDF/A-3b with the proof of the ledger, where the link shows it; without the audit trail',
    permission: 'anyone',
    query: z.object({ language: z.enum(REPORT_LANGUAGES).optional() }),
    alsoGives: ['application/pdf'],
    answers: { 200: null },
  },
  visit: {
    method: 'post',
    path: '/shared/:token/visits',
    summary: 'A person has the page of the link before them: recorded once a visit',
    permission: 'anyone',
    answers: { 204: null },
  },
} as const satisfies Operations;
