import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery, prose } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

const direction = z.enum(['in', 'out']).describe('in: somebody asks us; out: we ask somebody');

/** A request for transaction information of the product of a case. */
export const traceRequest = z
  .object({
    number: z.number().int(),
    direction,
    partner: z.string(),
    official: z.boolean(),
    text: z.string(),
    at: timeOut,
    due: timeOut,
    madeBy: z.string(),
    answer: z.string().nullable(),
    answeredAt: timeOut.nullable(),
    answeredBy: z.string().nullable(),
  })
  .register(named, { id: 'TraceRequest' });

export const traceRequestInput = z.strictObject({
  direction,
  partner: line(200).trim().min(1),
  official: z.boolean().default(false).describe('FDA or another official: answered within 48 hours'),
  text: prose(4_000).trim().min(3),
  at: timeIn.nullable().default(null).describe('when it was received or sent; null: now'),
  due: timeIn.nullable().default(null).describe('null: 24 hours after that'),
});

/** With the case that it belongs to. */
export const tracedCase = traceRequest
  .extend({ case: z.string(), title: z.string().describe('Of the case') })
  .register(named, { id: 'TraceRequestOfCase' });
export type TraceRequestOfCaseView = z.output<typeof tracedCase>;

export const traceRequestOperations = {
  all: {
    method: 'get',
    path: '/trace-requests',
    summary: 'Requests to trace of all cases, the latest first: who asked, within which time, what was answered',
    permission: 'partner.read',
    query: pageQuery.extend({ state: z.enum(['open', 'all']).default('open').describe('open: not answered yet') }),
    answers: { 200: listOf(tracedCase).register(named, { id: 'TraceRequestOfCaseList' }) },
  },
  list: {
    method: 'get',
    path: '/cases/:id/trace-requests',
    summary: 'Requests to trace the product of a case, in and out, with their answers',
    permission: 'records.read',
    bySite: true,
    answers: { 200: listOf(traceRequest).register(named, { id: 'TraceRequestList' }) },
  },
  open: {
    method: 'post',
    path: '/cases/:id/trace-requests',
    summary: 'Record a request to trace; its clock runs with the others of the case until it is answered',
    permission: 'case.handle',
    bySite: true,
    takesKey: true,
    body: traceRequestInput,
    answers: { 201: traceRequest },
  },
  answer: {
    method: 'post',
    path: '/cases/:id/trace-requests/:number/answer',
    summary: 'Record what was answered, by us or to us; once',
    permission: 'case.handle',
    bySite: true,
    takesKey: true,
    body: z.strictObject({ answer: prose(10_000).trim().min(3) }),
    answers: { 200: traceRequest },
  },
} as const satisfies Operations;
