import { z } from 'zod';
import { ADDITIONAL_INFO, FAILURE_REASONS } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { timeOut } from './time.ts';

/** The data of an answer of GS1 Lightweight Verification Messaging, member by member as it names them. */
export const verificationData = z.object({
  verified: z.boolean(),
  verificationFailureReason: z.enum(FAILURE_REASONS).optional(),
  additionalInfo: z.enum(ADDITIONAL_INFO).optional(),
});

export const packIdentifier = z.object({ gtin: z.string(), serial: z.string(), lot: z.string(), expiry: z.string() });

/** What another company asked and was told. */
export const answeredVerification = z
  .object({
    id: z.string(),
    at: timeOut,
    by: z.string().describe('whose token let the request in'),
    requester: z.string().describe('GLN of who asked'),
    corrUUID: z.string(),
    version: z.enum(['1.1', '1.3']),
    pack: packIdentifier,
    status: z.number().int(),
    data: verificationData.nullable(),
    credential: z
      .object({ holder: z.string(), issuer: z.string() })
      .nullable()
      .describe('the ATP credential that was presented and held, as DIDs'),
    findings: z
      .array(z.object({ finding: z.string(), reason: z.string() }))
      .describe('what was known of the pack and not told in so many words'),
  })
  .register(named, { id: 'AnsweredVerification' });
export type AnsweredVerificationView = z.output<typeof answeredVerification>;

const answeredQuery = pageQuery.extend({
  requester: line(13).optional(),
  gtin: line(14).optional(),
  serial: line(20).optional(),
});

export const verificationMessageOperations = {
  answered: {
    method: 'get',
    path: '/verification-answers',
    summary: 'What other companies asked of our packs and were told, latest first',
    permission: 'verifications.read',
    query: answeredQuery,
    answers: { 200: listOf(answeredVerification).register(named, { id: 'AnsweredVerificationList' }) },
  },
  answeredCsv: {
    method: 'get',
    path: '/verification-answers.csv',
    summary: 'The same as a file, RFC 4180',
    permission: 'verifications.read',
    query: answeredQuery.omit({ limit: true, cursor: true }),
    answers: { 200: null },
  },
} as const satisfies Operations;
