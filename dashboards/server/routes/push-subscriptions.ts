import type { PushRecord } from '../../../alerts/index.ts';
import { InputError } from '../../../domain/index.ts';
import { formatTime, type PushSubscriptionView, pushSubscriptionOperations } from '../../api/index.ts';
import { created, DONE, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import type { Services } from '../services.ts';
import { personOf } from '../sign-in.ts';

const MOST_OF_AGENT = 200;

/** One's own browsers that are told of alerts. */
export function pushSubscriptionRoutes({ pushSubscriptions }: Services) {
  return [
    mount(pushSubscriptionOperations.key, async () => ok({ key: pushSubscriptions.vapid.publicKey })),

    mount(pushSubscriptionOperations.list, async ({ identity }) => {
      const items = await pushSubscriptions.of(personOf(identity));
      return ok({ items: items.map(viewOf), nextCursor: null });
    }),

    mount(pushSubscriptionOperations.add, async ({ identity, body: { endpoint, keys }, request, origination }) => {
      const browser = (request.headers['user-agent'] ?? '').slice(0, MOST_OF_AGENT);
      const made = await pushSubscriptions.add(personOf(identity), { endpoint, keys }, browser, origination);
      return created(viewOf(made));
    }),

    mount(pushSubscriptionOperations.remove, async ({ identity, parameters: { id }, origination }) => {
      try {
        await pushSubscriptions.remove(personOf(identity), id, origination);
      } catch (error) {
        if (error instanceof InputError && error.code === 'PUSH_SUBSCRIPTION_UNKNOWN') {
          throw notFound(error.code, error.message);
        }
        throw error;
      }
      return DONE;
    }),
  ];
}

function viewOf({ createdAt, toldAt, ...record }: PushRecord): PushSubscriptionView {
  return { ...record, createdAt: formatTime(createdAt), toldAt: formatTime(toldAt) };
}
