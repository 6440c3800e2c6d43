import { Router } from 'express';
import { InputError, PORTAL_ID, type Portal } from '../../../domain/index.ts';
import { pageQuery, passQuery, portalInput, portalTimes } from '../../api/index.ts';
import { siteOf } from '../directory.ts';
import { allow, identityOf } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import { receivedFrom } from '../received.ts';
import type { Services } from '../services.ts';

/** Portals and what went through them. */
export function portalRoutes({ accounts, directory, factCommands, portalViews }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');

  router.get('/portals', anyone, async (request, response) => {
    response.json(await portalViews.list(parsed(pageQuery, request.query, 'QUERY_INVALID')));
  });

  router.get('/portals/:id', anyone, async (request, response) => {
    response.json(await portalViews.detail(parameter(request, 'id')));
  });

  router.put('/portals/:id', allow(accounts, 'place.register'), async (request, response) => {
    const id = parameter(request, 'id');
    if (!PORTAL_ID.test(id)) throw new InputError('BODY_INVALID', 'id: expected 1 to 128 of A-Z a-z 0-9 . _ : / -');
    const { quiet: _quiet, cap: _cap, ...input } = parsed(portalInput, request.body, 'BODY_INVALID');
    const registered = await directory.registered();
    const site = input.site ?? siteOf(registered, input.inside) ?? siteOf(registered, input.outside);
    if (site === null) {
      const message = 'expected the id of a site: neither inside nor outside is known to stand in one';
      throw new InputError('BODY_INVALID', `site: ${message}`, { errors: [{ path: 'site', message }] });
    }
    const times = portalTimes({ ...input, quiet: _quiet, cap: _cap });
    const portal: Portal = { id, ...input, name: input.name ?? id, site, ...times };
    const isApplied = await factCommands.record(
      [{ type: 'portal', portal, by: identityOf(request).name }],
      receivedFrom(request),
    );
    if (isApplied) response.json(await portalViews.detail(id));
    else
      response
        .status(202)
        .location(`/api/v1/portals/${encodeURIComponent(id)}`)
        .end();
  });

  router.get('/portals/:id/passes', anyone, async (request, response) => {
    response.json(
      await portalViews.passes(parameter(request, 'id'), parsed(passQuery, request.query, 'QUERY_INVALID')),
    );
  });

  router.get('/passes/:id', anyone, async (request, response) => {
    response.json(await portalViews.passDetail(parameter(request, 'id')));
  });

  return router;
}
