import { z } from 'zod';
import type { Operation } from './operations.ts';
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

const common = { base: '/epcis/v2', permission: 'records.read' } as const;
const takes = {
  permission: 'events.capture',
  alsoTakes: ['application/ld+json', 'application/xml', 'text/xml'],
} as const;
const gives = { query: eventQuery, alsoGives: ['application/ld+json'], answers: { 200: document } } as const;

/** What events are found by that stands in the path (EPCIS 2.0, section 12.5). */
const COLLECTIONS = {
  eventTypes: 'of a type',
  epcs: 'that name an EPC',
  bizSteps: 'of a business step',
  bizLocations: 'at a business location',
  readPoints: 'at a read point',
  dispositions: 'with a disposition',
};

/** The REST bindings of EPCIS 2.0. */
export const EPCIS_OPERATIONS: readonly Operation[] = [
  {
    ...{ ...common, ...takes, method: 'post', path: '/capture', body: document },
    summary: 'Capture an EPCIS document: worked in, or durable with a capture job at Location',
    answers: { 201: captureJob, 202: captureJob },
  },
  {
    ...{ ...common, method: 'get', path: '/capture/:id', answers: { 200: captureJob } },
    summary: 'A capture job: whether it is worked in, and what was refused',
  },
  {
    ...{ ...common, ...takes, method: 'post', path: '/events', body: event, answers: { 201: null, 202: null } },
    summary: 'Capture one event',
  },
  { ...common, ...gives, method: 'get', path: '/events', summary: 'Events, by the parameters of the SimpleEventQuery' },
  {
    ...{ ...common, ...gives, query: undefined, method: 'get', path: '/events/:id' },
    summary: 'An event with its declarations of error',
  },
  ...Object.entries(COLLECTIONS).map(
    ([collection, which]): Operation => ({
      ...{ ...common, ...gives, method: 'get', path: `/${collection}/:id/events`, summary: `Events ${which}` },
    }),
  ),
];
