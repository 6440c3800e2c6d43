import type { Hold } from '../../../storage/index.ts';
import { formatTime, type HoldView, holdOperations, holdSubject } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { newestPage } from '../paging.ts';
import { notFound, parsed } from '../problems.ts';
import type { Services } from '../services.ts';

const SHIPMENT = 'shipment:';

/** Legal holds, and what was deleted. */
export function holdRoutes({ deletions, holds, trace }: Services) {
  return [
    mount(holdOperations.list, async ({ query: { subject, ...query } }) => {
      const { items, nextCursor } = await newestPage(query, (request) =>
        holds.all({ ...request, ...(subject === undefined ? {} : { subject }) }),
      );
      return ok({ items: items.map(viewOf), nextCursor });
    }),

    mount(holdOperations.set, async ({ parameters, origination, body: { reason } }) => {
      const subject = parsed(holdSubject, parameters.subject, 'BODY_INVALID');
      if (subject.startsWith(SHIPMENT)) {
        const id = subject.slice(SHIPMENT.length);
        if ((await trace.shipment(id)) === null) throw notFound('SHIPMENT_UNKNOWN', `there is no shipment ${id}`);
      }
      return created(viewOf(await holds.set(subject, reason, origination)));
    }),

    mount(holdOperations.release, async ({ parameters, origination, body: { reason } }) => {
      const subject = parsed(holdSubject, parameters.subject, 'BODY_INVALID');
      const [standing] = await holds.standing(subject);
      if (standing === undefined) throw notFound('HOLD_UNKNOWN', `no hold stands on ${subject}`);
      return ok(viewOf(await holds.release(subject, reason, origination)));
    }),

    mount(holdOperations.deletions, async ({ query }) => {
      const { items, nextCursor } = await newestPage(query, (request) => deletions.list(request));
      const views = items.map(({ at, from, to, finishedAt, ...entry }) => ({
        ...entry,
        ...{ at: formatTime(at), from: formatTime(from), to: formatTime(to), finishedAt: formatTime(finishedAt) },
      }));
      return ok({ items: views, nextCursor });
    }),
  ];
}

function viewOf({ setAt, releasedAt, ...hold }: Hold): HoldView {
  return { ...hold, setAt: formatTime(setAt), releasedAt: formatTime(releasedAt) };
}
