import type { PushRecord } from '../../../alerts/index.ts';
import { ConflictError, InputError } from '../../../domain/index.ts';
import { formatTime, type PushSubscriptionView, pushSubscriptionOperations } from '../../api/index.ts';
import { created, DONE, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import type { Services } from '../services.ts';
import { personOf } from '../sign-in.ts';

const MOST_OF_AGENT = 200;

/** One's own browsers that are told of alerts. */
export function pushSubscriptionRoutes({ channels, personalSettings, pushSubscriptions }: Services) {
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

    mount(pushSubscriptionOperations.test, async ({ identity, parameters: { id }, origination }) => {
      const person = personOf(identity);
      if (!(await pushSubscriptions.of(person)).some((one) => one.id === id)) {
        throw notFound('PUSH_SUBSCRIPTION_UNKNOWN', `none of your browsers is ${id}`);
      }
      const channel = (await channels.list()).find(({ kind }) => kind === 'push');
      if (channel === undefined) {
        const message = 'there is no channel of the kind push yet: operations make one under Channels';
        throw new ConflictError('PUSH_CHANNEL_MISSING', message);
      }
      await personalSettings.countSent(person);
      const failure = await channels.test(channel.id, origination, person.name, id);
      return ok({ delivered: failure === null, failure });
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
