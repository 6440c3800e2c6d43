/**
 * GS1 EPCIS: what partners say happened to which EPCs. In: an EPCIS 2.0 document, query document or bare event in
 * JSON-LD, or a document or query document of 1.2 or 2.0 in XML. Out: its events as they came, checked against the standard and the Core Business Vocabulary, or every refusal
 * with its path. Contexts are known by name and never fetched. Pure: what an event means for a shipment is trace's.
 */

export { withBareWords } from './bare-words.ts';
export { canonicalLink } from './canonical-link.ts';
export {
  type EpcisDocument,
  type EpcisReading,
  type EpcisRefusal,
  readEpcis,
  readEpcisEach,
  readEpcisElement,
  readEpcisJson,
  readEpcisXml,
} from './document.ts';
export { documentText } from './encoding.ts';
export { digitalLinkIn, withDigitalLinks } from './epc-format.ts';
export { type EventNames, eventHashId, preHash } from './event-hash.ts';
export type { EpcisEvent } from './event-schema.ts';
export { type GivenExpiry, LOT_MOST, type LotData, lotDataOf } from './lot-data.ts';
export type { MasterDataElement } from './master-data.ts';
export { BUSINESS_STEPS, type CbvForm, cbvWord, DISPOSITIONS, EVENT_TYPES } from './vocabulary.ts';
export { queryWsdl, XML_EXCEPTIONS } from './wsdl.ts';
export { parseXml, type XmlElement } from './xml.ts';
export {
  openXmlCapture,
  openXmlQuery,
  readXmlQuery,
  requireUnderstood,
  vocabularyXml,
  type XmlQueryForm,
  type XmlQueryRequest,
  xmlAnswer,
  xmlException,
  xmlResult,
} from './xml-query.ts';
export { queryDocumentXml, queryResultsXml, Scope, type WrittenDocument, type XmlWriting } from './xml-writing.ts';
