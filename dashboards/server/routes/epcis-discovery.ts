import { BUSINESS_STEPS, DISPOSITIONS, EVENT_TYPES } from '../../../codecs/epcis/index.ts';
import { InputError } from '../../../domain/index.ts';
import { EPCIS_CONTEXT_URL } from '../../../trace/index.ts';
import { epcisResources } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { type Asked, type Mounted, mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import type { Services } from '../services.ts';
import { linkTo, pagingOf } from './epcis-paging.ts';

/** What there is to be asked for (EPCIS 2.0, sections 12.3 and 12.5): the links from which a client finds everything else. */
export function discoveryRoutes({ epcisCatalogue: catalogue, time }: Services): readonly Mounted[] {
  return [
    mount(epcisResources.root, async () => ok(collection(TOP_LEVEL))),

    mount(epcisResources.eventTypes, async () => ok(collection(EVENT_TYPES))),
    mount(epcisResources.eventType, async ({ parameters: { id } }) => one(EVENT_TYPES.includes(id), id)),

    mount(epcisResources.epcs, async ({ request, response }) => {
      const { items, nextPageToken } = await catalogue.epcs(pagingOf(request));
      linkTo(request, response, { nextPageToken, now: time.now() });
      return ok(collection(items));
    }),
    mount(epcisResources.epc, async ({ parameters: { id } }) => one(await catalogue.knowsEpc(id), id)),

    mount(epcisResources.bizSteps, async (asked) => ok(await words(asked, 'bizStep', BUSINESS_STEPS))),
    mount(epcisResources.bizStep, async ({ parameters: { id } }) => one(await knows('bizStep', id), id)),

    mount(epcisResources.dispositions, async (asked) => ok(await words(asked, 'disposition', DISPOSITIONS))),
    mount(epcisResources.disposition, async ({ parameters: { id } }) => one(await knows('disposition', id), id)),

    mount(epcisResources.bizLocations, async (asked) => ok(await words(asked, 'bizLocation'))),
    mount(epcisResources.bizLocation, async ({ parameters: { id } }) => one(await knows('bizLocation', id), id)),

    mount(epcisResources.readPoints, async (asked) => ok(await words(asked, 'readPoint'))),
    mount(epcisResources.readPoint, async ({ parameters: { id } }) => one(await knows('readPoint', id), id)),
  ];

  /** Those of the CBV before those of others: the first pages are the standard's. */
  async function words(
    { request, response }: Pick<Asked<typeof epcisResources.bizSteps>, 'request' | 'response'>,
    kind: Kind,
    standard: ReadonlySet<string> = new Set(),
  ) {
    const { perPage, token } = pagingOf(request);
    const known = [...standard];
    const skip = token === null ? 0 : standardToken(token, known.length);
    const first = skip === null ? [] : known.slice(skip, skip + perPage);
    const end = (skip ?? 0) + first.length;
    if (skip !== null && end < known.length) {
      linkTo(request, response, { nextPageToken: `cbv-${end}`, now: time.now() });
      return collection(first);
    }
    const left = perPage - first.length;
    const more = await catalogue.words(kind, { perPage: Math.max(left, 1), token: skip === null ? token : null });
    const items = left === 0 ? [] : more.items;
    const nextPageToken = left === 0 && more.items.length > 0 ? `cbv-${known.length}` : more.nextPageToken;
    linkTo(request, response, { nextPageToken, now: time.now() });
    return collection([...first, ...items.filter((item) => !standard.has(item))]);
  }

  async function knows(kind: Kind, id: string): Promise<boolean> {
    const bare = id.replace(/^.*(:|\/[A-Za-z]+-)/, '');
    const standard = { bizStep: BUSINESS_STEPS, disposition: DISPOSITIONS, bizLocation: null, readPoint: null }[kind];
    return standard?.has(bare) === true || (await catalogue.knowsWord(kind, id));
  }
}

type Kind = 'bizStep' | 'disposition' | 'readPoint' | 'bizLocation';

const TOP_LEVEL = [
  ...['events', 'eventTypes', 'epcs', 'bizSteps', 'bizLocations', 'readPoints', 'dispositions', 'capture', 'queries'],
];

function collection(member: readonly string[]) {
  return { '@context': EPCIS_CONTEXT_URL, type: 'Collection' as const, member };
}

/** @throws {Refusal} 404 RESOURCE_UNKNOWN */
function one(isThere: boolean, id: string) {
  if (!isThere) throw notFound('RESOURCE_UNKNOWN', `no event names ${id}`);
  return ok(collection(['events']));
}

/** How many words of the standard were given; null: the token is of those after them. @throws {InputError} EPCIS_PARAMETER */
function standardToken(token: string, most: number): number | null {
  const given = /^cbv-(\d{1,3})$/.exec(token)?.[1];
  if (given === undefined) return null;
  if (Number(given) <= most && most > 0) return Number(given);
  throw new InputError('EPCIS_PARAMETER', `nextPageToken: "${token}" given; allowed: a token that this list has given`);
}
