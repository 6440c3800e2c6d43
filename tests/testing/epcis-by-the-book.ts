import { SaxesParser } from 'saxes';

/**
 * A second reading of EPCIS documents, slow and obvious, written from the standard and with nothing of ours: what GS1's schemas
 * would say (EPCIS 2.0, sections 7.4 and 9; EPCIS 1.2, section 9), the words of the CBV, and the digits of identifiers.
 * @returns what is wrong, in words; nothing where all is right
 */
export function faultsOfJson(text: string): string[] {
  const given = JSON.parse(text) as Json;
  const faults: string[] = [];
  const contexts = [given['@context']].flat();
  if (contexts[0] !== 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld') faults.push('@context');
  if (given.type !== 'EPCISQueryDocument' && given.type !== 'EPCISDocument') faults.push(`type ${given.type}`);
  if (given.schemaVersion !== '2.0') faults.push(`schemaVersion ${given.schemaVersion}`);
  if (!isTime(given.creationDate)) faults.push(`creationDate ${given.creationDate}`);
  const body = given.epcisBody as Json;
  const results = body.queryResults as Json | undefined;
  const events = ((results?.resultsBody as Json | undefined)?.eventList ?? body.eventList) as Json[];
  const known = new Set(contexts.filter(isObject).flatMap((one) => Object.keys(one)));
  return [
    ...faults,
    ...events.flatMap((event, at) => faultsOfEvent(event, known).map((fault) => `event ${at}: ${fault}`)),
  ];
}

type Json = Record<string, unknown>;

/** Every field of an event of JSON-LD, with what it holds; `!` is one that has to be there. */
const COMMON = `eventTime!:time recordTime:time eventTimeZoneOffset!:zone eventID:uri certificationInfo:uris errorDeclaration:error
  bizStep:bizstep disposition:disp persistentDisposition:persistent readPoint:place bizLocation:place bizTransactionList:transactions
  sourceList:sources destinationList:sources sensorElementList:sensors @context:any type:any`;
const FIELDS: Readonly<Record<string, string>> = {
  ObjectEvent: `${COMMON} action!:action epcList:epcs quantityList:quantities ilmd:extension`,
  AggregationEvent: `${COMMON} action!:action parentID:uri childEPCs:epcs childQuantityList:quantities`,
  AssociationEvent: `${COMMON} action!:action parentID!:uri childEPCs:epcs childQuantityList:quantities`,
  TransactionEvent: `${COMMON} action!:action parentID:uri epcList:epcs quantityList:quantities`,
  TransformationEvent: `${COMMON} transformationID:uri inputEPCList:epcs outputEPCList:epcs inputQuantityList:quantities
    outputQuantityList:quantities ilmd:extension`,
};

/** CBV 2.0, sections 7.1 to 7.5. */
const CBV: Readonly<Record<string, readonly string[]>> = {
  bizstep: `accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting installing killing
    loading other packing picking receiving removing repackaging repairing replacing reserving retail_selling sampling
    sensor_reporting shipping staging_outbound stock_taking stocking storing transporting unloading unpacking void_shipping`.split(
    /\s+/,
  ),
  disp: `active available completeness_inferred completeness_verified conformant container_closed container_open damaged destroyed
    dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity
    needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold returned
    sellable_accessible sellable_not_accessible stolen unavailable unknown`.split(/\s+/),
  btt: 'bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt'.split(' '),
  sdt: 'owning_party possessing_party location'.split(' '),
  er: 'did_not_occur incorrect_data'.split(' '),
};
const WEB: Readonly<Record<string, string>> = { bizstep: 'BizStep', disp: 'Disp', btt: 'BTT', sdt: 'SDT', er: 'ER' };

function faultsOfEvent(event: Json, known: ReadonlySet<string>): string[] {
  const fields = FIELDS[String(event.type)];
  if (fields === undefined) return [`type ${event.type}`];
  const allowed = new Map(fields.split(/\s+/).map((field) => [field.replace(/!?:.*/, ''), field] as const));
  const own = new Set([...known, ...(isObject(event['@context']) ? Object.keys(event['@context']) : []), 'cbvmda']);
  const missing = [...allowed]
    .filter(([name, field]) => field.includes('!') && !(name in event))
    .map(([name]) => `no ${name}`);
  return [
    ...missing,
    ...Object.entries(event).flatMap(([name, value]) => {
      const kind = allowed.get(name)?.split(':').at(-1);
      if (kind !== undefined) return isOf(kind, value) ? [] : [`${name}: ${JSON.stringify(value)} is no ${kind}`];
      const prefix = name.split(':')[0] ?? '';
      return name.includes(':') && own.has(prefix) ? [] : [`${name} is no field of ${event.type}`];
    }),
    ...[...JSON.stringify(event).matchAll(/"((?:urn:epc:(?:id|class)|https?:\/\/[^"]*\/\d{2,4}\/\d)[^"]*)"/g)].flatMap(
      ([, id = '']) => (isGoodId(id) ? [] : [`${id} has wrong digits`]),
    ),
  ];
}

