import { Router } from 'express';
import type { Hold } from '../../../storage/index.ts';
import { formatTime, type HoldView, holdInput, holdQuery, holdSubject, pageQuery } from '../../api/index.ts';
import { allow, originationOf } from '../identity.ts';
import { beforeOf, newestPage } from '../paging.ts';
import { parameter } from '../parameter.ts';
import { notFound, parsed } from '../problems.ts';
import type { Services } from '../services.ts';

const SHIPMENT = 'shipment:';

/** Legal holds, and what was deleted. */
export function holdRoutes({ accounts, deletions, holds, trace }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');

  router.get('/holds', anyone, async (request, response) => {
    const { subject, limit, cursor } = parsed(holdQuery, request.query, 'QUERY_INVALID');
    const rows = await holds.all({
      limit: limit + 1,
      ...(subject === undefined ? {} : { subject }),
      ...beforeOf(cursor),
    });
    const { items, nextCursor } = newestPage(rows, limit);
    response.json({ items: items.map(viewOf), nextCursor });
  });

  router.put('/holds/:subject', allow(accounts, 'hold.change'), async (request, response) => {
    const subject = parsed(holdSubject, parameter(request, 'subject'), 'BODY_INVALID');
    const { reason } = parsed(holdInput, request.body, 'BODY_INVALID');
    if (subject.startsWith(SHIPMENT)) {
      const id = subject.slice(SHIPMENT.length);
      if ((await trace.shipment(id)) === null) throw notFound('SHIPMENT_UNKNOWN', `there is no shipment ${id}`);
    }
    response.status(201).json(viewOf(await holds.set(subject, reason, originationOf(request))));
  });

  router.post('/holds/:subject/release', allow(accounts, 'hold.change'), async (request, response) => {
    const subject = parsed(holdSubject, parameter(request, 'subject'), 'BODY_INVALID');
    const { reason } = parsed(holdInput, request.body, 'BODY_INVALID');
    const [standing] = await holds.standing(subject);
    if (standing === undefined) throw notFound('HOLD_UNKNOWN', `no hold stands on ${subject}`);
    response.json(viewOf(await holds.release(subject, reason, originationOf(request))));
  });

  router.get('/deletions', anyone, async (request, response) => {
    const { limit, cursor } = parsed(pageQuery, request.query, 'QUERY_INVALID');
    const rows = await deletions.list({ limit: limit + 1, ...beforeOf(cursor) });
    const { items, nextCursor } = newestPage(rows, limit);
    const views = items.map(({ at, from, to, finishedAt, ...entry }) => ({
      ...entry,
      ...{ at: formatTime(at), from: formatTime(from), to: formatTime(to), finishedAt: formatTime(finishedAt) },
    }));
    response.json({ items: views, nextCursor });
  });

  return router;
}

function viewOf({ setAt, releasedAt, ...hold }: Hold): HoldView {
  return { ...hold, setAt: formatTime(setAt), releasedAt: formatTime(releasedAt) };
}
