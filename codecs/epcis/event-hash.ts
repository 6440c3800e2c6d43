import { createHash } from 'node:crypto';
import { canonicalLink } from './canonical-link.ts';
import { prefixesOf } from './context.ts';
import type { EpcisEvent } from './event-schema.ts';

/** What an event's document says about its names. */
export interface EventNames {
  /** Prefixes of extensions to their namespaces. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Prefixes that values are shortened with; XML shortens none but those of the standard. */
  readonly curies: ReadonlyMap<string, string>;
}

/**
 * The event hash ID of the Core Business Vocabulary 2.0, section 8.9.2: `ni:///sha-256;...?ver=CBV2.0`. The same event
 * has the same one in JSON-LD and XML, whatever the order of its fields and the form of its identifiers; its eventID,
 * recordTime and errorDeclaration do not count, so a declaration of error has the hash of what it withdraws.
 */
export function eventHashId(event: EpcisEvent, names: EventNames = NO_NAMES): string {
  return `ni:///sha-256;${createHash('sha256').update(preHash(event, names)).digest('hex')}?ver=CBV2.0`;
}

/** The text that is hashed. */
export function preHash(event: EpcisEvent, names: EventNames = NO_NAMES): string {
  const fields: Fields = event;
  const writer = new PreHash(namesWithin(fields, names));
  return [
    `eventType=${event.type}`,
    writer.ordered(fields, EVENT),
    fields.ilmd === undefined ? '' : writer.free('ilmd', fields.ilmd),
    writer.extensionsWithin(fields, EVENT),
    writer.freeFields(fields, (key) => !IGNORED.has(key) && !EVENT.some(({ name }) => name === key)),
  ].join('');
}

/** The names that hold inside an object: those around it and those its own `@context` declares (JSON-LD 1.1, 4.1). */
function namesWithin(fields: Fields, around: EventNames): EventNames {
  const own = prefixesOf(fields['@context']);
  if (own.length === 0) return around;
  return { namespaces: new Map([...around.namespaces, ...own]), curies: new Map([...around.curies, ...own]) };
}

const NO_NAMES: EventNames = { namespaces: new Map(), curies: new Map() };

type Fields = Readonly<Record<string, unknown>>;

/** A field in its canonical place. */
interface Field {
  readonly name: string;
  /** What each entry of a list is called, where lists have entries of their own in XML. */
  readonly entry?: string;
  readonly fields?: readonly Field[];
  /** The vocabulary whose bare words it takes. */
  readonly words?: string;
  readonly isTime?: true;
  /** Its own name is not written. */
  readonly isSilent?: true;
}

const named = (text: string, of: Omit<Field, 'name'> = {}): Field[] =>
  text.split(/\s+/).map((name) => ({ name, ...of }));
const CBV = 'https://ref.gs1.org/cbv/';
const VOC = 'https://ref.gs1.org/voc/';
const QUANTITY = named('epcClass quantity uom');
const DEVICE = named('deviceID deviceMetadata rawData dataProcessingMethod');
const typed = (name: string, vocabulary: string): Field => ({
  name: `${name}List`,
  entry: '',
  fields: [{ name: 'type', words: `${CBV}${vocabulary}-` }, { name }],
});

/** The canonical order of properties: the table of section 8.9.2. */
const EVENT: readonly Field[] = [
  { name: 'eventTime', isTime: true },
  { name: 'eventTimeZoneOffset' },
  { name: 'epcList', entry: 'epc' },
  { name: 'parentID' },
  { name: 'inputEPCList', entry: 'epc' },
  { name: 'childEPCs', entry: 'epc' },
  { name: 'quantityList', entry: 'quantityElement', fields: QUANTITY },
  { name: 'childQuantityList', entry: 'quantityElement', fields: QUANTITY },
  { name: 'inputQuantityList', entry: 'quantityElement', fields: QUANTITY },
  { name: 'outputEPCList', entry: 'epc' },
  { name: 'outputQuantityList', entry: 'quantityElement', fields: QUANTITY },
  { name: 'action' },
  { name: 'transformationID' },
  { name: 'bizStep', words: `${CBV}BizStep-` },
  { name: 'disposition', words: `${CBV}Disp-` },
  { name: 'persistentDisposition', fields: named('set unset', { words: `${CBV}Disp-` }) },
  { name: 'readPoint', fields: named('id') },
  { name: 'bizLocation', fields: named('id') },
  typed('bizTransaction', 'BTT'),
  typed('source', 'SDT'),
  typed('destination', 'SDT'),
  {
    ...{ name: 'sensorElementList', entry: 'sensorElement', isSilent: true },
    fields: [
      {
        name: 'sensorMetadata',
        fields: [...named('time startTime endTime', { isTime: true }), ...DEVICE, ...named('bizRules')],
      },
      {
        name: 'sensorReport',
        fields: [
          ...named('type exception', { words: VOC }),
          ...DEVICE,
          { name: 'time', isTime: true },
          ...named('microorganism chemicalSubstance value'),
          { name: 'component', words: `${CBV}Comp-` },
          ...named('stringValue booleanValue hexBinaryValue uriValue minValue maxValue meanValue sDev percRank'),
          ...named('percValue uom coordinateReferenceSystem'),
        ],
      },
    ],
  },
];

