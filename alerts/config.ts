import { z } from 'zod';
import { WEBHOOK_SECRET } from '../domain/index.ts';
import type { RoutingPlan } from './routing/routing.ts';

/** A channel's id, as routes, the outbox and metrics name it. */
export const CHANNEL_ID = /^[a-z0-9-]{1,64}$/;

const id = z.string().regex(CHANNEL_ID);
const httpUrl = z.string().refine((url) => hasProtocol(url, /^https?:$/), { error: 'an http or https address' });
/** Goes into a header or an address as it is. */
const token = z.string().regex(/^[\x21-\x7e]{1,500}$/, { error: 'visible ASCII characters without spaces' });
const mailAddress = z.email();

export const webhookChannelSchema = z.strictObject({
  id,
  kind: z.literal('webhook'),
  url: httpUrl,
  secret: z.string().regex(WEBHOOK_SECRET, { error: 'whsec_ and the key in base64' }),
});

const emailChannelSchema = z.strictObject({
  id,
  kind: z.literal('email'),
  url: z.string().refine(isMailServer, {
    error: 'smtp://USER@host:587 (STARTTLS) or smtps://USER@host:465, without the password, which is the secret',
  }),
  secret: z.string().max(500).default(''),
  from: mailAddress,
  to: z.array(mailAddress).min(1).max(20),
});

const slackChannelSchema = z.strictObject({ id, kind: z.literal('slack'), url: httpUrl });
const teamsChannelSchema = z.strictObject({ id, kind: z.literal('teams'), url: httpUrl });

const pagerDutyChannelSchema = z.strictObject({
  id,
  kind: z.literal('pagerduty'),
  url: httpUrl.default('https://events.pagerduty.com/v2/enqueue'),
  secret: z
    .string()
    .regex(/^[A-Za-z0-9]{32}$/, { error: 'the integration key of Events API v2: 32 letters and digits' }),
});

const ntfyChannelSchema = z.strictObject({
  id,
  kind: z.literal('ntfy'),
  url: httpUrl.refine((url) => /[^/]\/?$/.test(new URL(url).pathname), { error: 'https://host/TOPIC' }),
  secret: z.union([token, z.literal('')]).default(''),
});

const telegramChannelSchema = z.strictObject({
  id,
  kind: z.literal('telegram'),
  url: httpUrl.default('https://api.telegram.org'),
  secret: z.string().regex(/^\d{1,20}:[\w-]{20,}$/, { error: 'the token of the bot: 123456:ABC…' }),
  chat: z.string().regex(/^(-?\d{1,20}|@\w{4,64})$/, { error: 'the number of the chat, or @channel' }),
});

/** By Web Push to the browsers of people; each push service is where the browser says. */
const pushChannelSchema = z.strictObject({
  id,
  kind: z.literal('push'),
  url: z.literal('').default(''),
  contact: mailAddress,
});

const templateChannelSchema = z.strictObject({
  id,
  kind: z.literal('http'),
  url: z
    .string()
    .max(2_000)
    .refine((url) => hasProtocol(url.replace(/\{\{\s*\w+\s*\}\}/g, 'x'), /^https?:$/), {
      error: 'an http or https address',
    }),
  method: z.enum(['POST', 'PUT']).default('POST'),
  headers: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, { error: 'a header name in small letters' }), headerText())
    .default({}),
  body: z.string().min(1).max(10_000),
  secret: z.string().max(500).default(''),
  to: z.array(z.string().min(1).max(100)).max(20).default([]),
});

/** What may be somebody's own address by a channel of a kind; other kinds know no addresses. */
export const ADDRESS_FORMS: Readonly<
  Partial<Record<ChannelKind, { readonly pattern: RegExp; readonly allowed: string }>>
> = {
  email: { pattern: /^[^\s,;<>"@]{1,64}@[^\s,;<>"@]{1,250}$/, allowed: 'a mail address: anna@plant.example' },
  http: { pattern: /^\+?\d{6,15}$/, allowed: 'a number in international form: +4915112345678' },
  telegram: { pattern: /^-?\d{1,20}$/, allowed: 'the number of a chat' },
  ntfy: { pattern: /^[\w-]{1,64}$/, allowed: 'a topic: letters, digits, _ and -' },
};

/** A channel of any kind. */
export const channelSchema = z.discriminatedUnion('kind', [
  webhookChannelSchema,
  emailChannelSchema,
  slackChannelSchema,
  teamsChannelSchema,
  pagerDutyChannelSchema,
  ntfyChannelSchema,
  telegramChannelSchema,
  templateChannelSchema,
  pushChannelSchema,
]);

/** `alerts.channels`: where alerts can be sent. */
export const channelsSchema = z
  .array(channelSchema)
  .refine((channels) => new Set(channels.map(({ id }) => id)).size === channels.length, {
    error: 'every channel with an id of its own',
  });

/** `alerts.route`: which channel alerts go to. */
export const routeSchema = z.strictObject({ channel: z.string().regex(CHANNEL_ID) });

export type WebhookChannel = z.output<typeof webhookChannelSchema>;
export type EmailChannel = z.output<typeof emailChannelSchema>;
export type Channel = z.output<typeof channelSchema>;
export type ChannelKind = Channel['kind'];
export type Route = z.output<typeof routeSchema>;

export interface AlertsConfig {
  readonly channels: readonly Channel[];
  readonly route: Route | null;
}

/** `alerts.route` as a plan: every alert goes to that channel, once. null: nobody is told. */
export function simplePlan({ channels, route }: AlertsConfig): RoutingPlan | null {
  if (route === null || !channels.some(({ id }) => id === route.channel)) return null;
  return {
    ...{ people: new Map(), teams: new Map(), schedules: new Map() },
    root: {
      ...{ name: 'alerts.route', match: {}, to: [{ channel: route.channel }], escalation: null, repeatMs: null },
      ...{ isContinued: false, routes: [] },
    },
  };
}

function hasProtocol(url: string, protocol: RegExp): boolean {
  return URL.canParse(url) && protocol.test(new URL(url).protocol);
}

function isMailServer(url: string): boolean {
  if (!hasProtocol(url, /^smtps?:$/)) return false;
  const { hostname, password } = new URL(url);
  return hostname !== '' && password === '';
}

function headerText() {
  return z.string().regex(/^[\x20-\x7e]{0,1000}$/, { error: 'one line of ASCII' });
}
