import type { z } from 'zod';
import type { TraceRequest } from '../../../quality/index.ts';
import { formatTime, type traceRequest, traceRequestOperations } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { newestPage } from '../paging.ts';
import type { Services } from '../services.ts';

/** Requests to trace the product of a case. */
export function traceRequestRoutes({ caseViews, traceRequests }: Services) {
  return [
    mount(traceRequestOperations.all, async ({ query: { state, ...page } }) => {
      const { items, nextCursor } = await newestPage(page, (asked) =>
        traceRequests.list({ isOpen: state === 'open', ...asked }),
      );
      return ok({
        items: items.map(({ id: _, ...one }) => ({ ...viewOf(one), case: one.case, title: one.title })),
        nextCursor,
      });
    }),

    mount(traceRequestOperations.list, async ({ parameters: { id }, seenFrom }) => {
      await caseViews.get(id, seenFrom);
      return ok({ items: (await traceRequests.of(id)).map(viewOf), nextCursor: null });
    }),

    mount(traceRequestOperations.open, async ({ parameters: { id }, body, seenFrom, origination, act }) => {
      await caseViews.get(id, seenFrom);
      const { official: isOfficial, ...wish } = body;
      if (act.made !== null) return created(viewOf(await traceRequests.get(id, Number(act.made))));
      return created(viewOf(await traceRequests.open(id, { ...wish, isOfficial }, origination, act)));
    }),

    mount(traceRequestOperations.answer, async ({ parameters: { id, number }, body, seenFrom, origination, act }) => {
      await caseViews.get(id, seenFrom);
      const which = /^\d{1,9}$/.test(number) ? Number(number) : 0;
      if (act.made !== null) return ok(viewOf(await traceRequests.get(id, which)));
      return ok(viewOf(await traceRequests.answer(id, which, body.answer, origination, act)));
    }),
  ];
}

function viewOf({
  isOfficial: official,
  at,
  due,
  answeredAt,
  ...request
}: TraceRequest): z.output<typeof traceRequest> {
  return { ...request, official, at: formatTime(at), due: formatTime(due), answeredAt: formatTime(answeredAt) };
}
