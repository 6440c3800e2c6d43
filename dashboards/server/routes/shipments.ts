import express, { type Request, Router } from 'express';
import type { Asn } from '../../../domain/index.ts';
import { parseAsn, parseAsnCsv } from '../../../trace/index.ts';
import { shipmentQuery } from '../../api/index.ts';
import type { Registered } from '../directory.ts';
import { allow, identityOf } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import { keepBody, receivedFrom } from '../received.ts';
import type { Services } from '../services.ts';
import { readableBody } from '../text-door.ts';

/** A CSV says with every row what JSON says once. */
const CSV_LIMIT = '32mb';

/** Shipments: watched by anyone, announced by logistics, closed by who decides. */
export function shipmentRoutes({ accounts, directory, factCommands, shipmentViews, time }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');
  const csv = express.text({ type: 'text/csv', limit: CSV_LIMIT, verify: keepBody });

  router.get('/shipments', anyone, async (request, response) => {
    response.json(await shipmentViews.list(parsed(shipmentQuery, request.query, 'QUERY_INVALID')));
  });

  router.get('/shipments/:id', anyone, async (request, response) => {
    response.json(await shipmentViews.detail(parameter(request, 'id')));
  });

  router.post('/shipments', allow(accounts, 'shipment.announce'), csv, readableBody, async (request, response) => {
    const asn = noticeIn(request);
    const isApplied = await factCommands.record(
      [{ type: 'asn', asn, by: identityOf(request).name }],
      receivedFrom(request),
    );
    const location = `/api/v1/shipments/${encodeURIComponent(asn.id)}`;
    const warnings = warningsOf(asn, await directory.registered());
    response.location(location);
    if (isApplied) response.status(201).json({ ...(await shipmentViews.detail(asn.id)), warnings });
    else response.status(202).json({ id: asn.id, location, warnings });
  });

  router.post('/shipments/:id/close', allow(accounts, 'shipment.close'), async (request, response) => {
    const shipment = parameter(request, 'id');
    // Also says whether there is such a shipment.
    const { state } = await shipmentViews.detail(shipment);
    const closing = { shipment, at: time.now() };
    const by = identityOf(request).name;
    const isApplied =
      state === 'closed' || (await factCommands.record([{ type: 'closing', closing, by }], receivedFrom(request)));
    if (isApplied) response.json(await shipmentViews.detail(shipment));
    else
      response
        .status(202)
        .location(`/api/v1/shipments/${encodeURIComponent(shipment)}`)
        .end();
  });

  return router;
}

/** @throws {InputError} ASN_INVALID */
function noticeIn(request: Request): Asn {
  const given: unknown = request.body;
  return typeof given === 'string' && request.is('text/csv') ? parseAsnCsv(given) : parseAsn(given);
}

/** What is taken all the same and may be a slip of the pen. */
function warningsOf({ origin, destination, units }: Asn, { places, devices }: Registered): string[] {
  const sites = [
    { what: 'origin', id: origin },
    { what: 'destination', id: destination },
  ].filter(({ id }) => !places.has(id));
  const unknown = units.flatMap((unit) => unit.devices).filter((device) => !devices.has(device));
  return [
    ...sites.map(({ what, id }) => `${what} ${id} is not a registered place: nothing is expected at its doors`),
    ...unknown.map((device) => `device ${device} is not registered`),
  ].slice(0, 20);
}