function isOf(kind: string, value: unknown): boolean {
  const list = (of: string) => Array.isArray(value) && value.length > 0 && value.every((one) => isOf(of, one));
  const object = (fields: Record<string, string>, needed: readonly string[]) =>
    isObject(value) &&
    needed.every((name) => name in value) &&
    Object.entries(value).every(([name, one]) => name.includes(':') || isOf(fields[name] ?? 'nothing', one));
  switch (kind) {
    case 'any':
    case 'extension':
      return true;
    case 'time':
      return isTime(value);
    case 'zone':
      return typeof value === 'string' && /^[+-](0\d|1[0-4]):[0-5]\d$/.test(value);
    case 'action':
      return value === 'ADD' || value === 'OBSERVE' || value === 'DELETE';
    case 'uri':
      return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(value);
    case 'uris':
      return isOf('uri', value) || list('uri');
    case 'epcs':
      return (
        (list('uri') || (Array.isArray(value) && value.length === 0)) &&
        new Set(value as string[]).size === (value as string[]).length
      );
    case 'number':
      return typeof value === 'number';
    case 'truth':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'unit':
      return typeof value === 'string' && /^[A-Z0-9]{2,3}$/.test(value);
    case 'quantities':
      return list('quantity');
    case 'quantity':
      return object({ epcClass: 'uri', quantity: 'number', uom: 'unit' }, ['epcClass']);
    case 'place':
      return object({ id: 'uri' }, ['id']);
    case 'transactions':
      return list('transaction');
    case 'transaction':
      return object({ type: 'btt', bizTransaction: 'uri' }, ['bizTransaction']);
    case 'sources':
      return list('source');
    case 'source':
      return object({ type: 'sdt', source: 'uri', destination: 'uri' }, ['type']);
    case 'persistent':
      return object({ set: 'disps', unset: 'disps' }, []);
    case 'disps':
      return list('disp');
    case 'error':
      return object({ declarationTime: 'time', reason: 'er', correctiveEventIDs: 'uris' }, ['declarationTime']);
    case 'sensors':
      return list('sensor');
    case 'sensor':
      return object({ sensorMetadata: 'metadata', sensorReport: 'reports' }, ['sensorReport']);
    case 'metadata':
      return object(
        {
          ...{
            time: 'time',
            startTime: 'time',
            endTime: 'time',
            deviceID: 'uri',
            deviceMetadata: 'uri',
            rawData: 'uri',
          },
          ...{ dataProcessingMethod: 'uri', bizRules: 'uri' },
        },
        [],
      );
    case 'reports':
      return list('report');
    case 'report':
      return object(
        {
          ...{
            type: 'text',
            exception: 'text',
            deviceID: 'uri',
            deviceMetadata: 'uri',
            rawData: 'uri',
            dataProcessingMethod: 'uri',
          },
          ...{
            time: 'time',
            microorganism: 'uri',
            chemicalSubstance: 'uri',
            component: 'text',
            value: 'number',
            minValue: 'number',
          },
          ...{
            maxValue: 'number',
            meanValue: 'number',
            sDev: 'number',
            percRank: 'number',
            percValue: 'number',
            uom: 'unit',
          },
          ...{
            stringValue: 'text',
            booleanValue: 'truth',
            hexBinaryValue: 'text',
            uriValue: 'uri',
            coordinateReferenceSystem: 'uri',
          },
        },
        ['type'],
      );
    default:
      // Bare words of the CBV, or a URI of one's own, which is in no namespace of GS1's.
      return (
        CBV[kind]?.includes(String(value)) === true ||
        (isOf('uri', value) && !/^urn:epcglobal:cbv|^https?:\/\/(ref|ns)\.gs1\.org\/cbv/.test(String(value)))
      );
  }
}

