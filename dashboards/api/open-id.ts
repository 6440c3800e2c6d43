import { z } from 'zod';
import type { Operations } from './operation.ts';

/** Signing in by another provider; both answers send the browser on. */
export const openIdOperations = {
  begin: {
    method: 'get',
    path: '/sign-in/oidc',
    summary: 'To the OpenID provider, to sign in there',
    permission: 'anyone',
    answers: { 302: null },
  },
  sign: {
    method: 'get',
    path: '/sign-in/oidc/sign',
    summary:
      'To the OpenID provider, to sign in afresh and so sign the record that was shown here; back to the page with a ticket',
    permission: 'signed in',
    query: z.object({
      record: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'expected the hash of the record, 64 hex digits')
        .describe('SHA-256 of the record, hex, as a draft or a challenge gave it'),
      window: z
        .string()
        .regex(/^[\w-]{0,40}$/, 'expected up to 40 letters, digits, - and _')
        .default('')
        .describe('comes back with the ticket'),
    }),
    answers: { 302: null },
  },
  finish: {
    method: 'get',
    path: '/sign-in/oidc/callback',
    summary: 'Back from the OpenID provider; on to the page, which says where it was refused',
    permission: 'anyone',
    answers: { 302: null },
  },
} as const satisfies Operations;
