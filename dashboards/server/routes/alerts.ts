import { Router } from 'express';
import { type ActionNote, serialView } from '../../../alerts/index.ts';
import {
  alertAssignment,
  alertComment,
  alertNote,
  alertQuery,
  alertReason,
  alertSnooze,
  pageQuery,
} from '../../api/index.ts';
import { allow, originationOf } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import type { Services } from '../services.ts';

/** Alerts and what people do about them. */
export function alertRoutes({ accounts, alertBook, alertViews }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');
  const handlers = allow(accounts, 'alert.handle');

  router.get('/alerts', anyone, async (request, response) => {
    const page = await alertBook.list(parsed(alertQuery, request.query, 'QUERY_INVALID'));
    response.json({ items: await alertViews.list(page.items), nextCursor: page.nextCursor });
  });

  router.get('/alerts/:id', anyone, async (request, response) => {
    response.json(await alertViews.detail(await alertBook.get(parameter(request, 'id'))));
  });

  router.get('/alerts/:id/serials', anyone, async (request, response) => {
    const page = await alertBook.serials(parameter(request, 'id'), parsed(pageQuery, request.query, 'QUERY_INVALID'));
    response.json({ items: page.items.map(serialView), nextCursor: page.nextCursor });
  });

  router.post('/alerts/:id/acknowledge', handlers, async (request, response) => {
    const given = parsed(alertNote, request.body ?? {}, 'BODY_INVALID');
    const alert = await alertBook.acknowledge(parameter(request, 'id'), originationOf(request), noteOf(given));
    response.json(await alertViews.detail(alert));
  });

  router.post('/alerts/:id/resolve', handlers, async (request, response) => {
    const given = parsed(alertReason, request.body ?? {}, 'BODY_INVALID');
    const alert = await alertBook.resolve(parameter(request, 'id'), originationOf(request), noteOf(given));
    response.json(await alertViews.detail(alert));
  });

  router.post('/alerts/:id/reopen', handlers, async (request, response) => {
    const given = parsed(alertReason, request.body ?? {}, 'BODY_INVALID');
    const alert = await alertBook.reopen(parameter(request, 'id'), originationOf(request), noteOf(given));
    response.json(await alertViews.detail(alert));
  });

  router.post('/alerts/:id/comment', allow(accounts, 'alert.comment'), async (request, response) => {
    const { comment } = parsed(alertComment, request.body, 'BODY_INVALID');
    const alert = await alertBook.comment(parameter(request, 'id'), originationOf(request), comment);
    response.json(await alertViews.detail(alert));
  });

  router.post('/alerts/:id/assign', handlers, async (request, response) => {
    const { to, ...given } = parsed(alertAssignment, request.body, 'BODY_INVALID');
    const alert = await alertBook.assign(parameter(request, 'id'), originationOf(request), to, noteOf(given));
    response.json(await alertViews.detail(alert));
  });

  router.post('/alerts/:id/snooze', handlers, async (request, response) => {
    const { until, ...given } = parsed(alertSnooze, request.body, 'BODY_INVALID');
    const alert = await alertBook.snooze(parameter(request, 'id'), originationOf(request), until, noteOf(given));
    response.json(await alertViews.detail(alert));
  });

  return router;
}

interface GivenNote {
  readonly reason?: string | undefined;
  readonly comment?: string | undefined;
  readonly revision?: number | undefined;
}

function noteOf({ reason, comment, revision }: GivenNote): ActionNote {
  const text = [reason, comment].find((given) => given !== undefined && given !== '');
  return { comment: text, seen: revision };
}
