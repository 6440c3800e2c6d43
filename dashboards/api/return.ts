import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery, scanned } from './schema.ts';
import { timeIn, timeOut } from './time.ts';
import { packIdentifier } from './verification-message.ts';

const outcome = z.enum(['asked', 'verified', 'not verified', 'unanswered']);

/** A returned pack, and what its maker said of it. */
export const returnVerification = z
  .object({
    id: z.string(),
    at: timeOut,
    by: z.string(),
    batch: z.string().nullable(),
    pack: packIdentifier,
    corrUUID: z.string(),
    partner: z.string().nullable().describe('who answers for the product, as registered here'),
    responder: z.string().nullable().describe('address that was asked'),
    responderGLN: z.string().nullable(),
    outcome: outcome.describe('asked: no answer has come yet, or we were stopped before it came'),
    saleable: z.boolean().describe('verified, with nothing that speaks against it there or here'),
    sentence: z.string(),
    data: z
      .object({
        verified: z.boolean(),
        verificationFailureReason: z.string().optional(),
        additionalInfo: z.string().optional(),
      })
      .nullable()
      .describe('as they answered'),
    fault: z.string().nullable().describe('why there is no answer'),
    tookMs: z.number().int().nullable(),
    findings: z.array(z.object({ finding: z.string(), reason: z.string(), stops: z.boolean() })),
  })
  .register(named, { id: 'ReturnVerification' });
export type ReturnVerificationView = z.output<typeof returnVerification>;

const batch = line(64).trim().min(1).optional().describe('names the delivery of returns that it belongs to');

/** What stands on the pack, or what a scanner sent of its 2D symbol. All four parts are needed. */
export const returnInput = z.union(
  [
    z.strictObject({ scan: scanned(400).min(1), batch }),
    z.strictObject({
      ...{ gtin: line(14).min(8), serial: line(20).min(1), lot: line(20).min(1), batch },
      expiry: z.iso.date('expected a calendar date such as 2027-06-30'),
    }),
  ],
  { error: 'expected {scan} or {gtin, serial, lot, expiry}' },
);

export const returnRates = z
  .object({
    from: timeOut,
    to: timeOut,
    asked: z.number().int(),
    verified: z.number().int(),
    notVerified: z.number().int(),
    unanswered: z.number().int(),
    verifiedPart: z.number().nullable().describe('of those that were answered, 0 to 1; null: none was'),
  })
  .register(named, { id: 'ReturnRates' });

export const directoryEntry = z
  .object({
    key: z.string().describe('GTIN of 14 digits, or GS1 Company Prefix'),
    partner: z.string().nullable(),
    responder: z.string().nullable(),
    changedAt: timeOut,
    changedBy: z.string(),
  })
  .register(named, { id: 'VerificationDirectoryEntry' });

export type DirectoryEntryView = z.output<typeof directoryEntry>;

export const returnOperations = {
  verify: {
    method: 'post',
    path: '/returns',
    summary: 'Ask the maker of a returned pack whether it is what it says; question and answer are kept',
    permission: 'pack.verify',
    body: returnInput,
    answers: { 200: returnVerification },
  },
  list: {
    method: 'get',
    path: '/returns',
    summary: 'Returned packs with what their makers said, latest first',
    permission: 'verifications.read',
    query: pageQuery.extend({ batch: line(64).optional() }),
    answers: { 200: listOf(returnVerification).register(named, { id: 'ReturnVerificationList' }) },
  },
  rates: {
    method: 'get',
    path: '/returns/rates',
    summary: 'How many returned packs were verified in a stretch of time, half-open',
    permission: 'verifications.read',
    query: z.object({ from: timeIn, to: timeIn }),
    answers: { 200: returnRates },
  },
  directory: {
    method: 'get',
    path: '/verification-directory',
    summary: 'Who answers for which products',
    permission: 'partner.read',
    answers: { 200: listOf(directoryEntry).register(named, { id: 'VerificationDirectory' }) },
  },
  enter: {
    method: 'put',
    path: '/verification-directory/:key',
    summary: 'Enter who answers for a product or a GS1 Company Prefix: a partner, or an address',
    permission: 'partner.change',
    body: z.union([z.strictObject({ partner: line(64).min(1) }), z.strictObject({ responder: line(500).min(1) })], {
      error: 'expected {partner} or {responder}',
    }),
    answers: { 200: directoryEntry },
  },
  remove: {
    method: 'delete',
    path: '/verification-directory/:key',
    summary: 'Take an entry out of the directory',
    permission: 'partner.change',
    answers: { 204: null },
  },
} as const satisfies Operations;
