import { z } from 'zod';
import { WEBHOOK_SECRET } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';

/** Where alerts are sent. Its secret is never shown again. */
export const channel = z
  .object({
    id: z.string(),
    kind: z.literal('webhook'),
    url: z.string(),
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
  kind: z.literal('webhook').default('webhook'),
  url: line(2_000).min(1),
  told: z.boolean().default(true).describe('Whether it is told of alerts'),
  secret: z
    .string()
    .regex(WEBHOOK_SECRET, 'expected whsec_ and the key in base64')
    .optional()
    .describe('default: the one there is, or a new one'),
});

export const channelTest = z
  .object({
    delivered: z.boolean(),
    /** What the receiver answered, or why it was not reached; null where it took it. */
    failure: z.string().nullable(),
  })
  .register(named, { id: 'ChannelTest' });
export type ChannelTest = z.output<typeof channelTest>;

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
    answers: { 200: channelTest },
  },
} as const satisfies Operations;
