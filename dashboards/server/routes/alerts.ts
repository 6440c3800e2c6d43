import { type ActionNote, serialView } from '../../../alerts/index.ts';
import { alertOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Alerts and what people do about them. */
export function alertRoutes({ at }: Services) {
  return [
    mount(alertOperations.list, async ({ query, seenFrom }) => {
      const { alertService, alertViews, trace } = at(seenFrom);
      // An alert that is seen may touch a shipment that is not: it is not found by it.
      const isHidden =
        query.shipment !== undefined && !(await trace.seenShipments([query.shipment])).has(query.shipment);
      if (isHidden) return ok({ items: [], nextCursor: null });
      const page = await alertService.list(query);
      return ok({ items: await alertViews.list(page.items), nextCursor: page.nextCursor });
    }),

    mount(alertOperations.get, async ({ parameters, seenFrom }) => {
      const { alertService, alertViews } = at(seenFrom);
      return ok(await alertViews.detail(await alertService.get(parameters.id)));
    }),

    mount(alertOperations.serials, async ({ parameters, query, seenFrom }) => {
      const { alertService } = at(seenFrom);
      const page = await alertService.serials(parameters.id, query);
      return ok({ items: page.items.map(serialView), nextCursor: page.nextCursor });
    }),

    mount(alertOperations.acknowledge, async ({ parameters, origination, body, seenFrom }) => {
      const { alertService, alertViews } = at(seenFrom);
      return ok(await alertViews.detail(await alertService.acknowledge(parameters.id, origination, noteOf(body))));
    }),

    mount(alertOperations.resolve, async ({ parameters, origination, body, seenFrom }) => {
      const { alertService, alertViews } = at(seenFrom);
      return ok(await alertViews.detail(await alertService.resolve(parameters.id, origination, noteOf(body))));
    }),

    mount(alertOperations.reopen, async ({ parameters, origination, body, seenFrom }) => {
      const { alertService, alertViews } = at(seenFrom);
      return ok(await alertViews.detail(await alertService.reopen(parameters.id, origination, noteOf(body))));
    }),

    mount(alertOperations.comment, async ({ parameters, origination, body: { comment }, seenFrom }) => {
      const { alertService, alertViews } = at(seenFrom);
      return ok(await alertViews.detail(await alertService.comment(parameters.id, origination, comment)));
    }),

    mount(alertOperations.assign, async ({ parameters, origination, body: { to, ...given }, seenFrom }) => {
      const { alertService, alertViews } = at(seenFrom);
      return ok(await alertViews.detail(await alertService.assign(parameters.id, origination, to, noteOf(given))));
    }),

    mount(alertOperations.snooze, async ({ parameters, origination, body: { until, ...given }, seenFrom }) => {
      const { alertService, alertViews } = at(seenFrom);
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
