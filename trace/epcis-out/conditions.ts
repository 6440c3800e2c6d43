import { formOf, parseEpc } from '../../codecs/epc/index.ts';
import { canonicalLink, EVENT_TYPES } from '../../codecs/epcis/index.ts';
import { InputError, parseTimestamp } from '../../domain/index.ts';
import { bareWord, spellings } from '../epcis-in/index.ts';
import { badParameter } from './bad-parameter.ts';
import { type Bind, type Condition, exists, type Given } from './condition.ts';
import { extensionHas } from './extension-field.ts';
import { MASTER_DATA_FAMILIES, MASTER_DATA_NAMES } from './master-data-conditions.ts';

/**
 * The condition on `epcis_events` that a parameter of the standard's SimpleEventQuery sets (EPCIS 2.0, section 8.2.7.1).
 * @throws {InputError} EPCIS_PARAMETER: not a parameter of the standard, or a value that makes no sense
 */
export function conditionOf(name: string, values: readonly string[], bind: Bind): string {
  const given = { name, values, bind };
  const plain = PLAIN[name];
  if (plain !== undefined) return plain(given);
  for (const [pattern, condition] of FAMILIES) {
    const match = pattern.exec(name);
    if (match !== null) return condition(match.slice(1).map((part) => part ?? ''))(given);
  }
  throw badParameter(name, values.join('|'), `the parameters ${Object.keys(PLAIN).join(', ')}, ${FAMILY_NAMES}`);
}

/** A column is one of the alternatives. */
function column(of: string, { allowed, form = same }: { allowed?: readonly string[]; form?: Form } = {}): Condition {
  return ({ name, values, bind }) => {
    const wrong = allowed && values.find((value) => !allowed.includes(value));
    if (wrong !== undefined) throw badParameter(name, wrong, allowed?.join(', ') ?? '');
    return `${of} = ANY(${bind(values.flatMap(form))}::text[])`;
  };
}

type Form = (value: string) => readonly string[];
const same: Form = (value) => [value];

/** What follows a path in the event is one of the alternatives. */
function path(json: string, form: Form = same): Condition {
  return ({ values, bind }) => exists(`${json} ? (@ == $v[*])`, { v: values.flatMap(form) }, bind);
}

function time(of: string, sign: string): Condition {
  return (given) => `${of} ${sign} ${given.bind(Date.parse(timeIn(given)))}::bigint`;
}

function pathTime(json: string, sign: string): Condition {
  return (given) => {
    const at = new Date(timeIn(given)).toISOString();
    return exists(`${json} ? (@.datetime() ${sign} $t.datetime())`, { t: at }, given.bind);
  };
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function timeIn({ name, values: [value = '', ...others] }: Given): string {
  if (others.length === 0 && RFC_3339.test(value) && parseTimestamp(value) !== null) return value;
  throw badParameter(name, [value, ...others].join('|'), 'one time, RFC 3339 with zone');
}

function numberIn({ name, values: [value = '', ...others] }: Given): number {
  if (others.length === 0 && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)) return Number(value);
  throw badParameter(name, [value, ...others].join('|'), 'one number');
}

function truth({ name, values: [value = '', ...others] }: Given): boolean {
  if (others.length === 0 && (value === 'true' || value === 'false')) return value === 'true';
  throw badParameter(name, [value, ...others].join('|'), 'true or false');
}

/** The standard's signs by their names. */
const SIGNS: Readonly<Record<string, string>> = { EQ: '==', GT: '>', GE: '>=', LT: '<', LE: '<=' };
const QUANTITIES = ['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList'];
const REPORT = '$.sensorElementList[*].sensorReport[*]';
const METADATA = '$.sensorElementList[*].sensorMetadata';

/** In one of the lists of quantities. */
function quantity(lists: readonly string[], filter: string, variables: (given: Given) => object): Condition {
  return (given) => {
    const any = lists.map((list) => `exists(@.${list}[*] ? (${filter}))`).join(' || ');
    return exists(`$ ? (${any})`, variables(given), given.bind);
  };
}

function epcClass(lists: readonly string[]): Condition {
  return (given) => {
    const { exact, patterns } = split(given.values);
    const regexes = patterns.map((pattern) => ` || @.epcClass like_regex ${JSON.stringify(regexOf(pattern))}`).join('');
    return quantity(lists, `@.epcClass == $v[*]${regexes}`, () => ({ v: exact.flatMap(identifierForms) }))(given);
  };
}