/** Of an XML element: its name and what is in it, in order. */
interface Node {
  readonly name: string;
  readonly children: Node[];
  text: string;
}

/** Fields of events in the order of the schema; what stands in wrappers of EPCIS 1.2 is indented under them. */
const START = 'eventTime recordTime eventTimeZoneOffset';
const PLACE = 'bizStep disposition readPoint bizLocation';
const TRADE = 'sourceList destinationList';
const NEW = 'sensorElementList persistentDisposition';
const XML_ORDER: Readonly<Record<'1.2' | '2.0', Readonly<Record<string, string>>>> = {
  '2.0': {
    ObjectEvent: `epcList action ${PLACE} bizTransactionList quantityList ${TRADE} ${NEW} ilmd`,
    AggregationEvent: `parentID childEPCs action ${PLACE} bizTransactionList childQuantityList ${TRADE} ${NEW}`,
    AssociationEvent: `parentID childEPCs childQuantityList action ${PLACE} bizTransactionList ${TRADE} ${NEW}`,
    TransactionEvent: `bizTransactionList parentID epcList action ${PLACE} quantityList ${TRADE} ${NEW}`,
    TransformationEvent: `inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID ${PLACE} bizTransactionList
      ${TRADE} ${NEW} ilmd`,
  },
  '1.2': {
    ObjectEvent: `epcList action ${PLACE} bizTransactionList extension`,
    AggregationEvent: `parentID childEPCs action ${PLACE} bizTransactionList extension`,
    TransactionEvent: `bizTransactionList parentID epcList action ${PLACE} extension`,
    TransformationEvent: `inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID ${PLACE} bizTransactionList
      ${TRADE} ilmd extension`,
    baseExtension: 'eventID errorDeclaration extension',
    'extension of ObjectEvent': `quantityList ${TRADE} ilmd extension`,
    'extension of AggregationEvent': `childQuantityList ${TRADE} extension`,
    'extension of TransactionEvent': `quantityList ${TRADE} extension`,
  },
};
const HEAD = { '2.0': `${START} eventID errorDeclaration certificationInfo`, '1.2': `${START} baseExtension` };

/** @param version of the schema that it is sent in */
export function faultsOfXml(xml: string, version: '1.2' | '2.0'): string[] {
  const root = nodesOf(xml);
  const faults: string[] = [];
  const namespace = `urn:epcglobal:epcis-query:xsd:${version === '2.0' ? 2 : 1}`;
  if (!xml.includes(`"${namespace}"`)) faults.push(`no ${namespace}`);
  if (root.name.endsWith('EPCISQueryDocument') && !xml.includes(`schemaVersion="${version}"`))
    faults.push('schemaVersion');
  const lists = below(root, 'EventList');
  if (lists.length !== 1) faults.push(`${lists.length} EventList`);
  for (const list of lists) {
    for (const node of list.children) {
      const isWrapped = version === '1.2' && node.name === 'extension';
      const event = isWrapped ? inmost(node) : node;
      faults.push(...faultsOfNode(event, event.name, version).map((fault) => `${event.name}: ${fault}`));
    }
  }
  for (const name of ['bizStep', 'disposition', 'reason']) {
    const kind = { bizStep: 'bizstep', disposition: 'disp', reason: 'er' }[name] ?? '';
    for (const { text } of lists.flatMap((list) => below(list, name)))
      if (!isFullWord(kind, text)) faults.push(`${name} ${text}`);
  }
  for (const name of ['eventTime', 'recordTime', 'declarationTime']) {
    for (const { text } of lists.flatMap((list) => below(list, name)))
      if (!isTime(text)) faults.push(`${name} ${text}`);
  }
  for (const { text } of lists.flatMap((list) => below(list, 'epc')))
    if (!isGoodId(text)) faults.push(`${text} has wrong digits`);
  return faults;
}

