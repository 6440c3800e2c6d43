import { z } from 'zod';
import { MESSAGE_LANGUAGES } from '../../domain/index.ts';
import { channelTest } from './channel.ts';
import type { Operations } from './operation.ts';
import { line, named } from './schema.ts';
import { timeOut } from './time.ts';

const quietHours = z.array(z.strictObject({ from: line(5), to: line(5), days: z.array(line(3)).max(7).optional() }));

/** How one is told of alerts: what operations set in the routing, and what one set oneself, which counts. */
export const ownNotices = z
  .object({
    name: z.string(),
    isKnown: z.boolean().describe('whether the routing names the person: else nobody tells them of anything'),
    language: z.string().nullable().describe('set by oneself; null: as the routing says'),
    zone: z.string().nullable(),
    quiet: quietHours.nullable().describe('which critical alerts pierce'),
    routing: z.object({ language: z.string(), zone: z.string(), quiet: quietHours }).describe('what operations set'),
    channels: z.array(
      z.object({
        id: z.string(),
        severities: z.array(z.string()).describe('of the alerts of which one is told so'),
        takesAddress: z.boolean().describe('whether one may have an address of one’s own there'),
        allowed: z.string().nullable().describe('what such an address looks like'),
        address: z.string().nullable().describe('one’s own, verified'),
        routing: z.string().nullable().describe('what operations set'),
        wanted: z.string().nullable().describe('whose code is awaited'),
        codeExpiresAt: timeOut.nullable(),
      }),
    ),
  })
  .register(named, { id: 'OwnNotices' });
export type OwnNoticesView = z.output<typeof ownNotices>;

/** What is null is as the routing says. */
export const ownNoticesInput = z.strictObject({
  language: z.enum(MESSAGE_LANGUAGES).nullable(),
  zone: line(64).nullable(),
  quiet: quietHours.max(50).nullable(),
});

const SELF = 'signed in';

/** How one is told of alerts, by one's own word. */
export const ownNoticeOperations = {
  get: {
    method: 'get',
    path: '/own-notices',
    summary: 'How one is told of alerts: by the routing, and by one’s own word',
    permission: SELF,
    answers: { 200: ownNotices },
  },
  put: {
    method: 'put',
    path: '/own-notices',
    summary: 'Set one’s own language, time zone and quiet hours, or take them back',
    permission: SELF,
    body: ownNoticesInput,
    answers: { 200: ownNotices },
  },
  ask: {
    method: 'post',
    path: '/own-notices/:channel/address',
    summary: 'Have a code sent to an address of one’s own; one is told there when it is entered',
    permission: SELF,
    body: z.strictObject({ address: line(320).trim().min(1) }),
    answers: { 200: ownNotices },
  },
  verify: {
    method: 'post',
    path: '/own-notices/:channel/code',
    summary: 'Enter the code that was sent to an address of one’s own',
    permission: SELF,
    body: z.strictObject({ code: line(20).trim().min(1) }),
    answers: { 200: ownNotices },
  },
  remove: {
    method: 'delete',
    path: '/own-notices/:channel/address',
    summary: 'Be told where the routing says again',
    permission: SELF,
    answers: { 200: ownNotices },
  },
  test: {
    method: 'post',
    path: '/own-notices/:channel/test',
    summary: 'Send oneself a test by a channel',
    permission: SELF,
    answers: { 200: channelTest },
  },
} as const satisfies Operations;
