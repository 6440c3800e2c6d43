import { InputError, PORTAL_ID, type Portal } from '../../../domain/index.ts';
import { portalOperations, portalTimes } from '../../api/index.ts';
import { accepted, ok } from '../answer.ts';
import { siteOf } from '../directory.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Portals and what went through them. */
export function portalRoutes({ at, directory, factCommands, portalViews }: Services) {
  return [
    mount(portalOperations.list, async ({ query, seenFrom }) => ok(await at(seenFrom).portalViews.list(query))),

    mount(portalOperations.get, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).portalViews.detail(parameters.id)),
    ),

    mount(portalOperations.put, async ({ parameters: { id }, identity, body, received }) => {
      if (!PORTAL_ID.test(id)) throw new InputError('BODY_INVALID', 'id: expected 1 to 128 of A-Z a-z 0-9 . _ : / -');
      const { quiet: _quiet, cap: _cap, ...input } = body;
      const registered = await directory.registered();
      const site = input.site ?? siteOf(registered, input.inside) ?? siteOf(registered, input.outside);
      if (site === null) {
        const message = 'expected the id of a site: neither inside nor outside is known to stand in one';
        throw new InputError('BODY_INVALID', `site: ${message}`, { errors: [{ path: 'site', message }] });
      }
      const portal: Portal = { id, ...input, name: input.name ?? id, site, ...portalTimes(body) };
      const isApplied = await factCommands.record([{ type: 'portal', portal, by: identity.name }], received);
      return isApplied ? ok(await portalViews.detail(id)) : accepted(`/api/v1/portals/${encodeURIComponent(id)}`);
    }),

    mount(portalOperations.passes, async ({ parameters, query, seenFrom }) =>
      ok(await at(seenFrom).portalViews.passes(parameters.id, query)),
    ),

    mount(portalOperations.unsettled, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).portalViews.unsettled(parameters.id)),
    ),

    mount(portalOperations.usual, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).portalViews.usual(parameters.id)),
    ),

    mount(portalOperations.pass, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).portalViews.passDetail(parameters.id)),
    ),

    mount(portalOperations.goods, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).portalViews.passGoods(parameters.id)),
    ),
  ];
}
