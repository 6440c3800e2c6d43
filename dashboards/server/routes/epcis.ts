import type { Request, Response } from 'express';
import type { EpcisReading } from '../../../codecs/epcis/index.ts';
import { DefectError, type EpcisCapture, InputError } from '../../../domain/index.ts';
import type { EpcisCaptureRecord } from '../../../trace/index.ts';
import { epcisOperations, eventCollections, formatTime } from '../../api/index.ts';
import { acceptedWith, created, ok } from '../answer.ts';
import { CAPTURED, capturing, invalidDocument, readDocument } from '../epcis-capturing.ts';
import { answerEvents } from '../epcis-document.ts';
import { type Mounted, mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import type { Services } from '../services.ts';
import { discoveryRoutes } from './epcis-discovery.ts';
import { linkTo, pagingOf } from './epcis-paging.ts';
import { queryRoutes } from './epcis-queries.ts';

const collectionNames = Object.keys(eventCollections) as (keyof typeof eventCollections)[];

/** The REST bindings of EPCIS 2.0 (section 12): capture, capture jobs, and the SimpleEventQuery. */
export function epcisRoutes(services: Services): readonly Mounted[] {
  const { epcisCatalogue: catalogue, epcisQueries: queries, time } = services;
  const keep = capturing(services);
  return [
    ...discoveryRoutes(services),
    ...queryRoutes(services),

    mount(epcisOperations.capture, async (asked) => {
      const errorBehaviour = errorBehaviourOf(asked.request);
      const reading = readDocument(asked.body);
      if (!CAPTURED.has(reading.kind))
        throw otherKind(reading, 'an EPCISDocument, EPCISQueryDocument or EPCISMasterDataDocument');
      if (reading.refused.length > 0 && errorBehaviour === 'rollback') throw invalidDocument(reading);
      const { id, isApplied } = await keep(asked, reading, errorBehaviour);
      const job = await queries.capture(id);
      if (job === null) throw new DefectError('CAPTURE_LOST', `capture ${id} was announced and is not there`);
      const location = `/epcis/v2/capture/${id}`;
      return isApplied ? created(jobView(job), location) : acceptedWith(jobView(job), location);
    }),

    mount(epcisOperations.captureEvent, async (asked) => {
      const reading = readDocument(asked.body);
      const [event] = reading.events;
      if (reading.kind !== 'event' || event === undefined) throw otherKind(reading, 'one event');
      const { isApplied } = await keep(asked, reading, 'rollback');
      const { eventID } = event;
      const location = eventID === undefined ? undefined : `/epcis/v2/events/${encodeURIComponent(eventID)}`;
      return isApplied ? created(null, location) : acceptedWith(null, location);
    }),

    mount(epcisOperations.captureJobs, async ({ request, response }) => {
      const { items, nextPageToken } = await catalogue.captures(pagingOf(request));
      linkTo(request, response, { nextPageToken, now: time.now() });
      return ok(items.map(jobView));
    }),

    mount(epcisOperations.captureJob, async ({ parameters: { id } }) => {
      const job = await queries.capture(id);
      if (job === null) throw notFound('CAPTURE_UNKNOWN', `there is no capture ${id}`);
      return ok(jobView(job));
    }),

    mount(epcisOperations.events, ({ request, response }) => find(request, response)),

    mount(epcisOperations.event, async ({ parameters: { id }, request, response }) => {
      const { events } = await queries.events(new Map([['EQ_eventID', [id]]]));
      if (events.length === 0) throw notFound('EVENT_UNKNOWN', `there is no event ${id}`);
      return answerEvents({ request, response }, events, { now: time.now() });
    }),

    ...collectionNames.map((collection) =>
      mount(eventCollections[collection], async ({ parameters: { id }, request, response }) => {
        return find(request, response, [[COLLECTION_PARAMETERS[collection], id]]);
      }),
    ),
  ];

  async function find(request: Request, response: Response, more: readonly (readonly [string, string])[] = []) {
    const parameters = new Map(parametersOf(request));
    for (const [name, value] of more) {
      if (parameters.has(name)) throw new InputError('EPCIS_PARAMETER', `${name}: given twice, the path says it`);
      parameters.set(name, [value]);
    }
    const { events, nextPageToken } = await queries.events(parameters);
    linkTo(request, response, { nextPageToken, now: time.now() });
    return answerEvents({ request, response }, events, { now: time.now() });
  }
}

/** Events of one thing: the parameter that finds them (EPCIS 2.0, section 12.5). */
const COLLECTION_PARAMETERS = {
  eventTypes: 'eventType',
  epcs: 'MATCH_anyEPC',
  bizSteps: 'EQ_bizStep',
  bizLocations: 'EQ_bizLocation',
  readPoints: 'EQ_readPoint',
  dispositions: 'EQ_disposition',
} as const satisfies Record<keyof typeof eventCollections, string>;

/** Where a document of each kind is to be sent. */
const DOORS: Readonly<Record<EpcisReading['kind'], string>> = {
  event: '; post one event without a document to /epcis/v2/events',
  document: '; post a document to /epcis/v2/capture',
  'query document': '; post a query document to /epcis/v2/capture',
  'master data document': '; post a master data document to /epcis/v2/capture',
};

function otherKind({ kind }: EpcisReading, allowed: string): InputError {
  const article = kind === 'event' ? 'an' : 'a';
  return new InputError('EPCIS_KIND', `${article} ${kind} is given; allowed here: ${allowed}${DOORS[kind]}`);
}

/** EPCIS 2.0, 12.6: all or nothing unless the client asks for what can be had. */
function errorBehaviourOf(request: Request): EpcisCapture['errorBehaviour'] {
  const given = request.get('GS1-Capture-Error-Behaviour') ?? 'rollback';
  if (given === 'rollback' || given === 'proceed') return given;
  throw new InputError('EPCIS_HEADER', `GS1-Capture-Error-Behaviour: "${given}" given; allowed: rollback or proceed`);
}

function jobView({ id, createdAt, finishedAt, errorBehaviour, refused }: EpcisCaptureRecord) {
  return {
    captureID: id,
    createdAt: formatTime(createdAt),
    ...(finishedAt !== null && { finishedAt: formatTime(finishedAt) }),
    running: finishedAt === null,
    // While it runs: so far.
    success: refused.length === 0,
    captureErrorBehaviour: errorBehaviour,
    errors: refused.map(({ path, given, allowed }) => ({
      type: 'epcisException:ValidationException',
      title: 'The event is not valid',
      status: 400,
      detail: `${path}: ${given} given; allowed: ${allowed}`,
    })),
  };
}

/** Alternatives of one parameter stand behind each other with | between, or in parameters of the same name. */
function parametersOf(request: Request): ReadonlyMap<string, readonly string[]> {
  const parameters = new Map<string, readonly string[]>();
  for (const [name, given] of Object.entries(request.query)) {
    const values = (Array.isArray(given) ? given : [given]).map(String);
    parameters.set(
      name,
      values.flatMap((value) => value.split('|')),
    );
  }
  return parameters;
}
