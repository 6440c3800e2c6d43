/** Fields of an event in the wrappers that EPCIS 1.2 has for what came after 1.0 (EPCIS 1.2, section 9.5). */
export interface Wrapped {
  readonly times: readonly string[];
  readonly baseExtension: readonly string[];
  readonly plain: readonly string[];
  readonly extension: readonly string[];
  /** In the extension of the extension: what 1.2 knows nothing of, as GS1's own conversion has it. */
  readonly later: readonly string[];
}

const TIMES = names('eventTime recordTime eventTimeZoneOffset');
const BASE_EXTENSION = names('eventID errorDeclaration');
const LATER = names('sensorElementList persistentDisposition');
const EXTENSION: Readonly<Record<string, ReadonlySet<string>>> = {
  ObjectEvent: names('quantityList sourceList destinationList ilmd'),
  AggregationEvent: names('childQuantityList sourceList destinationList'),
  TransactionEvent: names('quantityList sourceList destinationList'),
};
/** EPCIS 1.2 has no place for it. */
const NOWHERE = names('certificationInfo baseExtension extension');
/** Elements that 1.2 wants although they hold nothing. */
const WANTED: Readonly<Record<string, string>> = {
  ObjectEvent: 'epcList',
  AggregationEvent: 'childEPCs',
  TransactionEvent: 'epcList',
};

/** Where each field of an event goes, in the order of the schema. @param given names of the fields that it has */
export function wrapped(type: string, order: readonly string[], given: ReadonlySet<string>): Wrapped {
  const has = (name: string) => given.has(name) || WANTED[type] === name;
  const known = order.filter((name) => has(name) && !NOWHERE.has(name));
  const inExtension = EXTENSION[type] ?? names('');
  const isElsewhere = (name: string) =>
    TIMES.has(name) || BASE_EXTENSION.has(name) || LATER.has(name) || inExtension.has(name);
  return {
    times: known.filter((name) => TIMES.has(name)),
    baseExtension: known.filter((name) => BASE_EXTENSION.has(name)),
    plain: known.filter((name) => !isElsewhere(name)),
    extension: known.filter((name) => inExtension.has(name)),
    later: known.filter((name) => LATER.has(name)),
  };
}

/** How many extensions of the list an event of this type stands in: 1.2 has some types only there, and one not at all. */
export function depthOf(type: string): number {
  return type === 'TransformationEvent' ? 1 : type === 'AssociationEvent' ? 2 : 0;
}

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}
