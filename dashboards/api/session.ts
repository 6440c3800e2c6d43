import { z } from 'zod';
import { ROLES } from '../../domain/index.ts';
import { line, named } from './schema.ts';

export const role = z.enum(ROLES);

export const signIn = z.object({ username: line(200).min(1), password: z.string().min(1).max(1_000) });

export const session = z
  .object({ user: z.object({ name: z.string(), role }), isDemo: z.boolean() })
  .register(named, { id: 'Session' });
export type Session = z.output<typeof session>;

/** What the sign-in page may know before anyone has signed in. */
export const signInOptions = z
  .object({
    isDemo: z.boolean(),
    /** Who is signed in already; asking is no error where nobody is. */
    session: session.nullable(),
    /** Demo mode only: one account per role, all with the same password. */
    accounts: z.array(z.object({ name: z.string(), role, password: z.string() })),
  })
  .register(named, { id: 'SignInOptions' });
export type SignInOptions = z.output<typeof signInOptions>;
