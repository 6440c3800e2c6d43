import { Router } from 'express';
import { auditQuery, formatTime } from '../../api/index.ts';
import { allow } from '../identity.ts';
import { parsed } from '../problems.ts';
import type { Services } from '../services.ts';

/** Who decided what. */
export function auditRoutes({ accounts, audit }: Services): Router {
  const router = Router();

  router.get('/audit', allow(accounts, 'audit.read'), async (request, response) => {
    const { items, nextCursor } = await audit.list(parsed(auditQuery, request.query, 'QUERY_INVALID'));
    response.json({ items: items.map(({ at, ...entry }) => ({ ...entry, at: formatTime(at) })), nextCursor });
  });

  return router;
}
