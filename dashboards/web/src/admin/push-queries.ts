import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ChannelTest, PushSubscriptionView } from '../../../api/index.ts';
import { ask, segment, send } from '../ask.ts';

const WORKER = '/push-worker.js';
const BROWSERS = ['admin', 'push'] as const;

/** What keeps this browser from being told; null: nothing. */
export type PushHindrance = 'insecure' | 'unable' | 'denied';

export interface ToldBrowsers {
  readonly items: readonly PushSubscriptionView[];
  /** Of this browser, where it is one of them. */
  readonly thisId: string | null;
  readonly hindrance: PushHindrance | null;
}

export function useToldBrowsers() {
  return useQuery({
    queryKey: BROWSERS,
    queryFn: async ({ signal }): Promise<ToldBrowsers> => {
      const { items } = await ask<{ readonly items: readonly PushSubscriptionView[] }>(
        '/push-subscriptions',
        {},
        signal,
      );
      const hindrance = hindranceHere();
      const subscription = hindrance === 'insecure' || hindrance === 'unable' ? null : await subscriptionHere();
      const id = subscription === null ? null : await idOf(subscription.endpoint);
      return { items, thisId: items.some((one) => one.id === id) ? id : null, hindrance };
    },
  });
}

/** Asks the browser, which asks the person; then says where it is to be told. */
export const useTellHere = () =>
  useBrowserChange(async () => {
    const { key } = await ask<{ readonly key: string }>('/push-subscriptions/key');
    await navigator.serviceWorker.register(WORKER);
    const { pushManager } = await navigator.serviceWorker.ready;
    // One for another key, of an earlier installation, is told nothing; it stands in the way of a new one.
    const before = await pushManager.getSubscription();
    if (before !== null && keyOf(before) !== key) await before.unsubscribe();
    const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await send('POST', '/push-subscriptions', made.toJSON());
  });

/** Sends a real message to that browser alone. */
export const useTestBrowser = () =>
  useBrowserChange((id: string) => send<ChannelTest>('POST', `/push-subscriptions/${segment(id)}/test`));

export const useTellNoMore = () =>
  useBrowserChange(async ({ id, isThis }: { id: string; isThis: boolean }) => {
    await send<void>('DELETE', `/push-subscriptions/${segment(id)}`);
    if (isThis) await (await subscriptionHere())?.unsubscribe();
  });

function useBrowserChange<Given, Answer>(change: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: BROWSERS }),
  });
}

function hindranceHere(): PushHindrance | null {
  if (!window.isSecureContext) return 'insecure';
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) return 'unable';
  return Notification.permission === 'denied' ? 'denied' : null;
}

async function subscriptionHere(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration('/');
  return (await registration?.pushManager.getSubscription()) ?? null;
}

function keyOf({ options: { applicationServerKey } }: PushSubscription): string {
  return applicationServerKey === null ? '' : base64url(new Uint8Array(applicationServerKey));
}

/** As the server names it. */
async function idOf(endpoint: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}
