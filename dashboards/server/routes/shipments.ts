import { Router } from 'express';
import { parseAsn } from '../../../trace/index.ts';
import { shipmentQuery } from '../../api/index.ts';
import { allow, identityOf } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import { receivedFrom } from '../received.ts';
import type { Services } from '../services.ts';

/** Shipments: watched by anyone, announced by logistics. */
export function shipmentRoutes({ accounts, factDesk, shipmentViews }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'signed in');

  router.get('/shipments', anyone, async (request, response) => {
    response.json(await shipmentViews.list(parsed(shipmentQuery, request.query, 'QUERY_INVALID')));
  });

  router.get('/shipments/:id', anyone, async (request, response) => {
    response.json(await shipmentViews.detail(parameter(request, 'id')));
  });

  router.post('/shipments', allow(accounts, ['logistics', 'admin']), async (request, response) => {
    const asn = parseAsn(request.body);
    const isWorkedIn = await factDesk.tell([{ type: 'asn', asn, by: identityOf(request).name }], receivedFrom(request));
    const location = `/api/v1/shipments/${encodeURIComponent(asn.id)}`;
    response.location(location);
    if (isWorkedIn) response.status(201).json(await shipmentViews.detail(asn.id));
    else response.status(202).json({ id: asn.id, location });
  });

  return router;
}
