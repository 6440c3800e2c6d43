import type { z } from 'zod';
import { type ActionNote, type AlertService, serialView } from '../../../alerts/index.ts';
import type { Alert, Origination, SeenFrom } from '../../../domain/index.ts';
import { type alertActions, alertOperations } from '../../api/index.ts';
import { actOnEach } from '../act-on-each.ts';
import { GroupNames } from '../alert-group-names.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Seen, Services } from '../services.ts';

/** Alerts and what people do about them. */
export function alertRoutes({ at, directory, time }: Services) {
  return [
    // Before `/alerts/:id`, which takes any name.
    mount(alertOperations.groups, async ({ query: { by, ...query }, seenFrom }) => {
      const { alertService, trace } = at(seenFrom);
      const isStanding = query.state?.every((state) => state === 'open' || state === 'acknowledged') ?? false;
      // However long something stands it is there; what is settled is looked for where one looks for it.
      const since = isStanding ? query.since : Math.max(query.since ?? 0, time.now() - SETTLED_MS);
      if (await isHidden(query, trace, seenFrom)) return ok({ total: 0, groups: [] });
      const { total, groups } = await alertService.groups(by, { ...query, since });
      const names = new GroupNames({ by, directory: await directory.registered(), seenFrom, trace });
      return ok({ total, groups: await names.of(groups) });
    }),

    mount(alertOperations.actOnMany, async ({ body, origination, seenFrom }) => {
      const { alertService, alertViews } = at(seenFrom);
      const acted = await actOnEach(body, (one) => actionOf(alertService, one, body, origination));
      const done = acted.flatMap(({ alert }) => (alert === null ? [] : [alert]));
      const views = new Map((await alertViews.list(done)).map((view) => [view.id, view]));
      return ok({ items: acted.map(({ id, problem }) => ({ id, alert: views.get(id) ?? null, problem })) });
    }),

    mount(alertOperations.list, async ({ query, seenFrom }) => {
      const { alertService, alertViews, trace } = at(seenFrom);
      // An alert that is seen may touch a shipment that is not: it is not found by it.
      if (await isHidden(query, trace, seenFrom)) return ok({ items: [], nextCursor: null });
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

    mount(alertOperations.escalate, async ({ parameters, origination, body, seenFrom }) => {
      const { alertService, alertViews } = at(seenFrom);
      return ok(await alertViews.detail(await alertService.escalate(parameters.id, origination, noteOf(body))));
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

const SETTLED_MS = 30 * 86_400_000;

/** Whether it is asked by what who asks does not see. */
async function isHidden(
  { shipment, site }: { readonly shipment?: string | undefined; readonly site?: string | undefined },
  trace: Seen['trace'],
  seenFrom: SeenFrom,
): Promise<boolean> {
  if (site !== undefined && seenFrom !== null && !seenFrom.includes(site)) return true;
  return shipment !== undefined && !(await trace.seenShipments([shipment])).has(shipment);
}

type Many = z.output<typeof alertActions>;

function actionOf(
  service: AlertService,
  { id, revision }: Many['alerts'][number],
  { action, reason, to, until }: Many,
  who: Origination,
): Promise<Alert> {
  const note = noteOf({ reason, revision });
  if (action === 'assign') return service.assign(id, who, to ?? null, note);
  if (action === 'snooze') return service.snooze(id, who, until ?? 0, note);
  return service[action](id, who, note);
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
