import { formatDuration, PROFILES } from '../../../domain/index.ts';
import { profileOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { pageById } from '../paging.ts';

/** Under which conditions goods are kept. */
export function profileRoutes() {
  return [
    mount(profileOperations.list, async ({ query }) => {
      const { items, nextCursor } = pageById([...PROFILES], ({ id }) => id, query);
      const views = items.map(({ mktWindowMs, ...profile }) => ({
        ...profile,
        mktWindow: mktWindowMs === null ? null : formatDuration(mktWindowMs),
      }));
      return ok({ items: views, nextCursor });
    }),
  ];
}
