import { InputError } from '../../../domain/index.ts';
import {
  type EpcisNamedQuery,
  type EpcisSubscription,
  parametersOfQuery,
  SCHEDULE_FIELDS,
} from '../../../trace/index.ts';
import { formatTime, epcisQueryOperations as operations } from '../../api/index.ts';
import { created, DONE, ok } from '../answer.ts';
import { answerEvents } from '../epcis-document.ts';
import { requireAlso } from '../identity.ts';
import { type Mounted, mount } from '../mount.ts';
import type { Services } from '../services.ts';
import { linkTo, pagingOf } from './epcis-paging.ts';

/** Named queries and subscriptions to them (EPCIS 2.0, sections 8.2.5 and 12.6). */
export function queryRoutes(services: Services): readonly Mounted[] {
  const { epcisNamedQueries: named, epcisQueries: queries, epcisSubscriptions: subscriptions, time } = services;
  return [
    mount(operations.queries, async ({ request, response }) => {
      const { items, nextPageToken } = await named.list(pagingOf(request));
      linkTo(request, response, { nextPageToken, now: time.now() });
      return ok(items.map(queryView));
    }),
    mount(operations.createQuery, async ({ body, origination }) => {
      const made = await named.create(body, origination);
      return created(queryView(made), pathOf(made.name));
    }),
    mount(operations.query, async ({ parameters: { name } }) => ok(queryView(await named.get(name)))),
    mount(operations.removeQuery, async ({ parameters: { name }, origination }) => {
      await named.remove(name, origination);
      return DONE;
    }),

    mount(operations.queryEvents, async ({ parameters: { name }, request, response }) => {
      const { query } = await named.get(name);
      const parameters = new Map(parametersOfQuery(query));
      for (const [key, given] of Object.entries(request.query)) {
        if (!OF_PAGES.has(key)) {
          const allowed = 'perPage and nextPageToken; a schedule or stream needs a WebSocket';
          throw new InputError('EPCIS_PARAMETER', `${key}: "${String(given)}" given; allowed: ${allowed}`);
        }
        parameters.set(key, [String(given)]);
      }
      const { events, nextPageToken } = await queries.events(parameters);
      linkTo(request, response, { nextPageToken, now: time.now() });
      return answerEvents({ request, response }, events, { now: time.now(), queryName: name });
    }),

    mount(operations.subscriptions, async ({ parameters: { name }, request, response }) => {
      await named.get(name);
      const { items, nextPageToken } = await subscriptions.list(name, pagingOf(request));
      linkTo(request, response, { nextPageToken, now: time.now() });
      return ok(items.map(subscriptionView));
    }),
    mount(operations.subscribe, async ({ parameters: { name }, body, identity, origination }) => {
      // What may not be read here may not be sent to be read elsewhere.
      requireAlso(identity, 'records.read');
      const { dest, signatureToken = null, schedule, stream, reportIfEmpty = false, initialRecordTime = null } = body;
      if ((schedule === undefined) === (stream === undefined)) {
        const given = stream === undefined ? 'neither stream nor schedule' : 'both stream and schedule';
        throw new InputError('EPCIS_SUBSCRIPTION', `${given} given; allowed: "stream": true, or a schedule`);
      }
      const fields = schedule === undefined ? null : scheduleOf(schedule);
      const wanted = { dest, signatureToken, schedule: fields, reportIfEmpty, initialRecordTime };
      const made = await subscriptions.create(name, wanted, origination);
      return created(subscriptionView(made), `${pathOf(name)}/subscriptions/${made.id}`);
    }),
    mount(operations.subscription, async ({ parameters: { name, id } }) => {
      return ok(subscriptionView(await subscriptions.get(name, id)));
    }),
    mount(operations.unsubscribe, async ({ parameters: { name, id }, origination }) => {
      await subscriptions.remove(name, id, origination);
      return DONE;
    }),
  ];
}

const OF_PAGES: ReadonlySet<string> = new Set(['perPage', 'nextPageToken']);

function scheduleOf(given: Readonly<Partial<Record<(typeof SCHEDULE_FIELDS)[number], string | undefined>>>) {
  return Object.fromEntries(
    SCHEDULE_FIELDS.flatMap((field) => (given[field] === undefined ? [] : [[field, given[field]]])),
  );
}

function pathOf(name: string): string {
  return `/epcis/v2/queries/${encodeURIComponent(name)}`;
}

function queryView({ name, query }: EpcisNamedQuery) {
  return { name, query: { ...query } };
}

function subscriptionView(subscription: EpcisSubscription) {
  const { id, query, dest, schedule, reportIfEmpty, initialRecordTime, createdAt } = subscription;
  const { lastNotifiedAt, failingSince, lastError, endedAt, endedBecause } = subscription;
  return {
    ...{ subscriptionID: id, queryName: query, dest, reportIfEmpty },
    ...(schedule === null ? { stream: true as const } : { schedule: { ...schedule } }),
    ...{ initialRecordTime: formatTime(initialRecordTime), createdAt: formatTime(createdAt) },
    ...(lastNotifiedAt !== null && { lastNotifiedAt: formatTime(lastNotifiedAt) }),
    ...(failingSince !== null && { failingSince: formatTime(failingSince) }),
    ...(lastError !== null && { lastError }),
    ...(endedAt !== null && { endedAt: formatTime(endedAt) }),
    ...(endedBecause !== null && { endedBecause }),
  };
}
