import { Router } from 'express';
import { serialView } from '../../../alerts/index.ts';
import { alertAssignment, alertComment, alertNote, alertQuery, alertSnooze, pageQuery } from '../../api/index.ts';
import { allow, identityOf } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import type { Services } from '../services.ts';

/** Alerts and what people do about them. */
export function alertRoutes({ accounts, alertBook, alertViews }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');
  const deciders = allow(accounts, 'alert.handle');

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

  router.post('/alerts/:id/acknowledge', deciders, async (request, response) => {
    const { comment } = parsed(alertNote, request.body ?? {}, 'BODY_INVALID');
    const alert = await alertBook.acknowledge(parameter(request, 'id'), identityOf(request).name, spoken(comment));
    response.json(await alertViews.detail(alert));
  });

  router.post('/alerts/:id/resolve', deciders, async (request, response) => {
    const { comment } = parsed(alertNote, request.body ?? {}, 'BODY_INVALID');
    const alert = await alertBook.resolve(parameter(request, 'id'), identityOf(request).name, spoken(comment));
    response.json(await alertViews.detail(alert));
  });

  router.post('/alerts/:id/comment', allow(accounts, 'alert.comment'), async (request, response) => {
    const { comment } = parsed(alertComment, request.body, 'BODY_INVALID');
    const alert = await alertBook.comment(parameter(request, 'id'), identityOf(request).name, comment);
    response.json(await alertViews.detail(alert));
  });

  router.post('/alerts/:id/assign', deciders, async (request, response) => {
    const { to, comment } = parsed(alertAssignment, request.body, 'BODY_INVALID');
    const alert = await alertBook.assign(parameter(request, 'id'), identityOf(request).name, to, spoken(comment));
    response.json(await alertViews.detail(alert));
  });

  router.post('/alerts/:id/snooze', deciders, async (request, response) => {
    const { until, comment } = parsed(alertSnooze, request.body, 'BODY_INVALID');
    const alert = await alertBook.snooze(parameter(request, 'id'), identityOf(request).name, until, spoken(comment));
    response.json(await alertViews.detail(alert));
  });

  return router;
}

function spoken(comment: string | undefined): string | undefined {
  return comment === '' ? undefined : comment;
}
