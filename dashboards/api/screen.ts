import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, named } from './schema.ts';
import { timeOut } from './time.ts';

/** A code that connects one screen with a door. */
export const screenInvitation = z
  .object({ code: z.string().describe('Shown this once'), expiresAt: timeOut, path: z.string() })
  .register(named, { id: 'ScreenInvitation' });
export type ScreenInvitation = z.output<typeof screenInvitation>;

export const connectedScreen = z
  .object({ name: z.string().describe('Of its token'), door: z.string() })
  .register(named, { id: 'ConnectedScreen' });

/** The screen that hangs at a door has a token of its own, listed and revoked among the API tokens. */
export const screenOperations = {
  invite: {
    method: 'post',
    path: '/portals/:id/screens',
    summary: 'Ask for a code that connects a screen with this portal',
    permission: 'access.manage',
    answers: { 201: screenInvitation },
  },
  connect: {
    method: 'post',
    path: '/screens',
    summary: 'Connect this browser as the screen of the door that the code is for',
    permission: 'anyone',
    body: z.strictObject({ code: line(40).min(1) }),
    answers: { 200: connectedScreen },
  },
} as const satisfies Operations;
