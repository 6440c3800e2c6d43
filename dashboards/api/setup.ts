import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line } from './schema.ts';
import { session } from './session.ts';

/** The body of `POST /setup/admin`. */
export const firstAdminInput = z.strictObject({
  code: line(100).min(1).describe('The one-time code that the terminal shows'),
  name: line(64).min(1),
  password: z.string().min(1).max(1_024),
});

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
} as const satisfies Operations;