/** Identifiers themselves in any form, and patterns: `urn:epc:idpat:sgtin:0614141.812345.*`. */
function matching(of: string): Condition {
  return ({ values, bind }) => {
    const { exact, patterns } = split(values);
    const alternatives: string[] = [];
    if (exact.length > 0) {
      const forms = bind(exact.flatMap(identifierForms));
      // any_epcs holds them all and has an index.
      alternatives.push(`(any_epcs && ${forms}::text[] AND ${of} && ${forms}::text[])`);
    }
    if (patterns.length > 0) {
      const like = bind(patterns.map((pattern) => likeOf(pattern)));
      alternatives.push(`EXISTS (SELECT FROM unnest(${of}) AS epc WHERE epc LIKE ANY(${like}::text[]))`);
    }
    return `(${alternatives.join(' OR ')})`;
  };
}

function split(values: readonly string[]): { exact: string[]; patterns: string[] } {
  const isPattern = (value: string) => value.startsWith('urn:epc:idpat:') || value.endsWith('*');
  return { exact: values.filter((value) => !isPattern(value)), patterns: values.filter(isPattern) };
}

function likeOf(pattern: string): string {
  return pattern
    .replace('urn:epc:idpat:', 'urn:epc:id:')
    .replaceAll(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%');
}

/** A pattern of things matches the class of the same things by lot. */
function regexOf(pattern: string): string {
  const escaped = pattern.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '.*');
  return `^${escaped.replace(/^urn:epc:idpat:sgtin:/, 'urn:epc:(idpat:sgtin|id:sgtin|class:lgtin):')}$`;
}

/**
 * An identifier in the forms that events may have it in. A Digital Link does not say where the company prefix ends, so
 * it stands for each EPC that it may be.
 */
export function identifierForms(given: string): string[] {
  const forms = new Set(spellings([given]));
  const link = canonicalLink(given);
  if (link === null) return [...forms];
  forms.add(link);
  if (/^https?:/i.test(given)) {
    for (let companyPrefixLength = 6; companyPrefixLength <= 12; companyPrefixLength++) {
      const epc = epcIn(given, companyPrefixLength);
      if (epc !== null) forms.add(epc);
    }
  }
  return [...forms];
}

