import { z } from 'zod';
import type { Operations } from './operation.ts';

const MESSAGE_LIMIT = 16 * 1024;

/** What phones answer to messages, as providers of SMS bring it. */
export const smsOperations = {
  answer: {
    method: 'post',
    path: '/webhooks/sms',
    summary: 'Take an SMS that came in: a PIN in it acknowledges the alert that it was sent for (docs/channels.md)',
    permission: 'sender',
    body: z.unknown().describe('As a form or JSON: from (or msisdn) and body (or text, message)'),
    bodyAs: 'bytes',
    bodyLimit: MESSAGE_LIMIT,
    anyMedia: true,
    answers: { 204: null },
  },
} as const satisfies Operations;
