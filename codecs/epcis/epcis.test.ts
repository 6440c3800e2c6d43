import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import { type EpcisRefusal, readEpcisEach, readEpcisJson } from './index.ts';

const SAMPLES = sharedTestdata('epcis/');
const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';
const EPC = 'urn:epc:id:sgtin:0614141.107346.2017';

function refusals(text: string): readonly EpcisRefusal[] {
  try {
    readEpcisJson(text);
  } catch (error) {
    if (error instanceof InputError && error.code === 'EPCIS_INVALID') return error.details.refusals as EpcisRefusal[];
    throw error;
  }
  return [];
}

function document(...events: object[]): string {
  const body = { eventList: events };
  const head = { '@context': [CONTEXT, { ext: 'https://ext.example.com/' }], type: 'EPCISDocument' };
  return JSON.stringify({ ...head, schemaVersion: '2.0', creationDate: '2026-07-22T10:30:00Z', epcisBody: body });
}

function observed(change: object = {}): object {
  return {
    type: 'ObjectEvent',
    eventTime: '2026-07-22T06:45:00+02:00',
    eventTimeZoneOffset: '+02:00',
    action: 'OBSERVE',
    epcList: [EPC],
    ...change,
  };
}

const children = { epcList: undefined, parentID: 'urn:epc:id:sscc:0614141.1234567890', childEPCs: [EPC] };

describe('the published samples', () => {
  test('that are valid are read with all their content', (context) => {
    if (SAMPLES === null) return context.skip(WITHOUT_SAMPLES);
    const files = readdirSync(new URL('valid/', SAMPLES)).filter((name) => name.endsWith('.json'));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const text = readFileSync(new URL(`valid/${file}`, SAMPLES), 'utf8');
      expect(refusals(text), file).toEqual([]);
      expect(readEpcisJson(text).events, file).toEqual(JSON.parse(text).epcisBody.eventList);
    }
  });

  test('that are not are refused by the field', (context) => {
    if (SAMPLES === null) return context.skip(WITHOUT_SAMPLES);
    const wrong = {
      'EPCISDocument_without_context.json': '@context',
      'ObjectEvent_with_invalid_action.json': 'epcisBody.eventList[0].action',
      'ObjectEvent_with_invalid_eventTime_format.json': 'epcisBody.eventList[0].eventTime',
    };
    for (const [file, path] of Object.entries(wrong)) {
      const found = refusals(readFileSync(new URL(`invalid/${file}`, SAMPLES), 'utf8'));
      expect(
        found.map((refusal) => refusal.path),
        file,
      ).toEqual([path]);
    }
  });
});

