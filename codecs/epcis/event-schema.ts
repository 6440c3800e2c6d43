import { z } from 'zod';
import { InputError, LINE_MOST, parseTimestamp } from '../../domain/index.ts';
import { readPureUri } from '../epc/index.ts';
import { lotDataFaults } from './lot-data.ts';
import { BUSINESS_STEPS, cbvWord, DISPOSITIONS, ERROR_REASONS, SOURCE_TYPES, TRANSACTION_TYPES } from './vocabulary.ts';

/** RFC 3339 with zone, as EPCIS 2.0 (7.3.3) wants times. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const OFFSET = /^[+-]((0\d|1[0-3]):[0-5]\d|14:00)$/;
export const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/;

export const time = z
  .string({ error: 'a time, RFC 3339 with zone' })
  .refine((text) => TIME.test(text) && parseTimestamp(text) !== null, 'a time, RFC 3339 with zone');

const offset = z.string({ error: 'an offset such as +02:00' }).regex(OFFSET, 'an offset such as +02:00, up to 14:00');
const uri = z.string({ error: 'a URI' }).regex(URI, 'a URI');
/** One that events are found by: an index holds it whole. */
const name = uri.max(LINE_MOST, `a URI of at most ${LINE_MOST} characters`);

const EPC_URN = /^urn:epc:id:(sgtin|sscc|sgln|grai|giai|gsrnp?|gdti|cpi|sgcn|gid|itip|usdod|adi):/;
/** The most of what comes, checked at a glance: SGTINs and SSCCs of which nothing is escaped (TDS 1.13, section 6.3). */
const PLAIN_EPC =
  /^urn:epc:id:(?:sgtin:(?=[0-9.]{14}\.)[0-9]{6,12}\.[0-9]{1,7}\.[0-9A-Za-z-]{1,20}|sscc:(?=[0-9.]{18}$)[0-9]{6,12}\.[0-9]{5,11})$/;

/** Why this is no EPC or other instance or class identifier as URI; null where it is. EPC URNs are checked to the letter. */
function refusalOf(value: unknown): string | null {
  if (typeof value !== 'string' || !URI.test(value)) return 'an EPC or other identifier, as URI';
  if (value.length > LINE_MOST) return `an identifier of at most ${LINE_MOST} characters`;
  if (PLAIN_EPC.test(value) || !EPC_URN.test(value)) return null;
  try {
    readPureUri(value);
    return null;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return `an EPC (${error.message})`;
  }
}

const identifier = z.string({ error: 'an EPC or other identifier, as URI' }).check((context) => {
  const message = refusalOf(context.value);
  if (message !== null) context.issues.push({ code: 'custom', message, input: context.value });
});

/** Refusals of one list; a million more of them would say no more. */
const MOST_REFUSALS = 20;

/** A list of hundreds of thousands of EPCs is looked through once, without a schema for each. */
const epcs = z
  .custom<readonly string[]>((value) => Array.isArray(value), { error: 'a list of EPCs' })
  .check((context) => {
    let refusals = 0;
    for (const [at, value] of context.value.entries()) {
      const message = refusalOf(value);
      if (message === null) continue;
      context.issues.push({ code: 'custom', message, path: [at], input: value });
      refusals += 1;
      if (refusals === MOST_REFUSALS) return;
    }
  });

/** A word of a vocabulary, or a URI. */
function word(known: ReadonlySet<string>, name: string) {
  const allowed = `${name} of the CBV, or a URI`;
  return z
    .string({ error: allowed })
    .max(LINE_MOST, allowed)
    .refine((text) => known.has(text) || URI.test(text), allowed);
}

const bizStep = word(BUSINESS_STEPS, 'a business step');
/**
 * `urn:epcglobal:cbv:disp:Recalled` is a URI and no word of the CBV: taken as one of the sender's own, a recalled pack
 * would move on.
 */
const disposition = word(DISPOSITIONS, 'a disposition').refine((text) => {
  const bare = cbvWord(text);
  return bare === null || DISPOSITIONS.has(bare);
}, 'a disposition of the CBV, or a URI of one of your own');

/** Keys of the standard, and extensions under a prefix; anything else is a misspelling. */
function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.looseObject(shape).check((context) => {
    for (const key of Object.keys(context.value)) {
      if (key in shape || key.includes(':') || key.startsWith('@')) continue;
      const message = 'a field of this object, or an extension with its prefix';
      context.issues.push({ code: 'custom', message, path: [key], input: context.value });
    }
  });
}

