import { z } from 'zod';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { named } from './schema.ts';
import { timeOut } from './time.ts';

const document = z
  .looseObject({
    '@context': z.unknown(),
    type: z.string().describe('EPCISDocument or EPCISQueryDocument'),
    schemaVersion: z.string(),
    creationDate: z.string().optional(),
    epcisBody: z.looseObject({}),
  })
  .register(named, { id: 'EpcisDocument' });

const event = z
  .looseObject({
    type: z.string().describe('ObjectEvent, AggregationEvent, AssociationEvent, TransactionEvent, TransformationEvent'),
    eventTime: z.string(),
    eventTimeZoneOffset: z.string(),
  })
  .register(named, { id: 'EpcisEvent' });

const captureJob = z
  .object({
    captureID: z.string(),
    createdAt: timeOut,
    finishedAt: timeOut.optional(),
    running: z.boolean(),
    success: z.boolean(),
    captureErrorBehaviour: z.enum(['rollback', 'proceed']),
    errors: z.array(z.object({ type: z.string(), title: z.string(), status: z.number().int(), detail: z.string() })),
  })
  .register(named, { id: 'EpcisCaptureJob' });

/** Those besides page by page stand in docs/epcis.md: names of extensions make them endless. */
const eventQuery = z.looseObject({
  eventType: z.string().optional(),
  EQ_bizStep: z.string().optional().describe('Alternatives with | between; further parameters: docs/epcis.md, Queries'),
  MATCH_anyEPC: z.string().optional(),
  GE_eventTime: z.string().optional(),
  LT_eventTime: z.string().optional(),
  perPage: z.coerce.number().int().min(1).max(1_000).optional(),
  nextPageToken: z.string().optional().describe('From the Link header of the page before'),
});

const BASE = '/epcis/v2';
const MEDIA = ['application/ld+json', 'application/xml', 'text/xml'] as const;
const byQuery = {
  method: 'get',
  base: BASE,
  permission: 'records.read',
  query: eventQuery,
  queryAs: 'read',
  alsoGives: ['application/ld+json'],
  answers: { 200: document },
} as const;

/** The REST bindings of EPCIS 2.0. */
export const epcisOperations = {
  capture: {
    method: 'post',
    base: BASE,
    path: '/capture',
    summary: 'Capture an EPCIS document: applied, or durable with a capture job at Location',
    permission: 'events.capture',
    body: document,
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: MEDIA,
    answers: { 201: captureJob, 202: captureJob },
  },
  captureJob: {
    method: 'get',
    base: BASE,
    path: '/capture/:id',
    summary: 'A capture job: whether it is applied, and what was refused',
    permission: 'records.read',
    answers: { 200: captureJob },
  },
  captureEvent: {
    method: 'post',
    base: BASE,
    path: '/events',
    summary: 'Capture one event',
    permission: 'events.capture',
    body: event,
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: MEDIA,
    answers: { 201: null, 202: null },
  },
  events: { ...byQuery, path: '/events', summary: 'Events, by the parameters of the SimpleEventQuery' },
  event: {
    method: 'get',
    base: BASE,
    path: '/events/:id',
    summary: 'An event with its declarations of error',
    permission: 'records.read',
    alsoGives: ['application/ld+json'],
    answers: { 200: document },
  },
} as const satisfies Operations;

/** Events of one thing, by what stands in the path (EPCIS 2.0, section 12.5). */
export const eventCollections = {
  eventTypes: eventsOf('eventTypes', 'of a type'),
  epcs: eventsOf('epcs', 'that name an EPC'),
  bizSteps: eventsOf('bizSteps', 'of a business step'),
  bizLocations: eventsOf('bizLocations', 'at a business location'),
  readPoints: eventsOf('readPoints', 'at a read point'),
  dispositions: eventsOf('dispositions', 'with a disposition'),
} as const satisfies Operations;

function eventsOf<Collection extends string>(collection: Collection, which: string) {
  return { ...byQuery, path: `/${collection}/:id/events`, summary: `Events ${which}` } as const;
}
