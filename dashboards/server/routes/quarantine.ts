import { formatTime, quarantineOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** What was refused on its way in, for whoever looks after the installation. */
export function quarantineRoutes({ quarantine }: Services) {
  return [
    mount(quarantineOperations.list, async ({ query: { source, limit, cursor } }) => {
      const page = await quarantine.list({
        limit,
        ...(source === undefined ? {} : { source }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      const items = page.items.map(({ partition, position, index, arrival, ...entry }) => ({
        id: `${partition}.${position}.${index}`,
        arrival: formatTime(arrival),
        ...entry,
      }));
      return ok({ items, nextCursor: page.nextCursor });
    }),
  ];
}