function faultsOfNode(node: Node, as: string, version: '1.2' | '2.0'): string[] {
  const fields = XML_ORDER[version][as];
  // What 1.2 has no place for stands where any element may.
  if (fields === undefined) return [];
  const order = `${as.endsWith('Event') && !as.includes(' ') ? HEAD[version] : ''} ${fields}`.trim().split(/\s+/);
  const own = node.children.map(({ name }) => name).filter((name) => !name.includes(':'));
  const unknown = own
    .filter((name) => !order.includes(name))
    .map((name) => `${name} has no place in ${as} of ${version}`);
  const places = own.filter((name) => order.includes(name)).map((name) => order.indexOf(name));
  const mixed = places.some((place, at) => at > 0 && place <= (places[at - 1] ?? -1))
    ? [`${own.join(' ')} are out of order`]
    : [];
  // Extensions stand behind the standard's own.
  const firstOwn = node.children.findIndex(({ name }) => name.includes(':'));
  const after = firstOwn >= 0 && node.children.slice(firstOwn).some(({ name }) => !name.includes(':'));
  const inner = node.children.flatMap((child) => {
    if (child.name === 'baseExtension') return faultsOfNode(child, 'baseExtension', version);
    return child.name === 'extension' && as in XML_ORDER[version]
      ? faultsOfNode(child, `extension of ${as}`, version)
      : [];
  });
  return [...unknown, ...mixed, ...(after ? ['a field behind an extension'] : []), ...inner];
}

function inmost(node: Node): Node {
  const [only] = node.children;
  return node.name === 'extension' && only !== undefined ? inmost(only) : node;
}

function nodesOf(xml: string): Node {
  const roots: Node[] = [];
  const open: Node[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => {
    const node: Node = { name, children: [], text: '' };
    (open.at(-1)?.children ?? roots).push(node);
    open.push(node);
  });
  parser.on('text', (text) => {
    const last = open.at(-1);
    if (last !== undefined) last.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(xml).close();
  const [root] = roots;
  if (root === undefined) throw new Error('no element');
  return root;
}

function below(node: Node, name: string): Node[] {
  return node.children.flatMap((child) => [...(child.name === name ? [child] : []), ...below(child, name)]);
}

function isFullWord(kind: string, text: string): boolean {
  const lead = [`urn:epcglobal:cbv:${kind}:`, `https://ref.gs1.org/cbv/${WEB[kind]}-`].find((one) =>
    text.startsWith(one),
  );
  if (lead !== undefined) return CBV[kind]?.includes(text.slice(lead.length)) === true;
  return isOf('uri', text) && !/^urn:epcglobal:cbv|gs1\.org\/cbv/.test(text);
}

function isTime(value: unknown): boolean {
  const text = String(value);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
}

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The last digit of a GS1 key: weights 3 and 1 from the right (GS1 General Specifications, section 7.9). */
export function hasGoodCheckDigit(key: string): boolean {
  let sum = 0;
  for (let at = key.length - 2, weight = 3; at >= 0; at--, weight = 4 - weight) sum += Number(key[at]) * weight;
  return /^\d+$/.test(key) && (10 - (sum % 10)) % 10 === Number(key.at(-1));
}

/** Digits of company prefix and reference together, by scheme (Tag Data Standard 2.0, section 6.3). */
const DIGITS: Readonly<Record<string, number>> = { sgtin: 13, sscc: 17, sgln: 12, lgtin: 13, pgln: 12 };

/** EPCs have as many digits as their scheme, and Digital Links a check digit. Of other keys nothing is said. */
function isGoodId(id: string): boolean {
  const [, scheme = '', company = '', reference = ''] = /^urn:epc:(?:id|class):(\w+):(\d+)\.(\d*)/.exec(id) ?? [];
  if (DIGITS[scheme] !== undefined) return company.length >= 6 && company.length + reference.length === DIGITS[scheme];
  const [, key] = /^https?:\/\/[^/]+(?:\/[^/]+)*?\/(?:00|01|414|417)\/(\d+)/.exec(id) ?? [];
  return key === undefined || hasGoodCheckDigit(key);
}
