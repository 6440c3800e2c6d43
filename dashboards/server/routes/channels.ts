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

    mount(channelOperations.put, async ({ parameters: { id }, body: { told, ...change }, origination }) => {
      const { channel, secret } = await channels.put(id, { ...change, isTold: told }, origination);
      return ok({ ...viewOf(channel), secret });
    }),

    mount(channelOperations.remove, async ({ parameters: { id }, origination }) => {
      await channels.remove(id, origination);
      return DONE;
    }),

    mount(channelOperations.test, async ({ parameters: { id }, query: { person }, origination }) => {
      const failure = await channels.test(id, origination, person ?? null);
      return ok({ delivered: failure === null, failure });
    }),
  ];
}

function viewOf({ id, kind, url, settings, isTold, isConfigured }: ChannelRecord): ChannelView {
  return { id, kind, url, settings, told: isTold, configured: isConfigured };
}
