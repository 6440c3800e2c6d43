import type { z } from 'zod';
import type { TraceRequest } from '../../../quality/index.ts';
import { formatTime, type traceRequest, traceRequestOperations } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Requests to trace the product of a case. */
export function traceRequestRoutes({ caseViews, traceRequests }: Services) {
  return [
    mount(traceRequestOperations.list, async ({ parameters: { id }, seenFrom }) => {
      await caseViews.get(id, seenFrom);
      return ok({ items: (await traceRequests.of(id)).map(viewOf), nextCursor: null });
    }),

    mount(traceRequestOperations.open, async ({ parameters: { id }, body, seenFrom, origination }) => {
      await caseViews.get(id, seenFrom);
      const { official: isOfficial, ...wish } = body;
      return created(viewOf(await traceRequests.open(id, { ...wish, isOfficial }, origination)));
    }),

    mount(traceRequestOperations.answer, async ({ parameters: { id, number }, body, seenFrom, origination }) => {
      await caseViews.get(id, seenFrom);
      const which = /^\d{1,9}$/.test(number) ? Number(number) : 0;
      return ok(viewOf(await traceRequests.answer(id, which, body.answer, origination)));
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
