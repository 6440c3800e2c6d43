import type { Hold } from '../../../storage/index.ts';
import type { TraceQueries } from '../../../trace/index.ts';
import { formatTime, type HoldView, holdOperations, holdSubject } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import { newestPage } from '../paging.ts';
import { notFound, parsed } from '../problems.ts';
import type { Services } from '../services.ts';

const SHIPMENT = 'shipment:';

/** Legal holds, and what was deleted. */
export function holdRoutes({ at, deletions, holds }: Services) {
  return [
    mount(holdOperations.list, async ({ query: { subject, standing, ...query }, seenFrom }) => {
      const { items, nextCursor } = await newestPage(query, (request) =>
        holds.all({
          ...request,
          seenFrom,
          isStanding: standing === 'true',
          ...(subject === undefined ? {} : { subject }),
        }),
      );
      return ok({ items: items.map(viewOf), nextCursor });
    }),

    mount(holdOperations.set, async ({ parameters, origination, body: { reason }, seenFrom }) => {
      const subject = parsed(holdSubject, parameters.subject, 'BODY_INVALID');
      const { trace } = at(seenFrom);
      await requireSeenDevice(subject, trace);
      if (subject.startsWith(SHIPMENT)) {
        const id = subject.slice(SHIPMENT.length);
        if ((await trace.shipment(id)) === null) throw notFound('SHIPMENT_UNKNOWN', `there is no shipment ${id}`);
      }
      return created(viewOf(await holds.set(subject, reason, origination)));
    }),

    mount(holdOperations.release, async ({ parameters, origination, body: { reason }, seenFrom }) => {
      const subject = parsed(holdSubject, parameters.subject, 'BODY_INVALID');
      const [standing] = await holds.standing(subject, seenFrom);
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

async function requireSeenDevice(subject: string, trace: TraceQueries): Promise<void> {
  if (subject.startsWith(SHIPMENT)) return;
  const device = subject.slice(subject.indexOf(':') + 1);
  if (!(await trace.seenDevices([device])).has(device))
    throw notFound('DEVICE_UNKNOWN', `there is no device ${device}`);
}

function viewOf({ setAt, releasedAt, ...hold }: Hold): HoldView {
  return { ...hold, setAt: formatTime(setAt), releasedAt: formatTime(releasedAt) };
}