/** Lot data: what it says stands under a prefix. */
const lotData = z.record(z.string(), z.unknown(), { error: 'an object' }).check((context) => {
  for (const { key, allowed } of lotDataFaults(context.value)) {
    context.issues.push({ code: 'custom', message: allowed, path: [key], input: context.value });
  }
  for (const key of Object.keys(context.value)) {
    if (key.includes(':') || key.startsWith('@')) continue;
    const message = 'a name with its prefix, such as cbvmda:lotNumber';
    context.issues.push({ code: 'custom', message, path: [key], input: context.value });
  }
});

const number = z.number({ error: 'a number' });
const text = z.string({ error: 'a text' });

const quantity = fields({
  epcClass: uri,
  quantity: number.positive('a number above 0').optional(),
  uom: z
    .string({ error: 'a UN/CEFACT unit code' })
    .regex(/^[A-Z0-9]{2,3}$/, 'a UN/CEFACT unit code')
    .optional(),
});

const GLN_URN = /^urn:epc:id:(sgln|pgln):/;
/** Twelve digits in two parts (TDS 1.13, sections 6.3.3 and 6.3.16); an SGLN ends in an extension. */
const WELL_FORMED_GLN =
  /^urn:epc:id:(?:sgln:(?=[0-9.]{13}\.)[0-9]{6,12}\.[0-9]{0,6}\..+|pgln:(?=[0-9.]{13}$)[0-9]{6,12}\.[0-9]{0,6})$/;

/** A place or party. As a GLN it decides where things are: one that cannot be read is refused, not passed over. */
const location = name.refine(
  (text) => !GLN_URN.test(text) || WELL_FORMED_GLN.test(text),
  'a URI; an SGLN or PGLN has twelve digits in two parts, such as urn:epc:id:sgln:0614141.00777.0',
);

const place = fields({ id: location });
const transaction = fields({
  type: word(TRANSACTION_TYPES, 'a transaction type').optional(),
  bizTransaction: name,
});
const source = fields({ type: word(SOURCE_TYPES, 'a source or destination type'), source: location });
const destination = fields({ type: word(SOURCE_TYPES, 'a source or destination type'), destination: location });

const sensorReport = fields({
  type: text.optional(),
  exception: text.optional(),
  deviceID: uri.optional(),
  deviceMetadata: uri.optional(),
  rawData: uri.optional(),
  dataProcessingMethod: uri.optional(),
  bizRules: uri.optional(),
  time: time.optional(),
  microorganism: uri.optional(),
  chemicalSubstance: uri.optional(),
  coordinateReferenceSystem: uri.optional(),
  value: number.optional(),
  component: text.optional(),
  stringValue: text.optional(),
  booleanValue: z.boolean({ error: 'true or false' }).optional(),
  hexBinaryValue: z
    .string({ error: 'hex digits' })
    .regex(/^([0-9A-Fa-f]{2})+$/, 'hex digits, whole bytes')
    .optional(),
  uriValue: uri.optional(),
  minValue: number.optional(),
  maxValue: number.optional(),
  meanValue: number.optional(),
  sDev: number.optional(),
  percRank: number.min(0, '0 to 100').max(100, '0 to 100').optional(),
  percValue: number.optional(),
  uom: text.optional(),
}).refine(({ type, exception }) => type !== undefined || exception !== undefined, 'a type or an exception');

const sensorElement = fields({
  type: z.literal('epcis:SensorElement').optional(),
  sensorMetadata: fields({
    time: time.optional(),
    startTime: time.optional(),
    endTime: time.optional(),
    deviceID: uri.optional(),
    deviceMetadata: uri.optional(),
    rawData: uri.optional(),
    dataProcessingMethod: uri.optional(),
    bizRules: uri.optional(),
  }).optional(),
  sensorReport: z.array(sensorReport, { error: 'a list of reports' }).min(1, 'at least one report'),
});

/** Systems in the field leave the seconds out. */
const declarationTime = z
  .string({ error: 'a time, RFC 3339 with zone' })
  .refine(
    (text) => time.safeParse(text.replace(/(T\d\d:\d\d)(?=Z|[+-])/, '$1:00')).success,
    'a time, RFC 3339 with zone',
  );

const errorDeclaration = fields({
  declarationTime,
  reason: word(ERROR_REASONS, 'a reason').optional(),
  correctiveEventIDs: z.array(uri).optional(),
});

