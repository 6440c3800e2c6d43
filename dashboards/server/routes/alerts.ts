import { type ActionNote, serialView } from '../../../alerts/index.ts';
import { alertOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Alerts and what people do about them. */
export function alertRoutes({ alertService, alertViews }: Services) {
  return [
    mount(alertOperations.list, async ({ query }) => {
      const page = await alertService.list(query);
      return ok({ items: await alertViews.list(page.items), nextCursor: page.nextCursor });
    }),

    mount(alertOperations.get, async ({ parameters }) => {
      return ok(await alertViews.detail(await alertService.get(parameters.id)));
    }),

    mount(alertOperations.serials, async ({ parameters, query }) => {
      const page = await alertService.serials(parameters.id, query);
      return ok({ items: page.items.map(serialView), nextCursor: page.nextCursor });
    }),

    mount(alertOperations.acknowledge, async ({ parameters, origination, body }) => {
      return ok(await alertViews.detail(await alertService.acknowledge(parameters.id, origination, noteOf(body))));
    }),

    mount(alertOperations.resolve, async ({ parameters, origination, body }) => {
      return ok(await alertViews.detail(await alertService.resolve(parameters.id, origination, noteOf(body))));
    }),

    mount(alertOperations.reopen, async ({ parameters, origination, body }) => {
      return ok(await alertViews.detail(await alertService.reopen(parameters.id, origination, noteOf(body))));
    }),

    mount(alertOperations.comment, async ({ parameters, origination, body: { comment } }) => {
      return ok(await alertViews.detail(await alertService.comment(parameters.id, origination, comment)));
    }),

    mount(alertOperations.assign, async ({ parameters, origination, body: { to, ...given } }) => {
      return ok(await alertViews.detail(await alertService.assign(parameters.id, origination, to, noteOf(given))));
    }),

    mount(alertOperations.snooze, async ({ parameters, origination, body: { until, ...given } }) => {
      return ok(await alertViews.detail(await alertService.snooze(parameters.id, origination, until, noteOf(given))));
    }),
  ];
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
