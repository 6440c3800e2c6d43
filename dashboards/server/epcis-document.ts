import type { Request, Response } from 'express';
import { type CbvForm, digitalLinkIn, queryDocumentXml, withDigitalLinks } from '../../codecs/epcis/index.ts';
import { type EpcisEventRecord, type QueryAnswer, queryDocument } from '../../trace/index.ts';
import { ok, SENT } from './answer.ts';
import { Refusal } from './problems.ts';
import { JSON_MEDIA, XML_MEDIA } from './routes/epcis-protocol.ts';

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
  const document = queryDocument(inEpcFormat(records, { request, response }), answer);
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

/** Identifiers in the form that is asked for. @throws {Refusal} 406 EPCIS_FORMAT */
function inEpcFormat(
  records: readonly EpcisEventRecord[],
  { request, response }: { readonly request: Request; readonly response: Response },
): readonly EpcisEventRecord[] {
  const asked = request.get('GS1-EPC-Format') ?? 'No_Preference';
  if (asked === 'Always_GS1_Digital_Link') {
    response.set('GS1-EPC-Format', asked);
    return records.map((record) => ({ ...record, event: withDigitalLinks(record.event) }));
  }
  if (asked === 'No_Preference' || asked === 'Never_Translates') return records;
  if (asked === 'Always_EPC_URN') {
    // A Digital Link does not say where the company prefix ends: what came as one cannot be given as a URN.
    const link = records.map(({ event }) => digitalLinkIn(event)).find((found) => found !== null);
    if (link === undefined) {
      response.set('GS1-EPC-Format', asked);
      return records;
    }
    const given = `GS1-EPC-Format: "${asked}" given, and ${link.slice(0, 100)} was captured as a Digital Link`;
    throw new Refusal(
      406,
      'EPCIS_FORMAT',
      `${given}; allowed: No_Preference, Never_Translates, Always_GS1_Digital_Link`,
    );
  }
  const allowed = 'No_Preference, Never_Translates, Always_GS1_Digital_Link, Always_EPC_URN';
  throw new Refusal(406, 'EPCIS_FORMAT', `GS1-EPC-Format: "${asked}" given; allowed: ${allowed}`);
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
