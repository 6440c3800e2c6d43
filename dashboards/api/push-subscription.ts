import { z } from 'zod';
import { channelTest } from './channel.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named } from './schema.ts';
import { timeOut } from './time.ts';

/** A browser that somebody is told of alerts on. */
export const pushSubscription = z
  .object({
    id: z.string().describe('SHA-256 of its endpoint, base64url'),
    service: z.string().describe('Host of its push service'),
    browser: z.string().describe('What it said of itself'),
    createdAt: timeOut,
    toldAt: timeOut.nullable().describe('When a message was last taken for it'),
  })
  .register(named, { id: 'PushSubscription' });
export type PushSubscriptionView = z.output<typeof pushSubscription>;
export const pushSubscriptionList = listOf(pushSubscription).register(named, { id: 'PushSubscriptionList' });

/** `PushSubscription.toJSON()` of the browser (W3C Push API). */
export const pushSubscriptionInput = z.object({
  endpoint: line(2_000).min(1),
  expirationTime: z.number().nullish(),
  keys: z.object({ p256dh: line(120).min(1), auth: line(40).min(1) }),
});

export const pushKey = z
  .object({ key: z.string().describe('applicationServerKey for PushManager.subscribe, base64url (RFC 8292)') })
  .register(named, { id: 'PushKey' });

/** One's own browsers that are told of alerts. */
export const pushSubscriptionOperations = {
  key: {
    method: 'get',
    path: '/push-subscriptions/key',
    summary: 'By which push services know this installation',
    permission: 'signed in',
    answers: { 200: pushKey },
  },
  list: {
    method: 'get',
    path: '/push-subscriptions',
    summary: 'Own browsers that are told of alerts, the newest first',
    permission: 'signed in',
    answers: { 200: pushSubscriptionList },
  },
  add: {
    method: 'post',
    path: '/push-subscriptions',
    summary: 'Be told of alerts on this browser; it stops telling whoever asked on it before',
    permission: 'signed in',
    body: pushSubscriptionInput,
    answers: { 201: pushSubscription },
  },
  test: {
    method: 'post',
    path: '/push-subscriptions/:id/test',
    summary: 'Send a test to one of one’s own browsers',
    permission: 'signed in',
    answers: { 200: channelTest },
  },
  remove: {
    method: 'delete',
    path: '/push-subscriptions/:id',
    summary: 'Be told on a browser no more',
    permission: 'signed in',
    answers: { 204: null },
  },
} as const satisfies Operations;
