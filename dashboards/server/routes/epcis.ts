import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type NextFunction, type Request, type Response, Router } from 'express';
import { documentText, type EpcisReading, readEpcisEach } from '../../../codecs/epcis/index.ts';
import { type EpcisCapture, InputError } from '../../../domain/index.ts';
import type { EpcisCaptureRecord, EpcisEventRecord } from '../../../trace/index.ts';
import { formatTime } from '../../api/index.ts';
import { allow, identityOf, isSameOrigin } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { notFound, Refusal } from '../problems.ts';
import { keepBody, receivedFrom } from '../received.ts';
import type { Services } from '../services.ts';

/** A document with some hundred thousand EPCs; a larger one is sent in parts. */
const LIMIT_BYTES = 16 * 1024 * 1024;
const MEDIA = ['application/json', 'application/ld+json', 'application/xml', 'text/xml'];
const JSON_MEDIA = ['application/json', 'application/ld+json'];
const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';

/** The REST bindings of EPCIS 2.0 (section 12): capture, capture jobs, and the SimpleEventQuery. */
export function epcisRoutes({ accounts, epcisQueries: queries, factCommands, time }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');
  router.use((request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', ...VERSIONS });
    checkVersions(request);
    next();
  });

  /** Keeps what was read. @returns the job, and whether the tracer has worked it in already */
  const keep = async (request: Request, reading: EpcisReading, errorBehaviour: EpcisCapture['errorBehaviour']) => {
    const at = time.now();
    const capture: EpcisCapture = {
      ...{ id: randomUUID(), at, errorBehaviour, refused: reading.refused },
      context: [...reading.contexts, ...prefixesOf(reading)],
      events: reading.events,
    };
    await queries.announce({ id: capture.id, createdAt: at, errorBehaviour });
    try {
      const fact = { type: 'epcis', capture, by: identityOf(request).name } as const;
      const isApplied = await factCommands.record([fact], receivedFrom(request));
      return { id: capture.id, isApplied };
    } catch (error) {
      await queries.withdraw(capture.id);
      throw error;
    }
  };

  const takesBody = [
    allow(accounts, 'events.capture'),
    (request: Request, response: Response, next: NextFunction) => {
      if (!isSameOrigin(request.headers)) throw new Refusal(403, 'ORIGIN_NOT_ALLOWED', 'not from this page');
      if (!request.is(MEDIA)) throw new Refusal(415, 'EPCIS_MEDIA', `Content-Type: expected ${MEDIA.join(', ')}`);
      response.set('GS1-EPCIS-Capture-File-Size-Limit', String(LIMIT_BYTES));
      next();
    },
    express.raw({ type: MEDIA, limit: LIMIT_BYTES, verify: keepBody }),
  ];

  router.post('/capture', ...takesBody, async (request, response) => {
    const errorBehaviour = errorBehaviourOf(request);
    const reading = readBody(request.body);
    if (!CAPTURED.has(reading.kind)) throw otherKind(reading, 'an EPCISDocument or EPCISQueryDocument');
    if (reading.refused.length > 0 && errorBehaviour === 'rollback') throw invalid(reading);
    const { id, isApplied } = await keep(request, reading, errorBehaviour);
    const job = await queries.capture(id);
    response.location(`/epcis/v2/capture/${id}`).status(isApplied ? 201 : 202);
    response.json(job === null ? { captureID: id } : jobView(job));
  });

  router.post('/events', ...takesBody, async (request, response) => {
    const reading = readBody(request.body);
    const [event] = reading.events;
    if (reading.kind !== 'event' || event === undefined) throw otherKind(reading, 'one event');
    const { isApplied } = await keep(request, reading, 'rollback');
    if (event.eventID !== undefined) response.location(`/epcis/v2/events/${encodeURIComponent(event.eventID)}`);
    response.status(isApplied ? 201 : 202).end();
  });

  router.get('/capture/:id', anyone, async (request, response) => {
    const id = parameter(request, 'id');
    const job = await queries.capture(id);
    if (job === null) throw notFound('CAPTURE_UNKNOWN', `there is no capture ${id}`);
    response.json(jobView(job));
  });

  const answer = async (request: Request, response: Response, more: readonly (readonly [string, string])[] = []) => {
    if (!request.accepts(JSON_MEDIA)) {
      throw new Refusal(
        406,
        'EPCIS_ACCEPT',
        `Accept: expected ${JSON_MEDIA.join(' or ')}; events are not given in XML`,
      );
    }
    const parameters = new Map(parametersOf(request));
    for (const [name, value] of more) {
      if (parameters.has(name)) throw new InputError('EPCIS_PARAMETER', `${name}: given twice, the path says it`);
      parameters.set(name, [value]);
    }
    const { events, nextPageToken } = await queries.events(parameters);
    if (nextPageToken !== null) linkTo(request, response, nextPageToken);
    response.json(queryDocument(events, time.now()));
    return events.length;
  };

  router.get('/events', anyone, async (request, response) => {
    await answer(request, response);
  });
  for (const [collection, name] of Object.entries(COLLECTIONS)) {
    router.get(`/${collection}/:id/events`, anyone, async (request, response) => {
      await answer(request, response, [[name, parameter(request, 'id')]]);
    });
  }

  router.get('/events/:id', anyone, async (request, response) => {
    const id = parameter(request, 'id');
    const { events } = await queries.events(new Map([['EQ_eventID', [id]]]));
    if (events.length === 0) throw notFound('EVENT_UNKNOWN', `there is no event ${id}`);
    response.json(queryDocument(events, time.now()));
  });

  router.use(((error: unknown, _request, _response, next) => {
    const isTooLarge = error instanceof Error && 'status' in error && error.status === 413;
    const detail = `the document is too large; allowed: at most ${LIMIT_BYTES} bytes, send it in parts`;
    next(isTooLarge ? new Refusal(413, 'BODY_TOO_LARGE', detail) : error);
  }) satisfies ErrorRequestHandler);
  return router;
}

