import type { ChannelRecord } from '../../../alerts/index.ts';
import { type ChannelView, channelOperations } from '../../api/index.ts';
import { DONE, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { pageById } from '../paging.ts';
import type { Services } from '../services.ts';

/** Where alerts are sent. */
export function channelRoutes({ channels }: Services) {
  return [
    mount(channelOperations.list, async ({ query }) => {
      const { items, nextCursor } = pageById(await channels.list(), ({ id }) => id, query);
      return ok({ items: items.map(viewOf), nextCursor });
    }),

    mount(channelOperations.put, async ({ parameters: { id }, body: { url, told, secret }, origination }) => {
      const made = await channels.put(id, { url, isTold: told, secret }, origination);
      return ok({ ...viewOf({ id, url, isTold: told, isConfigured: false }), secret: made.secret });
    }),

    mount(channelOperations.remove, async ({ parameters: { id }, origination }) => {
      await channels.remove(id, origination);
      return DONE;
    }),

    mount(channelOperations.test, async ({ parameters: { id }, origination }) => {
      const failure = await channels.test(id, origination);
      return ok({ delivered: failure === null, failure });
    }),
  ];
}

function viewOf({ id, url, isTold, isConfigured }: ChannelRecord): ChannelView {
  return { id, kind: 'webhook', url, told: isTold, configured: isConfigured };
}
