import { z } from 'zod';
import { INSTALLATION_PURPOSES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, named } from './schema.ts';
import { session } from './session.ts';

/** The body of `POST /setup/admin`. */
export const firstAdminInput = z.strictObject({
  code: line(100).min(1).describe('The one-time code that the terminal shows'),
  name: line(64).min(1),
  password: z.string().min(1).max(1_024),
});

/** What an installation needs before it can tell anything, in the order in which it is best done. */
export const SET_UP_STEPS = ['organisation', 'places', 'portals', 'products', 'devices', 'people', 'channels'] as const;
export type SetUpStep = (typeof SET_UP_STEPS)[number];

export const setUp = z
  .object({
    steps: z.array(
      z.object({
        id: z.enum(SET_UP_STEPS),
        /** How many there are, up to a thousand. */
        count: z.number().int(),
        state: z.enum(['done', 'open', 'skipped']),
      }),
    ),
    for: z.enum(INSTALLATION_PURPOSES).describe('What the page is for: as somebody chose here, else as configured'),
    done: z.number().int().describe('Steps that are done, or not needed here'),
  })
  .register(named, { id: 'SetUp' });
export type SetUpView = z.output<typeof setUp>;

/** The body of `PUT /setup/{step}`. */
export const setUpStepInput = z.strictObject({ skipped: z.boolean().describe('not needed here') });
export const setUpStepId = z.enum(SET_UP_STEPS);

/** The first hour of an installation. */
export const setUpOperations = {
  firstAdmin: {
    method: 'post',
    path: '/setup/admin',
    summary: 'While there is no user: become the first admin with the one-time code of the terminal, and sign in',
    permission: 'anyone',
    body: firstAdminInput,
    answers: { 201: session },
  },
  view: {
    method: 'get',
    path: '/setup',
    summary: 'How far the installation is set up',
    permission: 'installation.manage',
    answers: { 200: setUp },
  },
  choose: {
    method: 'put',
    path: '/setup-purpose',
    summary: 'Say what the page is for: everything, or a pharmacy, which leaves out doors, loggers and rules',
    permission: 'installation.manage',
    body: z.strictObject({ for: z.enum(INSTALLATION_PURPOSES) }),
    answers: { 200: setUp },
  },
  skip: {
    method: 'put',
    path: '/setup/:step',
    summary: 'Say that a step of the set-up is not needed here, or is after all',
    permission: 'installation.manage',
    body: setUpStepInput,
    answers: { 200: setUp },
  },
} as const satisfies Operations;
