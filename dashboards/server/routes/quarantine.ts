import { Router } from 'express';
import { formatTime, quarantineQuery } from '../../api/index.ts';
import { allow } from '../identity.ts';
import { parsed } from '../problems.ts';
import type { Services } from '../services.ts';

/** What was refused on its way in, for whoever looks after the installation. */
export function quarantineRoutes({ accounts, quarantine }: Services): Router {
  const router = Router();

  router.get('/quarantine', allow(accounts, 'quarantine.read'), async (request, response) => {
    const { source, limit, cursor } = parsed(quarantineQuery, request.query, 'QUERY_INVALID');
    const page = await quarantine.list({
      limit,
      ...(source === undefined ? {} : { source }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    const items = page.items.map(({ partition, position, index, arrival, ...entry }) => ({
      id: `${partition}.${position}.${index}`,
      arrival: formatTime(arrival),
      ...entry,
    }));
    response.json({ items, nextCursor: page.nextCursor });
  });

  return router;
}