/** Not part of what an event says; a comment is none of its words either. */
const IGNORED = new Set([
  ...['@context', 'type', 'eventID', 'recordTime', 'errorDeclaration', 'certificationInfo', 'ilmd'],
  ...['rdfs:comment', 'comment'],
]);

class PreHash {
  readonly #names: EventNames;

  constructor(names: EventNames) {
    this.#names = names;
  }

  /** Fields of the standard in their canonical order, extensions left out. */
  ordered(fields: Fields, order: readonly Field[]): string {
    return order.map((field) => this.#field(field, fields[field.name])).join('');
  }

  /** Extensions inside fields of the standard, each behind the names that lead to it. */
  extensionsWithin(fields: Fields, order: readonly Field[]): string {
    const parts = order.map(({ name, entry, fields: inner, isSilent }) => {
      if (inner === undefined) return '';
      const found = listOf(fields[name])
        .filter(isObject)
        .map((one) => {
          const within = this.#within(one);
          return within.extensionsWithin(one, inner) + within.freeFields(one, isExtension);
        })
        .filter((text) => text !== '')
        .map((text) => `${entry ?? ''}${text}`);
      return found.length === 0 ? '' : `${isSilent ? '' : name}${sorted(found).join('')}`;
    });
    return parts.join('');
  }

  /** Whatever stands there, sorted. */
  freeFields(fields: Fields, isWanted: (key: string) => boolean): string {
    const parts = Object.entries(fields)
      .filter(([key]) => isWanted(key))
      .flatMap(([key, value]) => listOf(value).map((one) => this.free(this.#fullName(key), one)));
    return sorted(parts).join('');
  }

  free(name: string, value: unknown): string {
    if (!isObject(value)) {
      const text = this.#value(value);
      return text === '' ? name : `${name}=${text}`;
    }
    const within = this.#within(value);
    const text = within.#value(value['@value'] ?? '');
    const rest = within.freeFields(value, (key) => !NOT_FIELDS.has(key));
    return `${name}${text === '' ? '' : `=${text}`}${rest}`;
  }

  /** A writer with the names that hold inside an object. */
  #within(fields: Fields): PreHash {
    return fields['@context'] === undefined ? this : new PreHash(namesWithin(fields, this.#names));
  }

  #field(field: Field, value: unknown): string {
    const { name, entry, fields, isSilent } = field;
    if (entry === undefined) {
      // Sensor reports and dispositions: a list without entries of its own repeats its name.
      return sorted(listOf(value).map((one) => this.#one(name, field, one))).join('');
    }
    const entries = listOf(value).map((one) => this.#one(entry, { name: entry, ...(fields && { fields }) }, one));
    const text = sorted(entries).join('');
    return text === '' || isSilent ? text : `${name}${text}`;
  }

  #one(name: string, { fields, words, isTime }: Field, value: unknown): string {
    if (fields !== undefined) {
      const text = isObject(value) ? this.#within(value).ordered(value, fields) : '';
      return text === '' ? '' : `${name}${text}`;
    }
    if (value === undefined || value === null || isObject(value)) return '';
    const text = isTime ? momentOf(String(value)) : this.#value(value, words);
    return text === '' ? '' : `${name}=${text}`;
  }

  #value(value: unknown, words?: string): string {
    const text = String(value ?? '').trim();
    const web = text.replace(/^urn:epcglobal:cbv:(bizstep|disp|btt|sdt|er):/, (_, vocabulary: string) => {
      return `${CBV}${VOCABULARIES[vocabulary] ?? vocabulary}-`;
    });
    const full = this.#expanded(words !== undefined && /^[A-Za-z_][\w-]*$/.test(web) ? wordOf(web, words) : web);
    return canonicalLink(full) ?? plainNumber(full);
  }

  /** A compact URI in full. */
  #expanded(text: string): string {
    const [, prefix = '', rest = ''] = /^([A-Za-z][\w-]*):(?!\/\/)(.+)$/s.exec(text) ?? [];
    const namespace = STANDARD_CURIES[prefix] ?? this.#names.curies.get(prefix);
    return namespace === undefined ? text : `${namespace}${rest}`;
  }

  /** `{https://ns.example.com/}colour`; what stands under no prefix keeps its name. */
  #fullName(key: string): string {
    if (key.startsWith('@')) return this.#fullName(key.slice(1));
    const cut = key.indexOf(':');
    if (cut < 0) return key;
    const namespace = this.#names.namespaces.get(key.slice(0, cut)) ?? STANDARD_NAMESPACES[key.slice(0, cut)];
    if (namespace !== undefined) return `{${namespace}}${key.slice(cut + 1)}`;
    const [, full, local] = /^(.*[/#])([^/#]+)$/.exec(key) ?? [];
    return full === undefined ? key : `{${full}}${local}`;
  }
}

const COMMENTS = new Set(['rdfs:comment', 'comment']);
/** Inside an extension: its own text, the names it declares, comments. */
const NOT_FIELDS = new Set(['@value', '@context', ...COMMENTS]);

const VOCABULARIES: Readonly<Record<string, string>> = {
  ...{ bizstep: 'BizStep', disp: 'Disp', btt: 'BTT', sdt: 'SDT', er: 'ER' },
};

/** Prefixes of the standard itself. */
const STANDARD_CURIES: Readonly<Record<string, string>> = { gs1: VOC, cbv: CBV, epcis: 'https://ref.gs1.org/epcis/' };

const STANDARD_NAMESPACES: Readonly<Record<string, string>> = {
  ...STANDARD_CURIES,
  cbvmda: 'urn:epcglobal:cbv:mda:',
};

/** A component may stand with the name of its vocabulary already: `Comp-latitude`. */
function wordOf(word: string, vocabulary: string): string {
  const lead = vocabulary.slice(vocabulary.lastIndexOf('/') + 1);
  return lead !== '' && word.startsWith(lead) ? `${vocabulary}${word.slice(lead.length)}` : `${vocabulary}${word}`;
}

/** In UTC to the millisecond, half up. */
function momentOf(text: string): string {
  const [, whole = '', fraction = '', zone = ''] = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text.trim()) ?? [];
  const at = Date.parse(`${whole}${zone}`);
  if (Number.isNaN(at)) return text.trim();
  const carry = Number(fraction.charAt(3)) >= 5 ? 1 : 0;
  return new Date(at + Number(fraction.slice(0, 3).padEnd(3, '0')) + carry).toISOString();
}

/** Without sign of plus, leading and trailing zeros and exponent; what is no number stays. */
function plainNumber(text: string): string {
  const [, sign, whole = '', fraction = '', power] =
    /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) ?? [];
  if (sign === undefined) return text;
  const shift = Number(power ?? 0);
  const all = `${whole}${fraction}`;
  const point = whole.length + shift;
  const before = point <= 0 ? '' : all.slice(0, point).padEnd(point, '0');
  const after = point < 0 ? `${'0'.repeat(-point)}${all}` : all.slice(point);
  const digits = before.replace(/^0+(?=.)/, '') || '0';
  const rest = after.replace(/0+$/, '');
  const isZero = digits === '0' && rest === '';
  return `${sign === '-' && !isZero ? '-' : ''}${digits}${rest === '' ? '' : `.${rest}`}`;
}

/** By the code value of each character. Strings compare by UTF-16, which is the same order where no surrogate stands. */
function sorted(texts: string[]): string[] {
  if (!texts.some((text) => /[\uD800-\uDFFF]/.test(text))) return texts.sort();
  return texts.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function isExtension(key: string): boolean {
  return key.includes(':') && !COMMENTS.has(key);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

function isObject(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
