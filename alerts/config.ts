import { z } from 'zod';
import { WEBHOOK_SECRET } from '../domain/index.ts';
import type { RoutingPlan } from './routing/routing.ts';

/** A channel's id, as routes, the outbox and metrics name it. */
export const CHANNEL_ID = /^[a-z0-9-]{1,64}$/;

export const webhookChannelSchema = z.strictObject({
  id: z.string().regex(CHANNEL_ID),
  kind: z.literal('webhook'),
  url: z.string().refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), {
    error: 'an http or https address',
  }),
  secret: z.string().regex(WEBHOOK_SECRET),
});

/** `alerts.channels`: where alerts can be sent. */
export const channelsSchema = z
  .array(z.discriminatedUnion('kind', [webhookChannelSchema]))
  .refine((channels) => new Set(channels.map(({ id }) => id)).size === channels.length, {
    error: 'every channel with an id of its own',
  });

/** `alerts.route`: which channel alerts go to. */
export const routeSchema = z.strictObject({ channel: z.string().regex(CHANNEL_ID) });

export type WebhookChannel = z.output<typeof webhookChannelSchema>;
export type Channel = z.output<typeof channelsSchema>[number];
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
