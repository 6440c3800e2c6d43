import { z } from 'zod';
import { caseDetail, caseStep, signatureInput } from './case.ts';
import { draftedStep } from './case-decision.ts';
import type { Operations } from './operation.ts';
import { line, named, prose } from './schema.ts';
import { timeIn } from './time.ts';

const given = {
  case: line(20).optional().describe('where the alert is in several open cases: the one it is said of'),
  revision: z.number().int().min(0).optional().describe('of the alert as it was seen: 409 where somebody acted since'),
  reason: prose(4_000).trim().min(3),
};
const broken = {
  verdict: z.literal('logger broken').describe('lost or broken: what its logger measured from then on does not count'),
  since: timeIn,
  until: timeIn.nullable().default(null).describe('null: from then on'),
  instead: line(128).nullable().default(null).describe('the logger on the same goods whose data counts'),
};
const handling = {
  verdict: z.literal('not part of journey').describe('handling before start or after arrival'),
  from: timeIn,
  to: timeIn,
};
const signature = { signature: signatureInput };

/** What a person says of an alert where data cannot tell. */
export const alertVerdictDraft = z.discriminatedUnion('verdict', [
  z.strictObject({ ...broken, ...given }),
  z.strictObject({ ...handling, ...given }),
]);
export const alertVerdictInput = z.discriminatedUnion('verdict', [
  z.strictObject({ ...broken, ...given, ...signature }),
  z.strictObject({ ...handling, ...given, ...signature }),
]);
export type AlertVerdictDraft = z.output<typeof alertVerdictDraft>;

const kept = z.object({ case: z.string(), step: caseStep });

/** What was said of an alert under signature, and how one would say more. */
export const alertVerdicts = z
  .object({
    cases: z.array(z.string()).describe('open cases that the alert is in; of each is said by itself'),
    items: z.array(kept).describe('the first one first; each is taken back as a step of its case'),
    signing: caseDetail.shape.signing,
  })
  .register(named, { id: 'AlertVerdicts' });
export type AlertVerdictsView = z.output<typeof alertVerdicts>;

export const alertVerdict = z
  .object({ case: z.string(), step: caseStep, state: z.string().describe('of the alert now') })
  .register(named, { id: 'AlertVerdict' });

export const alertVerdictOperations = {
  list: {
    method: 'get',
    path: '/alerts/:id/verdicts',
    summary: 'What people said of its evidence, with their signatures',
    permission: 'records.read',
    bySite: true,
    answers: { 200: alertVerdicts },
  },
  draft: {
    method: 'post',
    path: '/alerts/:id/verdicts/draft',
    summary: 'What would be signed of a verdict, and with what; a case is opened for it where none stands',
    permission: 'case.decide',
    bySite: true,
    body: alertVerdictDraft,
    answers: { 200: draftedStep.extend({ case: z.string() }) },
  },
  give: {
    method: 'post',
    path: '/alerts/:id/verdicts',
    summary: 'Say, with a signature, that its logger was lost or broken, or that it is no part of the journey',
    permission: 'case.decide',
    bySite: true,
    body: alertVerdictInput,
    answers: { 201: alertVerdict },
  },
} as const satisfies Operations;
