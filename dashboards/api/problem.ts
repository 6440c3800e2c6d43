import { z } from 'zod';
import { named } from './schema.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9457 problem details; `code` is the stable code of the error, `errors` say which fields of the input are wrong. */
export const problem = z
  .object({
    type: z.string().describe('urn:isotherm:problem:CODE'),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    current: z.record(z.string(), z.unknown()).optional().describe('409: the state that was in the way'),
    retryAfterSeconds: z.number().int().optional(),
  })
  .register(named, { id: 'Problem' });

export type Problem = z.output<typeof problem>;