describe('an event', () => {
  test.each<[string, object]>([
    [
      'an object event with quantities only',
      observed({
        epcList: [],
        quantityList: [{ epcClass: 'urn:epc:class:lgtin:4012345.012345.998877', quantity: 2, uom: 'KGM' }],
      }),
    ],
    [
      'an object event of sensors only',
      observed({
        epcList: undefined,
        sensorElementList: [{ sensorReport: [{ type: 'Temperature', value: 26, uom: 'CEL' }] }],
      }),
    ],
    [
      'an alarm without a type',
      observed({ sensorElementList: [{ sensorReport: [{ exception: 'ALARM_CONDITION' }] }] }),
    ],
    ['an aggregation', observed({ ...children, type: 'AggregationEvent', action: 'ADD' })],
    [
      'an observed aggregation without parent',
      observed({ ...children, type: 'AggregationEvent', parentID: undefined }),
    ],
    [
      'a disaggregation of everything',
      observed({ ...children, type: 'AggregationEvent', action: 'DELETE', childEPCs: [] }),
    ],
    ["a business step of one's own", observed({ bizStep: 'https://steps.example.com/blessing' })],
    ['an extension', observed({ 'ext:colour': { 'ext:shade': ['a'] } })],
    [
      'an extension in an extension under a prefix of the event',
      observed({ '@context': [{ own: 'https://own.example.com/' }], 'own:a': { 'own:b': { 'ext:c': 1 } } }),
    ],
    [
      'a declaration to the minute',
      observed({ errorDeclaration: { declarationTime: '2026-07-22T07:00Z', reason: 'did_not_occur' } }),
    ],
    ['a Digital Link', observed({ epcList: ['https://id.gs1.org/01/09521141012345/21/2017'] })],
  ])('is read: %s', (_, event) => {
    expect(refusals(document(event))).toEqual([]);
  });

  test.each<[string, object, string, RegExp]>([
    ['no time zone', observed({ eventTime: '2026-07-22T06:45:00' }), 'eventTime', /with zone/],
    ['a day that does not exist', observed({ eventTime: '2026-02-30T25:00:00Z' }), 'eventTime', /RFC 3339/],
    ['an offset beyond 14:00', observed({ eventTimeZoneOffset: '+15:00' }), 'eventTimeZoneOffset', /14:00/],
    ['nothing that it is about', observed({ epcList: [] }), 'epcList', /at least one/],
    ['no URI', observed({ epcList: ['2017'] }), 'epcList[0]', /as URI/],
    [
      'an EPC one digit short',
      observed({ epcList: ['urn:epc:id:sgtin:0614141.10734.2017'] }),
      'epcList[0]',
      /13 digits/,
    ],
    ['an unknown step', observed({ bizStep: 'blessing' }), 'bizStep', /CBV/],
    ['a misspelt field', observed({ bizSteps: 'shipping' }), 'bizSteps', /a field of this object/],
    ['an undeclared prefix', observed({ 'other:colour': 'red' }), 'other:colour', /@context declares/],
    ['lot data on an observation', observed({ ilmd: {} }), 'ilmd', /ADD/],
    [
      'lot data without a prefix',
      observed({ action: 'ADD', ilmd: { lotNumber: 'A' } }),
      'ilmd.lotNumber',
      /with its prefix/,
    ],
    [
      'an aggregation without parent',
      observed({ ...children, type: 'AggregationEvent', action: 'ADD', parentID: undefined }),
      'parentID',
      /a parent/,
    ],
    [
      'an aggregation without children',
      observed({ ...children, type: 'AggregationEvent', action: 'ADD', childEPCs: [] }),
      'childEPCs',
      /at least one child/,
    ],
    [
      'a transaction without transactions',
      observed({ type: 'TransactionEvent', bizTransactionList: [] }),
      'bizTransactionList',
      /at least one/,
    ],
    [
      'a transformation of nothing',
      { ...observed({ type: 'TransformationEvent', epcList: undefined, action: undefined }), outputEPCList: [EPC] },
      'inputEPCList',
      /inputs and outputs/,
    ],
    ['no event', observed({ type: 'SomethingEvent' }), 'type', /ObjectEvent/],
    [
      'a percentile of 101',
      observed({ sensorElementList: [{ sensorReport: [{ type: 'Temperature', percRank: 101 }] }] }),
      'sensorElementList[0].sensorReport[0].percRank',
      /0 to 100/,
    ],
  ])('is refused: %s', (_, event, path, allowed) => {
    expect(refusals(document(event))).toContainEqual({
      path: `epcisBody.eventList[0].${path}`,
      given: expect.any(String),
      allowed: expect.stringMatching(allowed),
    });
  });
});

describe('a document', () => {
  test('may be a bare event or the answer to a query', () => {
    const bare = JSON.stringify({ '@context': CONTEXT, ...observed() });
    expect(readEpcisJson(bare)).toMatchObject({ kind: 'event', schemaVersion: null, events: [{ action: 'OBSERVE' }] });
    const queried = JSON.parse(document());
    queried.type = 'EPCISQueryDocument';
    queried.epcisBody = { queryResults: { queryName: 'SimpleEventQuery', resultsBody: { eventList: [observed()] } } };
    expect(readEpcisJson(JSON.stringify(queried))).toMatchObject({ kind: 'query document', events: [{}] });
  });

  test.each([
    ['{"a":1,"a":2}', /"a" stands twice/],
    ['{"a":1,"\\u0061":2}', /"a" stands twice/],
    ['{"a":{"b":1},"c":[{"b":1},{"b":2}],}', /not JSON/],
    ['{', /not JSON/],
    [`${'['.repeat(101)}${']'.repeat(101)}`, /deeper than 100/],
  ])('that is no sound JSON is refused: %s', (text, message) => {
    expect(() => readEpcisJson(text)).toThrow(message);
  });
});

describe('documents made to exhaust a reader', () => {
  test('a text of megabytes is read, quotes and backslashes in it too', () => {
    const long = `${'x'.repeat(15_000_000)}\\"`;
    expect(readEpcisJson(document(observed({ 'ext:note': long }))).events[0]).toHaveProperty('ext:note', long);
  });

  test.each([
    ['values', `[${'1,'.repeat(1_000_001)}1]`, 'more than 1000000 values'],
    ['wrong EPCs', document(observed({ epcList: Array.from({ length: 100_000 }, () => 1) })), 'epcList[0]: 1 given'],
    ['wrong events', document(...Array.from({ length: 20_000 }, () => ({}))), 'eventList[0].type: nothing given'],
  ])('%s without end are refused at the first', (_, text, message) => {
    expect(() => readEpcisJson(text)).toThrow(message);
  });

  test('a document of which no event is right is refused, though the others would be taken', () => {
    const text = document(...Array.from({ length: 2_000 }, () => observed({ action: 'CREATE' })));
    expect(() => readEpcisEach(text)).toThrow('eventList[0].action: "CREATE" given');
  });

  test('a key that stands twice behind a text with escapes is still found', () => {
    expect(() => readEpcisJson('{"a":"\\\\\\"{","b":1,"\\u0062":2}')).toThrow('key "b" stands twice');
  });
});
