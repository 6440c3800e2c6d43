import { searchOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** One question for everything that has a name. */
export function searchRoutes({ at }: Services) {
  return [
    mount(searchOperations.find, async ({ query: { q }, seenFrom }) =>
      ok({ items: await at(seenFrom).search.find(q), nextCursor: null }),
    ),
  ];
}
