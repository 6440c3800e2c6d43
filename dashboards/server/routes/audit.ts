import { auditOperations, formatTime } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Who decided what. */
export function auditRoutes({ audit }: Services) {
  return [
    mount(auditOperations.list, async ({ query }) => {
      const { items, nextCursor } = await audit.list(query);
      return ok({ items: items.map(({ at, ...entry }) => ({ ...entry, at: formatTime(at) })), nextCursor });
    }),
  ];
}
