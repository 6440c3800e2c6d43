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
  finish: {
    method: 'get',
    path: '/sign-in/oidc/callback',
    summary: 'Back from the OpenID provider; on to the page, which says where it was refused',
    permission: 'anyone',
    answers: { 302: null },
  },
} as const satisfies Operations;