function epcIn(link: string, companyPrefixLength: number): string | null {
  try {
    return formOf(link) === 'Digital Link' ? parseEpc(link, { companyPrefixLength }) : null;
  } catch (error) {
    // It names a class of things, or no key that EPCs have.
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** A word of the CBV in its four forms: bare, URN, web URI, compact. */
function wordForms(urn: string, web: string): Form {
  const lead = new RegExp(`^(urn:epcglobal:cbv:${urn}:|https://ref\\.gs1\\.org/cbv/${web}-|cbv:${web}-)`);
  return (given) => {
    const word = given.replace(lead, '');
    return [word, `urn:epcglobal:cbv:${urn}:${word}`, `https://ref.gs1.org/cbv/${web}-${word}`, `cbv:${web}-${word}`];
  };
}

/** A word of the GS1 web vocabulary. */
const vocForms: Form = (given) => {
  const word = given.replace(/^(gs1:|https:\/\/(ref\.)?gs1\.org\/voc\/)/, '');
  return [word, `gs1:${word}`, `https://gs1.org/voc/${word}`, `https://ref.gs1.org/voc/${word}`];
};

/** Of master data: what may be in another. */
const PLACE_TYPES = `('urn:epcglobal:epcis:vtype:BusinessLocation', 'urn:epcglobal:epcis:vtype:ReadPoint')`;

/** Places and everything in them, by the registry and by what partners say of theirs; the portals of a place are in it. */
function within(of: string): Condition {
  return ({ values, bind }) => `${of} IN (
    WITH RECURSIVE inside (id) AS (
      SELECT unnest(${bind(values.flatMap(identifierForms))}::text[])
      UNION SELECT below.id FROM inside i CROSS JOIN LATERAL (
        SELECT p.id FROM places p WHERE p.parent = i.id
        UNION ALL SELECT unnest(m.children) FROM epcis_master_data m
          WHERE m.id = i.id COLLATE "C" AND m.type IN ${PLACE_TYPES}) AS below)
    SELECT id FROM inside
    UNION SELECT 'portal:' || p.id FROM portals p JOIN inside i ON i.id IN (p.site, p.inside, p.outside))`;
}

const word: Form = (value) => [bareWord(value) ?? value];

const PLAIN: Readonly<Record<string, Condition>> = {
  // QuantityEvents of EPCIS 1.x are kept as the ObjectEvents that took their place: who asks for them finds none.
  eventType: column('type', { allowed: [...EVENT_TYPES, 'QuantityEvent'] }),
  GE_eventTime: time('event_time', '>='),
  LT_eventTime: time('event_time', '<'),
  GE_recordTime: time('record_time', '>='),
  LT_recordTime: time('record_time', '<'),
  EQ_action: column('action', { allowed: ['ADD', 'OBSERVE', 'DELETE'] }),
  EQ_bizStep: column('biz_step', { form: word }),
  EQ_disposition: column('disposition', { form: word }),
  EQ_persistentDisposition_set: path('$.persistentDisposition.set[*]', wordForms('disp', 'Disp')),
  EQ_persistentDisposition_unset: path('$.persistentDisposition.unset[*]', wordForms('disp', 'Disp')),
  EQ_readPoint: column('read_point', { form: identifierForms }),
  WD_readPoint: within('read_point'),
  EQ_bizLocation: column('biz_location', { form: identifierForms }),
  WD_bizLocation: within('biz_location'),
  EQ_transformationID: path('$.transformationID', identifierForms),
  MATCH_epc: matching('epcs'),
  MATCH_parentID: matching('parents'),
  MATCH_inputEPC: matching('inputs'),
  MATCH_outputEPC: matching('outputs'),
  MATCH_anyEPC: matching('any_epcs'),
  MATCH_epcClass: epcClass(['quantityList', 'childQuantityList']),
  MATCH_inputEPCClass: epcClass(['inputQuantityList']),
  MATCH_outputEPCClass: epcClass(['outputQuantityList']),
  MATCH_anyEPCClass: epcClass(QUANTITIES),
  EQ_eventID: column('event_id'),
  EXISTS_errorDeclaration: (given) => (truth(given) ? 'is_declaration' : 'NOT is_declaration'),
  GE_errorDeclarationTime: pathTime('$.errorDeclaration.declarationTime', '>='),
  LT_errorDeclarationTime: pathTime('$.errorDeclaration.declarationTime', '<'),
  EQ_errorReason: path('$.errorDeclaration.reason', wordForms('er', 'ER')),
  EQ_correctiveEventID: path('$.errorDeclaration.correctiveEventIDs[*]'),
  EQ_type: path(`${REPORT}.type`, vocForms),
  EQ_deviceID: either(`${METADATA}.deviceID`, `${REPORT}.deviceID`, identifierForms),
  EQ_dataProcessingMethod: either(`${METADATA}.dataProcessingMethod`, `${REPORT}.dataProcessingMethod`),
  EQ_bizRules: either(`${METADATA}.bizRules`, `${REPORT}.bizRules`),
  EQ_microorganism: path(`${REPORT}.microorganism`),
  EQ_chemicalSubstance: path(`${REPORT}.chemicalSubstance`),
  EQ_stringValue: path(`${REPORT}.stringValue`),
  EQ_hexBinaryValue: path(`${REPORT}.hexBinaryValue`),
  EQ_uriValue: path(`${REPORT}.uriValue`),
  EQ_booleanValue: (given) => exists(`${REPORT}.booleanValue ? (@ == $v)`, { v: truth(given) }, given.bind),
  GE_startTime: pathTime(`${METADATA}.startTime`, '>='),
  LT_startTime: pathTime(`${METADATA}.startTime`, '<'),
  GE_endTime: pathTime(`${METADATA}.endTime`, '>='),
  LT_endTime: pathTime(`${METADATA}.endTime`, '<'),
};

function either(one: string, other: string, form: Form = same): Condition {
  return (given) => `(${path(one, form)(given)} OR ${path(other, form)(given)})`;
}

/** Where extensions stand, by what leads their parameters' names. */
const INSIDE: Readonly<Record<string, string>> = {
  '': '$',
  ILMD: '$.ilmd',
  ERROR_DECLARATION: '$.errorDeclaration',
  SENSORELEMENT: '$.sensorElementList[*]',
  SENSORMETADATA: METADATA,
  SENSORREPORT: REPORT,
};
const PLACES = 'ILMD|ERROR_DECLARATION|SENSORELEMENT|SENSORMETADATA|SENSORREPORT';

/** Where `ext:colour` stands: in the event or a part of it, or, with `INNER`, at any depth below an extension of it. */
function leadTo(inner: string, inside: string): string {
  return `${INSIDE[inside] ?? '$'}${inner === '' ? '' : '.*.**'}.`;
}

/** An extension equals a text or a number, or is greater or less than a number or a time. */
function extension([sign = '', inner = '', inside = '', name = '']: readonly string[]): Condition {
  const field = { lead: leadTo(inner, inside), name };
  return (given) => {
    const { bind, values } = given;
    if (sign === 'EQ') {
      const v = values.flatMap((value) => (isNumber(value) ? [value, Number(value)] : [value]));
      // What XML gives attributes has its text beside them.
      return extensionHas(field, { filter: ' ? (@ == $v[*] || @."@value" == $v[*])', variables: { v }, bind });
    }
    if (values.every(isNumber)) {
      const variables = { n: numberIn(given) };
      return extensionHas(field, { filter: ` ? (@.double() ${SIGNS[sign]} $n)`, variables, bind });
    }
    const variables = { t: new Date(timeIn(given)).toISOString() };
    return extensionHas(field, { filter: ` ? (@.datetime() ${SIGNS[sign]} $t.datetime())`, variables, bind });
  };
}

function isNumber(text: string): boolean {
  return /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
}

const QUANTITY_FILTER = (sign: string) => `@.quantity ${SIGNS[sign]} $n`;

/** Parameters of which a part of the name is given by who asks. */
const FAMILIES: readonly (readonly [RegExp, (parts: readonly string[]) => Condition])[] = [
  [
    /^(EQ|GT|GE|LT|LE)_quantity$/,
    ([sign = '']) => quantity(QUANTITIES, QUANTITY_FILTER(sign), (given) => ({ n: numberIn(given) })),
  ],
  ...MASTER_DATA_FAMILIES,
  [/^EQ_bizTransaction_(.+)$/, ([type = '']) => typed('bizTransaction', type, wordForms('btt', 'BTT'))],
  [/^EQ_(source|destination)_(.+)$/, ([key = '', type = '']) => typed(key, type, wordForms('sdt', 'SDT'))],
  [
    /^(EQ|GT|GE|LT|LE)_(value|minValue|maxValue|meanValue|sDev|percRank|percValue)(?:_(.+))?$/,
    ([sign = '', field = '', uom = '']) =>
      (given) => {
        const unit = uom === '' ? '' : ' && @.uom == $u';
        const json = `${REPORT} ? (@.${field} ${SIGNS[sign]} $n${unit})`;
        return exists(json, { n: numberIn(given), u: uom }, given.bind);
      },
  ],
  [
    new RegExp(`^EXISTS_(?:(INNER)_)?(?:(${PLACES})_)?(.+:.+|#.+)$`),
    ([inner = '', inside = '', name = '']) =>
      (given) => {
        const field = { lead: leadTo(inner, inside), name };
        const found = extensionHas(field, { filter: '', variables: {}, bind: given.bind });
        return truth(given) ? found : `NOT ${found}`;
      },
  ],
  [new RegExp(`^(EQ|GT|GE|LT|LE)_(?:(INNER)_)?(?:(${PLACES})_)?(.+:.+|#.+)$`), extension],
];

const FAMILY_NAMES =
  `${MASTER_DATA_NAMES}, (EQ|GT|GE|LT|LE)_quantity, EQ_bizTransaction_TYPE, EQ_source_TYPE, EQ_destination_TYPE,
 (EQ|GT|GE|LT|LE)_(value|minValue|maxValue|meanValue|sDev|percRank|percValue)[_UOM],
 EXISTS_[INNER_][ILMD_]PREFIX:FIELD and (EQ|GT|GE|LT|LE)_[INNER_][ILMD_]PREFIX:FIELD or NAMESPACE#FIELD`.replaceAll(
    '\n',
    '',
  );

/** An entry of `bizTransactionList` and its like with this type. */
function typed(key: string, type: string, form: Form): Condition {
  return ({ values, bind }) => {
    const json = `$.${key}List[*] ? (@.type == $t[*] && @.${key} == $v[*])`;
    return exists(json, { t: form(type), v: values.flatMap(identifierForms) }, bind);
  };
}
