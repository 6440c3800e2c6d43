import type { Request, Response } from 'express';
import { type CbvForm, queryDocumentXml } from '../../codecs/epcis/index.ts';
import type { EpcisEventRecord } from '../../trace/index.ts';
import { formatTime } from '../api/index.ts';
import { ok, SENT } from './answer.ts';
import { Refusal } from './problems.ts';
import { JSON_MEDIA, XML_MEDIA } from './routes/epcis-protocol.ts';

export const EPCIS_CONTEXT_URL = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';

/** What the answer to a query says beside its events. */
export interface QueryAnswer {
  /** epoch ms UTC. */
  readonly now: number;
  readonly queryName?: string;
  /** Of the subscription that it is sent for. */
  readonly subscriptionID?: string;
}

/** The answer in JSON-LD or XML, as the client accepts it (EPCIS 2.0, section 12.7). @throws {Refusal} 406 EPCIS_ACCEPT */
export function answerEvents(
  { request, response }: { readonly request: Request; readonly response: Response },
  records: readonly EpcisEventRecord[],
  answer: QueryAnswer,
) {
  const accepted = request.accepts([...JSON_MEDIA, ...XML_MEDIA]);
  if (accepted === false) {
    throw new Refusal(406, 'EPCIS_ACCEPT', `Accept: expected ${[...JSON_MEDIA, ...XML_MEDIA].join(', ')}`);
  }
  const document = queryDocument(records, answer);
  if (!XML_MEDIA.includes(accepted)) return ok(document);
  const asked = request.get('GS1-CBV-XML-Format') ?? 'No_Preference';
  const words = XML_WORDS[asked];
  if (words === undefined)
    throw new Refusal(
      406,
      'EPCIS_FORMAT',
      `GS1-CBV-XML-Format: "${asked}" given; allowed: ${Object.keys(XML_WORDS).join(', ')}`,
    );
  if (words !== 'as given') response.set('GS1-CBV-XML-Format', asked);
  response.status(200).type(accepted).send(queryXml(document, words));
  return SENT;
}

const XML_WORDS: Readonly<Record<string, CbvForm>> = {
  No_Preference: 'as given',
  Never_Translates: 'as given',
  Always_URN: 'URN',
  Always_Web_URI: 'web URI',
};

/** The same in XML. */
export function queryXml(document: ReturnType<typeof queryDocument>, words: CbvForm): string {
  const { queryName, subscriptionID = null, resultsBody } = document.epcisBody.queryResults;
  const { creationDate, '@context': context } = document;
  return queryDocumentXml(
    { creationDate, context, queryName, subscriptionID, events: resultsBody.eventList },
    { words },
  );
}

/** A prefix that means one thing for all stands in the document's context, else in the event's. */
export function queryDocument(
  records: readonly EpcisEventRecord[],
  { now, queryName = 'SimpleEventQuery', subscriptionID }: QueryAnswer,
) {
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
    '@context': [EPCIS_CONTEXT_URL, ...urls, ...(shared.size === 0 ? [] : [Object.fromEntries(shared)])],
    ...{ type: 'EPCISQueryDocument', schemaVersion: '2.0', creationDate: formatTime(now) },
    epcisBody: {
      queryResults: { queryName, ...(subscriptionID !== undefined && { subscriptionID }), resultsBody: { eventList } },
    },
  };
}

/** XML writes a namespace as it is, JSON-LD with the sign that separates it from the name. */
function bare(namespace: string): string {
  return namespace.replace(/[/#]$/, '');
}
