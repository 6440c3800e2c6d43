import { z } from 'zod';
import type { Operations } from './operation.ts';
import { named } from './schema.ts';
import { timeOut } from './time.ts';

const code = z.string().min(1).max(100);
const password = z.string().min(1).max(1_024);

export const ownFactors = z
  .object({
    required: z.boolean().describe('The role asks for a second factor'),
    app: z.object({ since: timeOut }).nullable().describe('The authenticator app; null: none'),
    recoveryCodes: z.number().int().describe('That are left'),
  })
  .register(named, { id: 'OwnFactors' });
export type OwnFactorsView = z.output<typeof ownFactors>;

export const appSecret = z
  .object({ secret: z.string().describe('Base32'), uri: z.string().describe('otpauth, for a QR code') })
  .register(named, { id: 'AppSecret' });
export type AppSecretView = z.output<typeof appSecret>;

export const recoveryCodes = z
  .object({ recoveryCodes: z.array(z.string()).describe('Shown this once; each lets in once') })
  .register(named, { id: 'RecoveryCodes' });
export type RecoveryCodesView = z.output<typeof recoveryCodes>;

/** One's own second factor. */
export const factorOperations = {
  show: {
    method: 'get',
    path: '/session/factors',
    summary: 'What one has set up beside the password',
    permission: 'signed in',
    answers: { 200: ownFactors },
  },
  begin: {
    method: 'post',
    path: '/session/totp',
    summary: 'A secret for an authenticator app; codes are asked for once one was confirmed',
    permission: 'signed in',
    body: z.strictObject({ password }),
    answers: { 200: appSecret },
  },
  confirm: {
    method: 'post',
    path: '/session/totp/confirm',
    summary: 'Show a first code: from here on signing in takes one; other sessions end',
    permission: 'signed in',
    body: z.strictObject({ code }),
    answers: { 200: recoveryCodes },
  },
  renewCodes: {
    method: 'post',
    path: '/session/totp/recovery-codes',
    summary: 'Ten new recovery codes; those from before are void',
    permission: 'signed in',
    body: z.strictObject({ code }),
    answers: { 200: recoveryCodes },
  },
  remove: {
    method: 'post',
    path: '/session/totp/remove',
    summary: 'Ask for no codes any more',
    permission: 'signed in',
    body: z.strictObject({ code }),
    answers: { 204: null },
  },
} as const satisfies Operations;
