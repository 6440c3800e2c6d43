import { z } from 'zod';
import { ROLES, SITE_ID } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, named } from './schema.ts';

export const role = z.enum(ROLES);

const siteId = z.string().regex(SITE_ID, 'expected the id of a site, such as site:lyon');
/** Whose goods somebody sees. */
export const sites = z.union([z.literal('all'), z.array(siteId).min(1).max(1_000)]);
export const sitesOut = z.union([z.literal('all'), z.array(z.string())]).describe('Whose goods are seen');

export const signIn = z.object({
  username: line(200).min(1),
  password: z.string().min(1).max(1_000),
  code: z.string().max(100).optional().describe('Of the authenticator app, or a recovery code, where one was set up'),
});

export const session = z
  .object({
    user: z.object({
      name: z.string(),
      role: z.string(),
      permissions: z.array(z.string()).describe('What the role may, at these sites'),
      sites: sitesOut,
      door: z.string().optional().describe('The portal whose screen this is: nobody is signed in here'),
      lacksSecondFactor: z
        .literal(true)
        .optional()
        .describe('The role asks for a second factor: nothing is allowed but to set one up'),
    }),
    isDemo: z.boolean(),
    setUpFor: z.literal('pharmacy').optional().describe('The page leaves out what it has no use for'),
    isPractice: z.literal(true).optional().describe('Nothing here is real: the practice site'),
    canPractise: z.literal(true).optional().describe('A practice site can be started beside this one'),
  })
  .register(named, { id: 'Session' });
export type Session = z.output<typeof session>;

/** What the sign-in page may know before anyone has signed in. */
export const signInOptions = z
  .object({
    isDemo: z.boolean(),
    /** There is no user yet: the page asks for the one-time code of the terminal. */
    needsFirstAdmin: z.literal(true).optional(),
    /** Another provider vouches for people; the page links to /api/v1/sign-in/oidc. */
    provider: z.object({ label: z.string() }).optional(),
    /** Passkeys can be used here: people come by a host name. */
    passkeys: z.literal(true).optional(),
    /** Who is signed in already; asking is no error where nobody is. */
    session: session.nullable(),
    /** Demo mode only: one account per role, all with the same password. */
    accounts: z.array(z.object({ name: z.string(), role, password: z.string() })),
  })
  .register(named, { id: 'SignInOptions' });
export type SignInOptions = z.output<typeof signInOptions>;

export const sessionOperations = {
  signInOptions: {
    method: 'get',
    path: '/sign-in',
    summary: 'What the sign-in page may know',
    permission: 'anyone',
    answers: { 200: signInOptions },
  },
  signIn: {
    method: 'post',
    path: '/session',
    summary: 'Sign in',
    permission: 'anyone',
    body: signIn,
    answers: { 200: session },
  },
  current: {
    method: 'get',
    path: '/session',
    summary: 'Who is signed in',
    permission: 'signed in',
    answers: { 200: session },
  },
  signOut: {
    method: 'delete',
    path: '/session',
    summary: 'Sign out',
    permission: 'signed in',
    answers: { 204: null },
  },
} as const satisfies Operations;