const common = {
  '@context': z.unknown().optional(),
  eventID: name.optional(),
  eventTime: time,
  recordTime: time.optional(),
  eventTimeZoneOffset: offset,
  certificationInfo: z.union([uri, z.array(uri)], { error: 'a URI, or a list of URIs' }).optional(),
  errorDeclaration: errorDeclaration.optional(),
  bizStep: bizStep.optional(),
  disposition: disposition.optional(),
  persistentDisposition: fields({
    set: z.array(disposition).min(1, 'at least one').optional(),
    unset: z.array(disposition).min(1, 'at least one').optional(),
  }).optional(),
  readPoint: place.optional(),
  bizLocation: place.optional(),
  bizTransactionList: z.array(transaction).optional(),
  sourceList: z.array(source).optional(),
  destinationList: z.array(destination).optional(),
  sensorElementList: z.array(sensorElement).optional(),
};

const action = z.enum(['ADD', 'OBSERVE', 'DELETE'], { error: 'ADD, OBSERVE or DELETE' });
const quantities = z.array(quantity, { error: 'a list of quantities' });

function count(list: readonly unknown[] | undefined): number {
  return list?.length ?? 0;
}

const objectEvent = fields({
  ...common,
  type: z.literal('ObjectEvent'),
  action,
  epcList: epcs.optional(),
  quantityList: quantities.optional(),
  ilmd: lotData.optional(),
})
  .refine(
    ({ epcList, quantityList, sensorElementList }) =>
      count(epcList) + count(quantityList) + count(sensorElementList) > 0,
    { error: 'at least one of epcList, quantityList and sensorElementList', path: ['epcList'] },
  )
  .refine(({ ilmd, action }) => ilmd === undefined || action === 'ADD', {
    error: 'absent unless the action is ADD',
    path: ['ilmd'],
  });

const withChildren = {
  ...common,
  action,
  parentID: identifier.optional(),
  childEPCs: epcs.optional(),
  childQuantityList: quantities.optional(),
};

interface Parented {
  readonly action: string;
  readonly parentID?: string | undefined;
  readonly childEPCs?: readonly unknown[] | undefined;
  readonly childQuantityList?: readonly unknown[] | undefined;
}

const hasParent = ({ action, parentID }: Parented) => action === 'OBSERVE' || parentID !== undefined;
const hasChildren = ({ action, childEPCs, childQuantityList }: Parented) =>
  action === 'DELETE' || count(childEPCs) + count(childQuantityList) > 0;
const PARENT = { error: 'a parent for ADD and DELETE', path: ['parentID'] };
const CHILDREN = { error: 'at least one child for ADD and OBSERVE', path: ['childEPCs'] };

const aggregationEvent = fields({ ...withChildren, type: z.literal('AggregationEvent') })
  .refine(hasParent, PARENT)
  .refine(hasChildren, CHILDREN);

const associationEvent = fields({ ...withChildren, type: z.literal('AssociationEvent'), parentID: identifier }).refine(
  hasChildren,
  CHILDREN,
);

const transactionEvent = fields({
  ...common,
  type: z.literal('TransactionEvent'),
  action,
  bizTransactionList: z.array(transaction, { error: 'a list of transactions' }).min(1, 'at least one transaction'),
  parentID: identifier.optional(),
  epcList: epcs.optional(),
  quantityList: quantities.optional(),
});

const transformationEvent = fields({
  ...common,
  type: z.literal('TransformationEvent'),
  transformationID: uri.optional(),
  inputEPCList: epcs.optional(),
  inputQuantityList: quantities.optional(),
  outputEPCList: epcs.optional(),
  outputQuantityList: quantities.optional(),
  ilmd: lotData.optional(),
}).refine(
  ({ transformationID, inputEPCList, inputQuantityList, outputEPCList, outputQuantityList }) => {
    const hasInput = count(inputEPCList) + count(inputQuantityList) > 0;
    const hasOutput = count(outputEPCList) + count(outputQuantityList) > 0;
    return transformationID === undefined ? hasInput && hasOutput : hasInput || hasOutput;
  },
  { error: 'inputs and outputs, or one of them with a transformationID', path: ['inputEPCList'] },
);

/** An event of EPCIS 2.0 (sections 7.4.1 to 7.4.6) as JSON-LD writes it; extensions are kept as they are. */
export const epcisEvent = z.discriminatedUnion(
  'type',
  [objectEvent, aggregationEvent, associationEvent, transactionEvent, transformationEvent],
  { error: 'ObjectEvent, AggregationEvent, AssociationEvent, TransactionEvent or TransformationEvent' },
);

export type EpcisEvent = z.output<typeof epcisEvent>;
