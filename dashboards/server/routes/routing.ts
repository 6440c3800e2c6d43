import { routingOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Who is told of alerts. */
export function routingRoutes({ routingVersions, routingViews }: Services) {
  return [
    mount(routingOperations.get, async () => ok(await routingViews.view())),

    mount(routingOperations.version, async ({ parameters: { version } }) => ok(await routingViews.version(version))),

    mount(routingOperations.put, async ({ body, query, origination }) => {
      if (query.dryRun === 'true') await routingVersions.check(body.text);
      else await routingVersions.put({ ...body, seen: query.version }, origination);
      return ok(await routingViews.view());
    }),

    mount(routingOperations.draft, async ({ body }) => ok(await routingViews.draft(body))),

    mount(routingOperations.trial, async ({ body }) => {
      return ok({ items: [...(await routingViews.trial(body))], nextCursor: null });
    }),
  ];
}
