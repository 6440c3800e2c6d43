import type { Response } from 'express';
import {
  documentText,
  openXmlCapture,
  openXmlQuery,
  queryResultsXml,
  queryWsdl,
  readEpcisElement,
  readXmlQuery,
  requireUnderstood,
  Scope,
  vocabularyXml,
  XML_EXCEPTIONS,
  type XmlQueryForm,
  type XmlQueryRequest,
  xmlAnswer,
  xmlException,
  xmlResult,
} from '../../../codecs/epcis/index.ts';
import { InputError, IsothermError, type Origination } from '../../../domain/index.ts';
import { type EpcisEventRecord, type EpcisParameters, EVENT_QUERY, queryDocument } from '../../../trace/index.ts';
import { epcisXmlOperations, formatTime } from '../../api/index.ts';
import { SENT } from '../answer.ts';
import { CAPTURED, capturing, invalidDocument, requireFew } from '../epcis-capturing.ts';
import { type Identity, requireAlso } from '../identity.ts';
import { type Mounted, mount } from '../mount.ts';
import { problemOf } from '../problems.ts';
import type { Services } from '../services.ts';
import { epcisProblemType } from './epcis-protocol.ts';
import { subscriptionIn } from './epcis-xml-subscription.ts';

const MOST_EVENTS = 10_000;
const PAGE = 1_000;
/** An answer is made whole in memory. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The query interface of EPCIS 1.2 and 2.0 in XML, over SOAP or as documents (section 11.2), for those who have nothing else.
 * Who subscribes so is told in XML, under an id of their own.
 */
