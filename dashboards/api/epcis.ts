import { z } from 'zod';
import { DOCUMENT_LIMIT, type Operations } from './operation.ts';
import { named } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

const BASE = '/epcis/v2';

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

const epcisPaging = z.looseObject({
  perPage: z.coerce.number().int().min(1).max(1_000).optional(),
  nextPageToken: z.string().optional().describe('From the Link header of the page before'),
});

const collection = z
  .object({
    '@context': z.unknown(),
    type: z.literal('Collection'),
    member: z.array(z.string()),
  })
  .register(named, { id: 'EpcisCollection' });

const ofCollection = {
  method: 'get',
  base: BASE,
  permission: 'records.read',
  answers: { 200: collection },
} as const;

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

/** Most events of one document that is captured, told as GS1-EPCIS-Capture-Limit. */
export const EVENTS_MOST = 100_000;
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
  captureJobs: {
    method: 'get',
    base: BASE,
    path: '/capture',
    summary: 'Capture jobs, newest first',
    permission: 'records.read',
    query: epcisPaging,
    queryAs: 'read',
    answers: { 200: z.array(captureJob) },
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

/** What one may ask for at the root, and what there is of each kind (EPCIS 2.0, sections 12.3 and 12.5). */
export const epcisResources = {
  root: {
    method: 'get',
    base: BASE,
    path: '/',
    summary: 'The top-level resources',
    permission: 'records.read',
    answers: { 200: collection },
  },
  eventTypes: listOf('eventTypes', 'Types of events'),
  epcs: listOf('epcs', 'EPCs that events name'),
  bizSteps: listOf('bizSteps', 'Business steps: those of the CBV, and others that events name'),
  bizLocations: listOf('bizLocations', 'Business locations that events name'),
  readPoints: listOf('readPoints', 'Read points that events name'),
  dispositions: listOf('dispositions', 'Dispositions: those of the CBV, and others that events name'),
  eventType: oneOf('eventTypes', 'a type of events'),
  epc: oneOf('epcs', 'an EPC'),
  bizStep: oneOf('bizSteps', 'a business step'),
  bizLocation: oneOf('bizLocations', 'a business location'),
  readPoint: oneOf('readPoints', 'a read point'),
  disposition: oneOf('dispositions', 'a disposition'),
} as const satisfies Operations;

function listOf<Collection extends string>(name: Collection, summary: string) {
  return { ...ofCollection, path: `/${name}`, summary, query: epcisPaging, queryAs: 'read' } as const;
}

function oneOf<Collection extends string>(name: Collection, what: string) {
  return { ...ofCollection, path: `/${name}/:id`, summary: `What there is of ${what}` } as const;
}

const namedQuery = z
  .object({
    name: z.string(),
    query: z.record(z.string(), z.unknown()).describe('Parameters of the SimpleEventQuery; lists are alternatives'),
  })
  .register(named, { id: 'EpcisNamedQuery' });

const scheduleField = z
  .union([z.string().max(200), z.number().int()])
  .transform(String)
  .optional();

const newSubscription = z.strictObject({
  dest: z.string().max(2_000).describe('Where EPCISQueryDocuments are posted to'),
  signatureToken: z.string().min(1).max(500).optional().describe('What messages are signed with'),
  stream: z.literal(true).optional().describe('Tell events as they come; without it a schedule is needed'),
  schedule: z
    .strictObject({
      second: scheduleField,
      minute: scheduleField,
      hour: scheduleField,
      dayOfMonth: scheduleField,
      month: scheduleField,
      dayOfWeek: scheduleField,
    })
    .optional()
    .describe('When to run it, UTC'),
  reportIfEmpty: z.boolean().optional(),
  initialRecordTime: timeIn.optional(),
  epcFormat: z.enum(['No_Preference', 'Never_Translates']).optional(),
});

const subscription = z
  .object({
    subscriptionID: z.string(),
    queryName: z.string(),
    dest: z.string(),
    stream: z.literal(true).optional(),
    schedule: z.record(z.string(), z.string()).optional(),
    reportIfEmpty: z.boolean(),
    initialRecordTime: timeOut,
    createdAt: timeOut,
    lastNotifiedAt: timeOut.optional(),
    failingSince: timeOut.optional(),
    lastError: z.string().optional(),
    endedAt: timeOut.optional(),
    endedBecause: z.string().optional(),
  })
  .register(named, { id: 'EpcisSubscription' });

/** Named queries and who is told of what they find (EPCIS 2.0, sections 8.2.5 and 12.6). */
export const epcisQueryOperations = {
  queries: {
    method: 'get',
    base: BASE,
    path: '/queries',
    summary: 'Named queries',
    permission: 'records.read',
    query: epcisPaging,
    queryAs: 'read',
    answers: { 200: z.array(namedQuery) },
  },
  createQuery: {
    method: 'post',
    base: BASE,
    path: '/queries',
    summary: 'Give a query a name; it never changes',
    permission: 'events.subscribe',
    body: namedQuery,
    answers: { 201: namedQuery },
  },
  query: {
    method: 'get',
    base: BASE,
    path: '/queries/:name',
    summary: 'A named query',
    permission: 'records.read',
    answers: { 200: namedQuery },
  },
  removeQuery: {
    method: 'delete',
    base: BASE,
    path: '/queries/:name',
    summary: 'Remove a named query, and end every subscription to it',
    permission: 'events.subscribe',
    answers: { 204: null },
  },
  queryEvents: {
    method: 'get',
    base: BASE,
    path: '/queries/:name/events',
    summary: 'The events that a named query finds',
    permission: 'records.read',
    query: epcisPaging,
    queryAs: 'read',
    alsoGives: ['application/ld+json'],
    answers: { 200: document },
  },
  subscriptions: {
    method: 'get',
    base: BASE,
    path: '/queries/:name/subscriptions',
    summary: 'Active subscriptions to a named query',
    permission: 'records.read',
    query: epcisPaging,
    queryAs: 'read',
    answers: { 200: z.array(subscription) },
  },
  subscribe: {
    method: 'post',
    base: BASE,
    path: '/queries/:name/subscriptions',
    summary: 'Have what a named query finds posted to an address, as it comes or on a schedule',
    permission: 'events.subscribe',
    body: newSubscription,
    answers: { 201: subscription },
  },
  subscription: {
    method: 'get',
    base: BASE,
    path: '/queries/:name/subscriptions/:id',
    summary: 'A subscription, active or ended, and how it gets on',
    permission: 'records.read',
    answers: { 200: subscription },
  },
  unsubscribe: {
    method: 'delete',
    base: BASE,
    path: '/queries/:name/subscriptions/:id',
    summary: 'End a subscription',
    permission: 'events.subscribe',
    answers: { 204: null },
  },
} as const satisfies Operations;

/** The interfaces in XML, for those who have nothing else (EPCIS 1.2 and 2.0, sections 10.2 and 11.2). */
export const epcisXmlOperations = {
  wsdl: {
    method: 'get',
    base: '/epcis/v1',
    path: '/query',
    summary: 'The WSDL of the query interface',
    permission: 'records.read',
    query: z.looseObject({}),
    queryAs: 'read',
    alsoGives: ['text/xml'],
    answers: { 200: null },
  },
  capture: {
    method: 'post',
    base: '/epcis/v1',
    path: '/capture',
    summary: 'Capture an EPCISDocument or EPCISMasterDataDocument in XML, alone or in a SOAP envelope',
    permission: 'events.capture',
    body: z.unknown(),
    bodyAs: 'bytes',
    bodyLimit: DOCUMENT_LIMIT,
    alsoTakes: ['application/xml', 'text/xml', 'application/soap+xml'],
    answers: { 200: null },
  },
  query: {
    method: 'post',
    base: '/epcis/v1',
    path: '/query',
    summary:
      'Ask and subscribe in XML, over SOAP or as an EPCISQueryDocument: Poll, Subscribe, GetQueryNames and their like',
    permission: 'records.read',
    body: z.unknown(),
    bodyAs: 'bytes',
    alsoTakes: ['application/xml', 'text/xml', 'application/soap+xml'],
    answers: { 200: null },
  },
} as const satisfies Operations;
