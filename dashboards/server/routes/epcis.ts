import { randomUUID } from 'node:crypto';
import express, { type Request, type Response, Router } from 'express';
import { type EpcisReading, readEpcisEach } from '../../../codecs/epcis/index.ts';
import { type EpcisCapture, InputError } from '../../../domain/index.ts';
import { type EpcisCaptureRecord, type EpcisEventRecord, EpcisQueries } from '../../../trace/index.ts';
import { formatTime } from '../../api/index.ts';
import { allow, identityOf, isSameOrigin } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { notFound, Refusal } from '../problems.ts';
import { keepBody, receivedFrom } from '../received.ts';
import type { Services } from '../services.ts';

/** A document with some hundred thousand EPCs; a larger one is sent in parts. */
const LIMIT_BYTES = 16 * 1024 * 1024;
const MEDIA = ['application/json', 'application/ld+json', 'application/xml', 'text/xml'];
const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';

/** The REST bindings of EPCIS 2.0 (section 12): capture, capture jobs, and the SimpleEventQuery. */
export function epcisRoutes({ accounts, database, factDesk, time }: Services): Router {
  const router = Router();
  const queries = new EpcisQueries({ database });
  const anyone = allow(accounts, 'signed in');
  router.use((_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'GS1-EPCIS-Version': '2.0.0', 'GS1-CBV-Version': '2.0.0' });
    next();
  });

  router.post(
    '/capture',
    allow(accounts, ['logistics', 'admin']),
    (request, response, next) => {
      if (!isSameOrigin(request.headers)) throw new Refusal(403, 'ORIGIN_NOT_ALLOWED', 'not from this page');
      if (!request.is(MEDIA)) throw new Refusal(415, 'EPCIS_MEDIA', `Content-Type: expected ${MEDIA.join(', ')}`);
      response.set('GS1-EPCIS-Capture-File-Size-Limit', String(LIMIT_BYTES));
      next();
    },
    express.raw({ type: MEDIA, limit: LIMIT_BYTES, verify: keepBody }),
    async (request, response) => {
      const reading = readBody(request.body);
      const errorBehaviour = errorBehaviourOf(request);
      if (reading.refused.length > 0 && errorBehaviour === 'rollback') throw invalid(reading);
      const at = time.now();
      const capture: EpcisCapture = {
        ...{ id: randomUUID(), at, errorBehaviour, refused: reading.refused },
        context: [...reading.contexts, ...prefixesOf(reading)],
        events: reading.events,
      };
      await queries.announce({ id: capture.id, createdAt: at, errorBehaviour });
      try {
        await factDesk.tell([{ type: 'epcis', capture, by: identityOf(request).name }], receivedFrom(request));
      } catch (error) {
        await queries.withdraw(capture.id);
        throw error;
      }
      const job = await queries.capture(capture.id);
      response.location(`/epcis/v2/capture/${capture.id}`).status(202);
      response.json(job === null ? { captureID: capture.id } : jobView(job));
    },
  );

  router.get('/capture/:id', anyone, async (request, response) => {
    const id = parameter(request, 'id');
    const job = await queries.capture(id);
    if (job === null) throw notFound('CAPTURE_UNKNOWN', `there is no capture ${id}`);
    response.json(jobView(job));
  });

  router.get('/events', anyone, async (request, response) => {
    const { events, nextPageToken } = await queries.events(parametersOf(request));
    if (nextPageToken !== null) linkTo(request, response, nextPageToken);
    response.json(queryDocument(events, time.now()));
  });

  router.get('/events/:id', anyone, async (request, response) => {
    const id = parameter(request, 'id');
    const { events } = await queries.events(new Map([['EQ_eventID', [id]]]));
    if (events.length === 0) throw notFound('EVENT_UNKNOWN', `there is no event ${id}`);
    response.json(queryDocument(events, time.now()));
  });

  return router;
}

/** @throws {InputError} EPCIS_* */
function readBody(body: unknown): EpcisReading {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new InputError('EPCIS_EMPTY', 'the body is empty');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new InputError('EPCIS_ENCODING', 'not UTF-8', {}, cause);
  }
  const reading = readEpcisEach(text);
  if (reading.kind === 'document') return reading;
  throw new InputError('EPCIS_KIND', `a ${reading.kind} is given; allowed: an EPCISDocument`);
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
    success: finishedAt !== null && refused.length === 0,
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