export function xmlQueryRoutes(services: Services, version: string): readonly Mounted[] {
  const { epcisNamedQueries: named, epcisQueries: queries, epcisVocabularies: vocabularies, time } = services;
  const keep = capturing(services);
  return [
    mount(epcisXmlOperations.wsdl, async ({ request, response }) => {
      const { protocol } = request;
      response
        .status(200)
        .type('text/xml')
        .send(queryWsdl(`${protocol}://${request.get('host') ?? 'localhost'}/epcis/v1/query`));
      return SENT;
    }),

    mount(epcisXmlOperations.capture, async ({ body, identity, received, response }) => {
      const { form, mandatory, document } = openXmlCapture(documentText(body));
      return inForm(form, response, async () => {
        requireUnderstood(mandatory);
        const reading = requireFew(readEpcisElement(document));
        if (!CAPTURED.has(reading.kind))
          throw new InputError(
            'EPCIS_KIND',
            `${document.name} given; allowed: an EPCISDocument or EPCISMasterDataDocument`,
          );
        if (reading.refused.length > 0) throw invalidDocument(reading);
        await keep({ identity, received }, reading, 'rollback');
        return plain('');
      });
    }),

    mount(epcisXmlOperations.query, async ({ body, identity, origination, response }) => {
      // What says in no form how to answer it is refused as any other request.
      const opened = openXmlQuery(documentText(body));
      return inForm(opened.form, response, () => answer(readXmlQuery(opened), { identity, origination }));
    }),
  ];

  /** Answered in the form that it was asked in, with the exceptions of the standard; null: with no words, or as any other request. */
  async function inForm(
    form: XmlQueryForm | null,
    response: Response,
    work: () => Promise<Content>,
  ): Promise<typeof SENT> {
    const creationDate = formatTime(time.now());
    const send = (status: number, xml: string): typeof SENT => {
      const type = form?.envelope === 'SOAP 1.2' ? 'application/soap+xml' : 'text/xml';
      response.status(status).type(type).send(xml);
      return SENT;
    };
    try {
      const { content, declared } = await work();
      return send(200, form === null ? '' : xmlAnswer(form, content, { declared, creationDate }));
    } catch (error) {
      if (form === null || !(error instanceof IsothermError)) throw error;
      const problem = problemOf(error);
      // The REST binding knows no exception for a subscription that is not there.
      const isNone = problem.code === 'EPCIS_SUBSCRIPTION_UNKNOWN';
      const type = isNone ? 'NoSuchSubscriptionException' : epcisProblemType(problem).replace('epcisException:', '');
      const exception = EXCEPTIONS.has(type)
        ? type
        : error instanceof InputError
          ? 'ValidationException'
          : 'ImplementationException';
      const isHeader = problem.code === 'EPCIS_NOT_UNDERSTOOD';
      const fault = isHeader ? 'header' : problem.status >= 500 ? 'ours' : 'theirs';
      // SOAP 1.1, section 6.2: a fault is answered with 500.
      const status = form.envelope === 'SOAP 1.1' ? 500 : problem.status;
      const reason = problem.detail ?? problem.title;
      return send(status, xmlException(form, exception, { reason, fault, creationDate }));
    }
  }

  async function answer(
    request: XmlQueryRequest,
    { identity, origination }: { readonly identity: Identity; readonly origination: Origination },
  ): Promise<Content> {
    const { operation, fields, form, parameters } = request;
    const queryName = fields.get('queryName') ?? '';
    if (queryName === '' && OF_A_QUERY.has(operation)) {
      throw new InputError('EPCIS_REQUEST', `${operation} without a queryName; allowed: with one`);
    }
    switch (operation) {
      case 'GetQueryNames': {
        const all = await named.list({ perPage: 1_000, token: null });
        return plain(xmlResult(operation, [...BUILT_IN, ...all.items.map(({ name }) => name)]));
      }
      case 'GetStandardVersion':
        return plain(xmlResult(operation, form.version === '1.2' ? '1.2' : '2.0.0'));
      case 'GetVendorVersion':
        return plain(xmlResult(operation, `Isotherm ${version}`));
      case 'GetSubscriptionIDs': {
        if (queryName === 'SimpleMasterDataQuery') return plain(xmlResult(operation, []));
        if (queryName !== EVENT_QUERY) await named.get(queryName);
        const all = await services.epcisSubscriptions.list(queryName, { perPage: 1_000, token: null });
        return plain(
          xmlResult(
            operation,
            all.items.map(({ id }) => id),
          ),
        );
      }
      case 'Poll':
        if (queryName === 'SimpleMasterDataQuery') {
          const content = vocabularyXml(queryName, await vocabularies.find(parameters));
          return plain(content);
        }
        return events(form, queryName, await parametersOf(queryName, parameters));
      case 'Subscribe': {
        requireAlso(identity, 'events.subscribe');
        // A name that nobody knows is told before what stands beside it.
        if (!BUILT_IN.includes(queryName)) await named.get(queryName);
        const { query, ...wanted } = subscriptionIn(request, time.now());
        await services.epcisSubscriptions.create(query, wanted, origination);
        return plain(xmlResult(operation, ''));
      }
      case 'Unsubscribe': {
        requireAlso(identity, 'events.subscribe');
        const id = fields.get('subscriptionID') ?? '';
        await services.epcisSubscriptions.remove(await services.epcisSubscriptions.queryOf(id), id, origination);
        return plain(xmlResult(operation, ''));
      }
      default:
        throw new InputError('EPCIS_REQUEST', `${operation} given; allowed: ${OPERATIONS_IN_XML.join(', ')}`);
    }
  }

  async function parametersOf(queryName: string, given: EpcisParameters): Promise<EpcisParameters> {
    if (queryName === EVENT_QUERY) return given;
    const parameters = await named.parameters(queryName);
    const [other] = given.keys();
    if (other !== undefined)
      throw new InputError('EPCIS_PARAMETER', `${other}: given; allowed: none, ${queryName} has its own`);
    return parameters;
  }

  async function events(form: XmlQueryForm, queryName: string, parameters: EpcisParameters): Promise<Content> {
    const found: EpcisEventRecord[] = [];
    let bytes = 0;
    for (let token: string | null = ''; token !== null; ) {
      const page = new Map([...parameters, ['perPage', [String(PAGE)]] as const]);
      if (token !== '') page.set('nextPageToken', [token]);
      const { events: some, nextPageToken } = await queries.events(page);
      found.push(...some);
      bytes += some.reduce((sum, { event }) => sum + JSON.stringify(event).length, 0);
      token = nextPageToken;
      if (token !== null && (found.length >= MOST_EVENTS || bytes >= MOST_BYTES)) {
        throw new InputError(
          'EPCIS_TOO_MANY',
          `more than ${MOST_EVENTS} events, or ${MOST_BYTES / 1024 / 1024} MB of them; allowed: a narrower query, or /epcis/v2/events page by page`,
        );
      }
    }
    const { '@context': context, epcisBody } = queryDocument(found, { now: time.now(), queryName });
    const scope = new Scope();
    const declared = scope.declare(context);
    const writing = { words: form.version === '1.2' ? ('URN' as const) : ('as given' as const), version: form.version };
    const { resultsBody } = epcisBody.queryResults;
    return {
      declared,
      content: queryResultsXml({ queryName, subscriptionID: null, events: resultsBody.eventList }, writing, scope),
    };
  }
}

interface Content {
  readonly content: string;
  readonly declared: string;
}

function plain(content: string): Content {
  return { content, declared: '' };
}

const OF_A_QUERY: ReadonlySet<string> = new Set(['GetSubscriptionIDs', 'Poll', 'Subscribe']);
const BUILT_IN: readonly string[] = ['SimpleEventQuery', 'SimpleMasterDataQuery'];
const OPERATIONS_IN_XML = [
  ...[
    'GetQueryNames',
    'GetSubscriptionIDs',
    'Poll',
    'Subscribe',
    'Unsubscribe',
    'GetStandardVersion',
    'GetVendorVersion',
  ],
];
/** Those that the schema of XML has. */
const EXCEPTIONS: ReadonlySet<string> = new Set(XML_EXCEPTIONS);
