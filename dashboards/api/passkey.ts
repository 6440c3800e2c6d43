import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, listOf, named } from './schema.ts';
import { session } from './session.ts';
import { timeOut } from './time.ts';

export const passkey = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAt: timeOut,
    lastUsedAt: timeOut.nullable(),
    backedUp: z.boolean().describe('Kept in an account of a vendor; outlives the device'),
  })
  .register(named, { id: 'Passkey' });
export type PasskeyView = z.output<typeof passkey>;
export const passkeyList = listOf(passkey).register(named, { id: 'PasskeyList' });

const base64url = z
  .string()
  .regex(/^[\w-]*={0,2}$/)
  .max(12_000);
/** PublicKeyCredential as JSON (WebAuthn Level 3, 5.1.8). */
const credentialOf = <Shape extends z.ZodRawShape>(response: Shape) =>
  z.object({
    id: base64url.max(1_400),
    rawId: base64url.max(1_400),
    type: z.literal('public-key'),
    authenticatorAttachment: z.string().max(40).nullish(),
    clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
    response: z.object({ clientDataJSON: base64url, ...response }),
  });
const made = credentialOf({ attestationObject: base64url, transports: z.array(z.string().max(40)).max(20).optional() });
export const asserted = credentialOf({
  authenticatorData: base64url,
  signature: base64url,
  userHandle: base64url.nullish(),
});
/** For navigator.credentials: its shape is the browser's. */
const options = z.object({ options: z.record(z.string(), z.unknown()) });

const name = line(64).min(1);

/** One's own passkeys, and signing in with one. */
export const passkeyOperations = {
  list: {
    method: 'get',
    path: '/session/passkeys',
    summary: 'Own passkeys, the newest first',
    permission: 'signed in',
    answers: { 200: passkeyList },
  },
  begin: {
    method: 'post',
    path: '/session/passkeys/options',
    summary: 'What a browser makes a passkey from; holds for five minutes, once',
    permission: 'signed in',
    body: z.strictObject({ password: z.string().min(1).max(1_024) }),
    answers: { 200: options },
  },
  register: {
    method: 'post',
    path: '/session/passkeys',
    summary: 'Register a passkey that the browser made',
    permission: 'signed in',
    body: z.strictObject({ name, response: made }),
    answers: { 201: passkey },
  },
  rename: {
    method: 'put',
    path: '/session/passkeys/:id',
    summary: 'Call a passkey something else',
    permission: 'signed in',
    body: z.strictObject({ name }),
    answers: { 200: passkey },
  },
  remove: {
    method: 'delete',
    path: '/session/passkeys/:id',
    summary: 'Remove a passkey',
    permission: 'signed in',
    answers: { 204: null },
  },
  signInOptions: {
    method: 'post',
    path: '/session/passkey/options',
    summary: 'What a browser asks its passkeys with; holds for five minutes, once, for this browser',
    permission: 'anyone',
    answers: { 200: options },
  },
  signIn: {
    method: 'post',
    path: '/session/passkey',
    summary: 'Sign in with a passkey',
    permission: 'anyone',
    body: z.strictObject({ response: asserted }),
    answers: { 200: session },
  },
} as const satisfies Operations;
