import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';

/** How a channel is spoken to (docs/channels.md). */
export const channelKind = z.enum([
  'webhook',
  'email',
  'slack',
  'teams',
  'pagerduty',
  'ntfy',
  'telegram',
  'http',
  'push',
]);
export type ChannelKind = z.output<typeof channelKind>;

/** What a kind needs besides address and secret. */
const channelSettings = z
  .object({
    from: z.string().max(320).describe('email: the address that mails are sent from'),
    to: z.array(z.string().max(320)).max(20).describe('email: who gets them; http: what {{to}} stands for'),
    chat: z.string().max(100).describe('telegram: the number of the chat, or @channel'),
    contact: z.string().max(320).describe('push: a mail address where push services reach who runs this'),
    method: z.enum(['POST', 'PUT']).describe('http'),
    headers: z.record(z.string().max(64), z.string().max(1_000)).describe('http: header names in small letters'),
    body: z.string().max(10_000).describe('http: with {{text}} and other values in it'),
  })
  .partial();

/** Where alerts are sent. Its secret is never shown again. */
export const channel = z
  .object({
    id: z.string(),
    kind: channelKind,
    url: z.string().describe('Of slack and teams, whose address is the secret, the host alone'),
    settings: channelSettings,
    told: z.boolean().describe('Whether it is told of alerts'),
    configured: z.boolean().describe('It stands in the configuration file, and is changed there'),
  })
  .register(named, { id: 'Channel' });
export type ChannelView = z.output<typeof channel>;
export const channelList = listOf(channel).register(named, { id: 'ChannelList' });

export const channelMade = channel
  .extend({ secret: z.string().nullable().describe('Of a new channel, shown this once; else null') })
  .register(named, { id: 'ChannelMade' });

/** The body of `PUT /channels/{id}`. */
export const channelInput = z.strictObject({
  kind: channelKind.optional().describe('default: the one there is, or webhook; it cannot be changed'),
  url: line(2_000).min(1).optional().describe('default: the one there is, or that of the kind'),
  settings: channelSettings.optional().describe('default: those there are'),
  told: z.boolean().default(true).describe('Whether it is told of alerts'),
  secret: line(500)
    .optional()
    .describe(
      'webhook: whsec_ and the key in base64; email: the password; pagerduty: the integration key; ntfy, telegram: the token. Default: the one there is, or for a webhook a new one',
    ),
});

export const channelTest = z
  .object({
    delivered: z.boolean(),
    /** What the receiver answered, or why it was not reached; null where it took it. */
    failure: z.string().nullable(),
  })
  .register(named, { id: 'ChannelTest' });
export type ChannelTest = z.output<typeof channelTest>;

export const channelTestQuery = z.object({
  person: line(64)
    .min(1)
    .optional()
    .describe('to the address that the routing has of them for this channel, in their language'),
});

export const channelOperations = {
  list: {
    method: 'get',
    path: '/channels',
    summary: 'Where alerts are sent',
    permission: 'installation.manage',
    query: pageQuery,
    answers: { 200: channelList },
  },
  put: {
    method: 'put',
    path: '/channels/:id',
    summary: 'Make or change a channel',
    permission: 'installation.manage',
    body: channelInput,
    answers: { 200: channelMade },
  },
  remove: {
    method: 'delete',
    path: '/channels/:id',
    summary: 'Remove a channel',
    permission: 'installation.manage',
    answers: { 204: null },
  },
  test: {
    method: 'post',
    path: '/channels/:id/test',
    summary: 'Send a signed test message now, and say what was answered',
    permission: 'installation.manage',
    query: channelTestQuery,
    answers: { 200: channelTest },
  },
} as const satisfies Operations;