/** What may be captured by document. */
const CAPTURED: ReadonlySet<string> = new Set(['document', 'query document']);

/** EPCIS 2.0, section 12.7: what is spoken here, and what is taken in. */
const VERSIONS = {
  ...{ 'GS1-EPCIS-Version': '2.0.0', 'GS1-EPCIS-Min': '1.0', 'GS1-EPCIS-Max': '2.0.0' },
  ...{ 'GS1-CBV-Version': '2.0.0', 'GS1-CBV-Min': '1.0', 'GS1-CBV-Max': '2.0.0' },
  ...{ 'GS1-EPC-Format': 'Never_Translates', 'GS1-CBV-XML-Format': 'Never_Translates' },
};

/** Events of one thing: the parameter that finds them (EPCIS 2.0, section 12.5). */
const COLLECTIONS: Readonly<Record<string, string>> = {
  eventTypes: 'eventType',
  epcs: 'MATCH_anyEPC',
  bizSteps: 'EQ_bizStep',
  bizLocations: 'EQ_bizLocation',
  readPoints: 'EQ_readPoint',
  dispositions: 'EQ_disposition',
};

/** @throws {Refusal} 406 EPCIS_VERSION: another version is asked for than the one that is spoken */
function checkVersions(request: Request): void {
  const asked = { 'GS1-EPCIS-Min': [2, '<='], 'GS1-EPCIS-Max': [2, '>='], 'GS1-CBV-Min': [2, '<='] } as const;
  for (const [header, [spoken, sign]] of Object.entries(asked)) {
    const given = request.get(header);
    const major = Number(/^(\d+)(\.\d+){0,2}$/.exec(given ?? '')?.[1] ?? Number.NaN);
    const isFit = sign === '<=' ? major <= spoken : major >= spoken;
    if (given !== undefined && !isFit) {
      throw new Refusal(406, 'EPCIS_VERSION', `${header}: "${given}" given; events are given in version 2.0.0`);
    }
  }
}

/** @throws {InputError} EPCIS_* */
function readBody(body: unknown): EpcisReading {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new InputError('EPCIS_EMPTY', 'the body is empty');
  return readEpcisEach(documentText(body));
}

/** Where a document of each kind is to be sent. */
const DOORS: Readonly<Record<EpcisReading['kind'], string>> = {
  event: '; post one event without a document to /epcis/v2/events',
  document: '; post a document to /epcis/v2/capture',
  'query document': '; post a query document to /epcis/v2/capture',
  'master data document': '',
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

function invalid({ refused }: EpcisReading): InputError {
  const [first] = refused;
  const message = first === undefined ? 'refused' : `${first.path}: ${first.given} given; allowed: ${first.allowed}`;
  return new InputError('EPCIS_INVALID', message, { refusals: refused.slice(0, 20) });
}

/** Prefixes of extensions; those of the standard's own namespaces mean nothing outside XML. */
function prefixesOf({ namespaces }: EpcisReading): Record<string, string>[] {
  const own = [...namespaces].filter(([, namespace]) => !namespace.startsWith('urn:epcglobal:'));
  return own.length === 0 ? [] : [Object.fromEntries(own)];
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

function linkTo(request: Request, response: Response, token: string): void {
  const next = new URL(request.originalUrl, 'http://localhost');
  next.searchParams.set('nextPageToken', token);
  response.set('Link', `<${next.pathname}${next.search}>; rel="next"`);
}

/** A prefix that means one thing for all stands in the document's context, else in the event's. */
function queryDocument(records: readonly EpcisEventRecord[], now: number) {
  const shared = new Map<string, string>();
  const urls = new Set<string>();
  const eventList = records.map(({ event, context, recordTime }) => {
    const own: Record<string, string> = {};
    for (const entry of context) {
      if (typeof entry === 'string') urls.add(entry);
      else {
        for (const [prefix, namespace] of Object.entries(entry)) {
          const before = shared.get(prefix);
          if (before === undefined) shared.set(prefix, namespace);
          else if (bare(before) !== bare(namespace)) own[prefix] = namespace;
        }
      }
    }
    const isShared = Object.keys(own).length === 0 || event['@context'] !== undefined;
    return { ...event, ...(!isShared && { '@context': own }), recordTime: formatTime(recordTime) };
  });
  return {
    '@context': [CONTEXT, ...urls, ...(shared.size === 0 ? [] : [Object.fromEntries(shared)])],
    ...{ type: 'EPCISQueryDocument', schemaVersion: '2.0', creationDate: formatTime(now) },
    epcisBody: { queryResults: { queryName: 'SimpleEventQuery', resultsBody: { eventList } } },
  };
}

/** XML writes a namespace as it is, JSON-LD with the sign that separates it from the name. */
function bare(namespace: string): string {
  return namespace.replace(/[/#]$/, '');
}
