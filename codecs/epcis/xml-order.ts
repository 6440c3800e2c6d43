import { isStandard, type XmlElement } from './xml.ts';

/** Fields of every event, of EPCIS 2.0's XML schema. */
const BASE = 'eventTime recordTime eventTimeZoneOffset eventID errorDeclaration certificationInfo baseExtension';
const WHERE = 'bizStep disposition readPoint bizLocation';
const PARTIES = 'sourceList destinationList sensorElementList persistentDisposition';

/** The sequence in which XML has an event's fields (EPCIS 2.0, section 9.5); extensions come last. */
export const SEQUENCES: Readonly<Record<string, readonly string[]>> = {
  ObjectEvent: sequence(`epcList action ${WHERE} bizTransactionList quantityList ${PARTIES} ilmd`),
  AggregationEvent: sequence(`parentID childEPCs action ${WHERE} bizTransactionList childQuantityList ${PARTIES}`),
  TransactionEvent: sequence(`bizTransactionList parentID epcList action ${WHERE} quantityList ${PARTIES}`),
  TransformationEvent: sequence(
    `inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID ${WHERE} bizTransactionList
     ${PARTIES} ilmd`,
  ),
  AssociationEvent: sequence(`parentID childEPCs childQuantityList action ${WHERE} bizTransactionList ${PARTIES}`),
};

/** The first field that stands too late, with the one that it had to stand before; null where all are in order. */
export function misplaced(event: XmlElement): { readonly field: string; readonly before: string } | null {
  const order = SEQUENCES[event.local];
  if (order === undefined) return null;
  let last = { at: -1, name: '' };
  for (const { namespace, local, name } of event.children) {
    const at = isStandard(namespace) ? order.indexOf(local) : order.length;
    // A field that the standard does not know is refused by name.
    if (at < 0) continue;
    if (at < last.at) return { field: local, before: last.name };
    last = { at, name };
  }
  return null;
}

function sequence(text: string): readonly string[] {
  return `${BASE} ${text} extension`.split(/\s+/);
}
