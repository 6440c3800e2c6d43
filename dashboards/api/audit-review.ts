import { z } from 'zod';
import { AUDIT_RISKS } from '../../domain/index.ts';
import { auditEntry } from './audit.ts';
import { draftedStep } from './case-decision.ts';
import type { Operations } from './operation.ts';
import { reportQuery } from './report.ts';
import { line, listOf, named, pageQuery, prose } from './schema.ts';
import { timeOut } from './time.ts';

export const auditRisk = z.enum(AUDIT_RISKS);
const byRisk = z.object({ high: z.number().int(), medium: z.number().int(), low: z.number().int() });
const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** What signing a review says. */
export const REVIEW_MEANING = 'reviewed the audit trail';

/** What the next review would cover: the places of the trail after the last one. */
export const nextReview = z
  .object({
    after: z.number().int().describe('the last place that was reviewed, 0 where nothing was'),
    to: z.number().int().describe('the last place it would cover; `after` where nothing is new'),
    chain: z.string().describe('chain value of `to`, hex: it stands for every entry up to there'),
    from: timeOut.nullable(),
    until: timeOut.nullable(),
    actions: z.array(z.object({ action: z.string(), risk: auditRisk, entries: z.number().int() })),
    byRisk,
    own: z.number().int().describe('acts of who asks: somebody else should look at those'),
    beyond: z.number().int().describe('wait for the review after it'),
    methods: z
      .array(z.enum(['passkey', 'oidc', 'password']))
      .describe('with which who asks can sign here; none: a token'),
  })
  .register(named, { id: 'NextAuditReview' });
export type NextReviewView = z.output<typeof nextReview>;

export const placedEntry = auditEntry
  .extend({ place: z.number().int().describe('from 1, without a gap'), risk: auditRisk })
  .register(named, { id: 'PlacedAuditEntry' });
export type PlacedEntryView = z.output<typeof placedEntry>;

/** A stretch of the trail that somebody signed to have looked at. */
export const auditReview = z
  .object({
    number: z.number().int(),
    after: z.number().int(),
    to: z.number().int(),
    chain: z.string(),
    byRisk,
    own: z.number().int().describe("how many of them were the signer's own acts"),
    comment: z.string(),
    signature: z.object({
      by: z.string(),
      role: z.string(),
      at: timeOut,
      meaning: z.string(),
      method: z.enum(['password', 'passkey', 'oidc']),
      recordHash: z.string().describe('SHA-256 of the signed record, canonical JSON (RFC 8785), hex'),
    }),
    broken: z.string().nullable().describe('what no longer fits what was signed; null: everything does'),
  })
  .register(named, { id: 'AuditReview' });
export type AuditReviewView = z.output<typeof auditReview>;

/** Both components, each time: a review is a signing of its own. Or a passkey, or a fresh sign-in, over its draft. */
export const reviewInput = z.strictObject({
  after: place,
  to: place,
  chain: z.string().regex(/^[0-9a-f]{64}$/, 'expected the chain value as it was given, 64 hex digits'),
  comment: prose(4_000).trim().min(3),
  signature: z.union([
    z.strictObject({
      meaning: z.literal(REVIEW_MEANING),
      user: line(200),
      password: z.string().min(1).max(1_000),
      code: z.string().max(100).optional(),
    }),
    z.strictObject({ meaning: z.literal(REVIEW_MEANING), passkey: z.record(z.string(), z.unknown()) }),
    z.strictObject({ meaning: z.literal(REVIEW_MEANING), oidc: line(4_000) }),
  ]),
});

export const auditReviewOperations = {
  next: {
    method: 'get',
    path: '/audit/reviews/next',
    summary: 'What the next review of the audit trail would cover, counted by risk',
    permission: 'audit.read',
    answers: { 200: nextReview },
  },
  entries: {
    method: 'get',
    path: '/audit/reviews/entries',
    summary: 'Entries of a stretch of the audit trail with their risk, oldest first',
    permission: 'audit.read',
    query: pageQuery.extend({ after: place, to: place, risk: auditRisk.optional() }),
    answers: { 200: listOf(placedEntry).register(named, { id: 'PlacedAuditList' }) },
  },
  list: {
    method: 'get',
    path: '/audit/reviews',
    summary: 'Reviews of the audit trail, latest first',
    permission: 'audit.read',
    query: pageQuery,
    answers: { 200: listOf(auditReview).register(named, { id: 'AuditReviewList' }) },
  },
  draft: {
    method: 'post',
    path: '/audit/reviews/draft',
    summary: 'What would be signed of a review, and what a passkey or a fresh sign-in signs it with; nothing is signed',
    permission: 'audit.review',
    body: reviewInput.omit({ signature: true }),
    answers: { 200: draftedStep },
  },
  report: {
    method: 'get',
    path: '/audit/reviews/:number/report.pdf',
    summary: 'A review as PDF/A-3b: what was reviewed, by risk, what was found, who signed it, the proof of the ledger',
    permission: 'audit.read',
    query: reportQuery.pick({ zone: true, language: true }),
    alsoGives: ['application/pdf'],
    answers: { 200: null },
  },
  sign: {
    method: 'post',
    path: '/audit/reviews',
    summary:
      'Sign that the audit trail was looked at, from the last review on; with name and password, passkey or fresh sign-in, never by a token',
    permission: 'audit.review',
    body: reviewInput,
    answers: { 201: auditReview },
  },
} as const satisfies Operations;
