import {
  documentText,
  openXmlQuery,
  queryResultsXml,
  readXmlQuery,
  Scope,
  vocabularyXml,
  type XmlQueryForm,
  type XmlQueryRequest,
  xmlAnswer,
  xmlException,
  xmlResult,
} from '../../../codecs/epcis/index.ts';
import { InputError, IsothermError } from '../../../domain/index.ts';
import { type EpcisEventRecord, type EpcisParameters, queryDocument } from '../../../trace/index.ts';
import { epcisXmlOperations, formatTime } from '../../api/index.ts';
import { SENT } from '../answer.ts';
import { type Mounted, mount } from '../mount.ts';
import { problemOf } from '../problems.ts';
import type { Services } from '../services.ts';
import { epcisProblemType } from './epcis-protocol.ts';

const MOST_EVENTS = 10_000;
const PAGE = 1_000;
/** An answer is made whole in memory. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The query interface of EPCIS 1.2 and 2.0 in XML, over SOAP or as documents (section 11.2), for those who have nothing else.
 * Standing queries are subscribed to by REST.
 */
export function xmlQueryRoutes(services: Services, version: string): readonly Mounted[] {
  const { epcisNamedQueries: named, epcisQueries: queries, epcisVocabularies: vocabularies, time } = services;
  return [
    mount(epcisXmlOperations.query, async ({ body, response }) => {
      // What says in no form how to answer it is refused as any other request.
      const opened = openXmlQuery(documentText(body));
      const { form } = opened;
      const creationDate = formatTime(time.now());
      const send = (status: number, xml: string): typeof SENT => {
        const type = form.envelope === 'SOAP 1.2' ? 'application/soap+xml' : 'text/xml';
        response.status(status).type(type).send(xml);
        return SENT;
      };
      try {
        const { content, declared } = await answer(readXmlQuery(opened));
        return send(200, xmlAnswer(form, content, { declared, creationDate }));
      } catch (error) {
        if (!(error instanceof IsothermError)) throw error;
        const problem = problemOf(error);
        const type = epcisProblemType(problem).replace('epcisException:', '');
        const exception = EXCEPTIONS.has(type)
          ? type
          : error instanceof InputError
            ? 'ValidationException'
            : 'ImplementationException';
        const isOurs = problem.status >= 500;
        // SOAP 1.1, section 6.2: a fault is answered with 500.
        const status = form.envelope === 'SOAP 1.1' ? 500 : problem.status;
        const reason = problem.detail ?? problem.title;
        return send(status, xmlException(form, exception, { reason, isOurs, creationDate }));
      }
    }),
  ];

  async function answer({ operation, fields, form, parameters }: XmlQueryRequest): Promise<Content> {
    const queryName = fields.get('queryName') ?? '';
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
        if (BUILT_IN.includes(queryName)) return plain(xmlResult(operation, []));
        await named.get(queryName);
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
      case 'Subscribe':
      case 'Unsubscribe':
        throw new InputError(
          'EPCIS_NOT_BY_SOAP',
          `${operation} is not taken in XML; allowed: POST /epcis/v2/queries/{name}/subscriptions`,
        );
      default:
        throw new InputError('EPCIS_REQUEST', `${operation} given; allowed: ${OPERATIONS_IN_XML.join(', ')}`);
    }
  }

  async function parametersOf(queryName: string, given: EpcisParameters): Promise<EpcisParameters> {
    if (queryName === 'SimpleEventQuery') return given;
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

const BUILT_IN: readonly string[] = ['SimpleEventQuery', 'SimpleMasterDataQuery'];
const OPERATIONS_IN_XML = ['GetQueryNames', 'GetSubscriptionIDs', 'Poll', 'GetStandardVersion', 'GetVendorVersion'];
/** Those that the schema of XML has. */
const EXCEPTIONS: ReadonlySet<string> = new Set([
  ...['InvalidURIException', 'NoSuchNameException', 'QueryParameterException', 'QueryTooLargeException'],
  ...['SubscribeNotPermittedException', 'SecurityException', 'ValidationException', 'ImplementationException'],
]);
