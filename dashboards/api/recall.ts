import { z } from 'zod';
import { gtin14 } from '../../codecs/epc/index.ts';
import { InputError } from '../../domain/index.ts';
import { words } from './alert.ts';
import { GOODS_FINDINGS } from './goods.ts';
import type { Operations } from './operation.ts';
import { placeRef } from './place.ts';
import { line, named, pageQuery, scanned } from './schema.ts';
import { SHIPMENT_STATES } from './shipment.ts';
import { timeOut } from './time.ts';

const gtinIn = z.string().transform((given, context) => {
  try {
    return gtin14(given);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    context.addIssue(error.message);
    return z.NEVER;
  }
});

/** At least one of gtin, lot and shipment; what is given all holds. */
export const recallQuery = pageQuery.extend({
  gtin: gtinIn.optional().describe('GTIN of 8, 12, 13 or 14 digits'),
  lot: line(20).min(1).optional(),
  shipment: line(128).min(1).optional(),
});

/** Where serials are now, and who has them. */
const location = {
  unit: z.string().nullable(),
  outermost: z.string().nullable(),
  place: placeRef.nullable(),
  site: placeRef.nullable(),
  shipment: z.string().nullable(),
  shipmentState: z.enum(SHIPMENT_STATES).nullable(),
};

export const recall = z
  .object({
    count: z.number().int(),
    elsewhere: z.number().int().describe('serials at sites that who asks does not see'),
    /** By place and unit, the largest first. */
    groups: z.array(z.object({ ...location, since: timeOut.nullable(), count: z.number().int() })),
    items: z.array(
      z.object({
        epc: z.string(),
        gtin: z.string(),
        serial: z.string(),
        lot: z.string().nullable(),
        expiry: z.string().nullable(),
        status: z.string().nullable(),
        ...location,
        lastSeen: timeOut.nullable(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .register(named, { id: 'Recall' });
export type RecallView = z.output<typeof recall>;

/** The body of `POST /verifications`: what stands on the pack, or what a scanner sent of its 2D symbol. */
export const verificationInput = z.union(
  [
    z.strictObject({
      gtin: gtinIn,
      serial: line(20).min(1),
      lot: line(20).min(1).optional(),
      expiry: z.iso.date('expected a calendar date such as 2027-06-30').optional(),
    }),
    z.strictObject({ scan: scanned(400).min(1) }),
  ],
  { error: 'expected {gtin, serial, lot, expiry} or {scan}' },
);

export const verification = z
  .object({
    id: z.string(),
    at: timeOut,
    by: z.string(),
    request: z.object({
      gtin: z.string(),
      serial: z.string(),
      lot: z.string().nullable(),
      expiry: z.string().nullable(),
    }),
    /** Nothing speaks against it. */
    verified: z.boolean(),
    mayMoveOn: z.boolean(),
    findings: z.array(
      z.object({
        finding: z.enum([
          'gtin unknown',
          'serial unknown',
          'lot mismatch',
          'expiry mismatch',
          ...GOODS_FINDINGS,
          'in two places',
        ]),
        reason: z.string(),
        words: words
          .optional()
          .describe('the reason by its key and values, for other languages; absent where it was kept without'),
      }),
    ),
    epc: z.string().nullable(),
    status: z.string().nullable(),
  })
  .register(named, { id: 'Verification' });
export type VerificationView = z.output<typeof verification>;

export const verificationList = z
  .object({ items: z.array(verification), nextCursor: z.string().nullable() })
  .register(named, { id: 'VerificationList' });

export const recallOperations = {
  find: {
    method: 'get',
    path: '/recall',
    summary: 'Where the serials of a lot, GTIN or shipment are now, in which unit, who has them',
    permission: 'records.read',
    bySite: true,
    query: recallQuery,
    alsoGives: ['text/csv', 'application/ld+json'],
    answers: { 200: recall },
  },
  csv: {
    method: 'get',
    path: '/recall.csv',
    summary: 'The same as a file: every serial, RFC 4180',
    permission: 'records.read',
    bySite: true,
    query: recallQuery,
    answers: { 200: null },
  },
  epcis: {
    method: 'get',
    path: '/recall.jsonld',
    summary: 'The same as an EPCIS 2.0 document',
    permission: 'records.read',
    bySite: true,
    query: recallQuery,
    answers: { 200: null },
  },
  verify: {
    method: 'post',
    path: '/verifications',
    summary: 'Whether a pack is one that is known, and may move on; the request is kept',
    permission: 'pack.verify',
    bySite: true,
    body: verificationInput,
    answers: { 200: verification },
  },
  verifications: {
    method: 'get',
    path: '/verifications',
    summary: 'Verification requests with their answers, latest first',
    permission: 'verifications.read',
    bySite: true,
    query: pageQuery,
    answers: { 200: verificationList },
  },
} as const satisfies Operations;
