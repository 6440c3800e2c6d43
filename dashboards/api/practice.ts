import { z } from 'zod';
import { PRACTICE_ROLES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { named } from './schema.ts';
import { session } from './session.ts';

export const PRACTICE_STATES = ['off', 'starting', 'on', 'stopping', 'failed'] as const;

export const practiceSite = z
  .object({
    state: z.enum(PRACTICE_STATES),
    detail: z.string().nullable().describe('While it starts: the step it is at; failed: why'),
    people: z.int().describe('How many came in since it was started'),
    mayEnd: z
      .boolean()
      .describe(
        'Whether who asks may end it or begin it anew: nobody else came in, or they look after this installation',
      ),
  })
  .register(named, { id: 'PracticeSite' });
export type PracticeSiteView = z.output<typeof practiceSite>;

const practiceRole = z.enum(PRACTICE_ROLES);

export const practiceBegin = z.strictObject({
  isAnew: z
    .boolean()
    .default(false)
    .describe('Ends what is practised there, of everybody, and begins with the goods as they were'),
});

export const practiceEntryInput = z.strictObject({ role: practiceRole.describe('Whose jobs are practised') });

export const practiceEntry = z
  .object({
    ticket: z.string().describe('Opens the practice site once, within a minute'),
    url: z.string().nullable().describe('Where it is; null: on this host'),
    port: z.int().describe('At which port, where url is null'),
  })
  .register(named, { id: 'PracticeEntry' });
export type PracticeEntry = z.output<typeof practiceEntry>;

export const practiceTicket = z.strictObject({ ticket: z.string().min(1).max(2_000) });

export const practiceJobs = z
  .object({
    role: practiceRole,
    password: z.string().describe('Of everybody here; asked for where something is signed'),
    home: z
      .object({ url: z.string().nullable(), port: z.int() })
      .describe('The real site: its address, or where that is not set its port on this host'),
    jobs: z.array(
      z.object({ id: z.string(), start: z.string().describe('The screen where it begins'), isDone: z.boolean() }),
    ),
  })
  .register(named, { id: 'PracticeJobs' });
export type PracticeJobsView = z.output<typeof practiceJobs>;

const SELF = 'signed in';

/** The practice site beside the real one: the first four are asked of the real one, the last two of the practice site. */
export const practiceOperations = {
  state: {
    method: 'get',
    path: '/practice',
    summary: 'Whether the practice site runs',
    permission: SELF,
    answers: { 200: practiceSite },
  },
  begin: {
    method: 'post',
    path: '/practice',
    summary: 'Start the practice site, or begin it anew; it is ready when its state is on',
    permission: SELF,
    body: practiceBegin,
    answers: { 202: practiceSite },
  },
  end: {
    method: 'delete',
    path: '/practice',
    summary: 'End the practice site; everything practised there is gone',
    permission: SELF,
    answers: { 200: practiceSite },
  },
  enter: {
    method: 'post',
    path: '/practice/entries',
    summary: 'A ticket with which who is signed in here comes into the practice site',
    permission: SELF,
    body: practiceEntryInput,
    answers: { 200: practiceEntry },
  },
  signIn: {
    method: 'post',
    path: '/session/practice',
    summary: 'Of the practice site: sign in with a ticket of the real site',
    permission: 'anyone',
    body: practiceTicket,
    answers: { 200: session },
  },
  jobs: {
    method: 'get',
    path: '/practice/jobs',
    summary: 'Of the practice site: one’s jobs, and which are done',
    permission: SELF,
    answers: { 200: practiceJobs },
  },
} as const satisfies Operations;
