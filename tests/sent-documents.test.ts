import { lookup } from 'node:dns';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { mayStill } from '../access/index.ts';
import { waitBeforeRetry } from '../alerts/index.ts';
import { Receiver } from '../alerts/testing/receiver.ts';
import { postDelivery } from '../app/platform/epcis-subscriptions.ts';
import { acknowledgeEdifact, acknowledgeX12, readEdifact, readX12 } from '../codecs/edi/index.ts';
import { eventHashId, readEpcisEach } from '../codecs/epcis/index.ts';
import { Installation } from '../dashboards/server/testing/installation.ts';
import { Outgoing, silentLogger, silentMeter, systemTime, Troubles } from '../domain/index.ts';
import { InstallationKey, PostgresAuditTrail } from '../storage/index.ts';
import { SubscriptionWorker } from '../trace/index.ts';
import { faultsOfJson, faultsOfXml, hasGoodCheckDigit } from './testing/epcis-by-the-book.ts';

// Whatever is sent is valid by a second reading that has nothing of ours, and says the same in each form: the same event hashes.

const WAIT = { timeout: 60_000, interval: 100 };
const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';
const GTIN = '80614141123458';
const OURS = '0614141000012';
const THEIRS = '4012345000009';
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
const at = (clock: string) => ({ eventTime: `2026-11-20T${clock}:00.000Z`, eventTimeZoneOffset: '+01:00' });

/** What every kind of event may have. */
const WHOLE = {
  ...{ bizStep: 'shipping', disposition: 'in_transit' },
  persistentDisposition: { set: ['completeness_verified'], unset: ['completeness_inferred'] },
  readPoint: { id: 'urn:epc:id:sgln:0614141.00777.0' },
  bizLocation: { id: 'urn:epc:id:sgln:0614141.00888.0' },
  bizTransactionList: [{ type: 'po', bizTransaction: `urn:epcglobal:cbv:bt:${OURS}:PO1` }],
  sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:0614141.00001' }],
  destinationList: [{ type: 'owning_party', destination: 'urn:epc:id:pgln:4012345.00000' }],
  sensorElementList: [
    {
      sensorMetadata: { time: '2026-11-20T07:59:00.000Z', deviceID: 'urn:epc:id:giai:4000001.111' },
      sensorReport: [{ type: 'Temperature', value: 5.25, uom: 'CEL', component: 'x', booleanValue: true }],
    },
  ],
  'ext:note': { 'ext:deep': ['a', 'b'] },
};
const LOT = 'urn:epc:class:lgtin:0614141.812345.A17';
const EVENTS = [
  {
    ...{
      type: 'ObjectEvent',
      ...at('06:00'),
      action: 'ADD',
      epcList: [sgtin(1), sgtin(2)],
      ...WHOLE,
      bizStep: 'commissioning',
    },
    // Of lot data GS1 itself has two names, and with them two hashes: docs/epcis-corpus.md.
    ...{
      ilmd: { 'ext:batch': 'A17' },
      quantityList: [
        { epcClass: LOT, quantity: 3 },
        { epcClass: LOT, quantity: 1.5, uom: 'KGM' },
      ],
    },
    ...{ eventID: 'urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8', certificationInfo: 'https://a.example.com/cert' },
  },
  {
    type: 'AggregationEvent',
    ...at('07:00'),
    action: 'ADD',
    parentID: PALLET,
    childEPCs: [sgtin(1), sgtin(2)],
    ...WHOLE,
    bizStep: 'packing',
  },
  {
    type: 'AssociationEvent',
    ...at('07:10'),
    action: 'ADD',
    parentID: PALLET,
    childEPCs: ['urn:epc:id:giai:4000001.111'],
    ...WHOLE,
  },
  { type: 'TransactionEvent', ...at('07:20'), action: 'ADD', epcList: [PALLET], ...WHOLE },
  {
    ...{ type: 'TransformationEvent', ...at('07:30'), transformationID: 'urn:epc:id:gdti:0614141.12345.400', ...WHOLE },
    ...{ inputEPCList: [sgtin(7)], outputEPCList: [sgtin(8)], inputQuantityList: [{ epcClass: LOT, quantity: 2 }] },
    bizStep: 'urn:epcglobal:cbv:bizstep:commissioning',
  },
  {
    ...{ type: 'ObjectEvent', ...at('08:00'), action: 'OBSERVE', epcList: [PALLET], ...WHOLE },
    bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${OURS}:DEL100` }],
  },
  {
    ...{
      type: 'ObjectEvent',
      ...at('08:30'),
      action: 'OBSERVE',
      epcList: [sgtin(9)],
      bizStep: 'https://ext.example.com/weighing',
    },
    errorDeclaration: {
      declarationTime: '2026-11-21T08:00:00.000Z',
      reason: 'incorrect_data',
      correctiveEventIDs: ['urn:uuid:1'],
    },
  },
];

const key = InstallationKey.random();
const outgoing = new Outgoing({ allow: ['127.0.0.1'], lookup });
const receiver = new Receiver();
let house: Installation;
let worker: SubscriptionWorker;

beforeAll(async () => {
  house = await Installation.start({ key });
  const { database } = house;
  worker = new SubscriptionWorker({
    ...{ database, key, troubles: new Troubles(), time: systemTime, logger: silentLogger, meter: silentMeter },
    audit: new PostgresAuditTrail({ database }),
    deliver: (delivery) => postDelivery(delivery, { outgoing, time: systemTime }),
    waitBeforeRetry: (attempts, ageMs) =>
      waitBeforeRetry({ firstMs: 10, mostMs: 20, eagerMs: 1e6, slowMs: 20, giveUpMs: 60_000 }, attempts, ageMs, 0.5),
    mayRead: (actor) => mayStill({ database, time: systemTime }, actor, 'records.read'),
  });
  worker.start();
  const document = {
    ...{ '@context': [CONTEXT, { ext: 'https://ext.example.com/' }], type: 'EPCISDocument', schemaVersion: '2.0' },
    ...{ creationDate: '2026-11-20T09:00:00Z', epcisBody: { eventList: EVENTS } },
  };
  const captured = await send('POST', '/epcis/v2/capture', JSON.stringify(document), {
    'content-type': 'application/ld+json',
  });
  expect([201, 202], captured).toContain(last.status);
  await vi.waitFor(async () => expect(hashes(await send('GET', '/epcis/v2/events'))).toHaveLength(EVENTS.length), WAIT);
});
afterAll(async () => {
  await worker.stop();
  await receiver.stop();
  await house.stop();
});

let last: Response;

async function send(
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<string> {
  last = await fetch(`${house.url}${path}`, {
    ...{ method, ...(body !== undefined && { body }) },
    headers: { authorization: `Bearer ${await house.token('logistics')}`, ...headers },
  });
  return last.text();
}

function hashes(text: string): string[] {
  const reading = readEpcisEach(text);
  expect(reading.refused).toEqual([]);
  return reading.events.map((event) => eventHashId(event, reading)).sort();
}

/** Of what was captured, before it went through anything. */
const CAPTURED = () =>
  hashes(
    JSON.stringify({
      ...{ '@context': [CONTEXT, { ext: 'https://ext.example.com/' }], type: 'EPCISDocument', schemaVersion: '2.0' },
      ...{ creationDate: '2026-11-20T09:00:00Z', epcisBody: { eventList: EVENTS } },
    }),
  );

function asked(version: 1 | 2): Promise<string> {
  const poll = '<q:Poll><queryName>SimpleEventQuery</queryName><params/></q:Poll>';
  const head = `xmlns:q="urn:epcglobal:epcis-query:xsd:${version}" schemaVersion="${version === 1 ? '1.2' : '2.0'}"`;
  const body = `<q:EPCISQueryDocument ${head} creationDate="2026-11-20T09:00:00Z"><EPCISBody>${poll}</EPCISBody></q:EPCISQueryDocument>`;
  return send('POST', '/epcis/v1/query', body, { 'content-type': 'text/xml' });
}

describe('answers to queries', () => {
  test('are valid in JSON-LD, with the hashes of what was captured', async () => {
    for (const format of ['Never_Translates', 'Always_GS1_Digital_Link']) {
      const text = await send('GET', '/epcis/v2/events', undefined, { 'gs1-epc-format': format });
      expect(faultsOfJson(text), format).toEqual([]);
      expect(hashes(text)).toEqual(CAPTURED());
    }
  });

  test('are valid in XML of 2.0, whatever the words, and back in JSON-LD the hashes are the same', async () => {
    for (const format of ['Never_Translates', 'Always_URN', 'Always_Web_URI']) {
      const text = await send('GET', '/epcis/v2/events', undefined, {
        accept: 'application/xml',
        'gs1-cbv-xml-format': format,
      });
      expect(faultsOfXml(text, '2.0'), format).toEqual([]);
      expect(hashes(text)).toEqual(CAPTURED());
    }
    const xml = await asked(2);
    expect(faultsOfXml(xml, '2.0')).toEqual([]);
    const { events, contexts, namespaces } = readEpcisEach(xml);
    const again = JSON.stringify({
      ...{
        '@context': [CONTEXT, ...contexts, Object.fromEntries(namespaces)],
        type: 'EPCISDocument',
        schemaVersion: '2.0',
      },
      ...{ creationDate: '2026-11-20T09:00:00Z', epcisBody: { eventList: events } },
    });
    expect(faultsOfJson(again)).toEqual([]);
    expect(hashes(again)).toEqual(CAPTURED());
  });

  test('are valid in XML of 1.2, but for what it has no place for', async () => {
    const text = await asked(1);
    expect(faultsOfXml(text, '1.2')).toEqual([]);
    expect(hashes(text)).toEqual(CAPTURED());
  });
});

test('what subscribers are told is valid, by webhook in JSON-LD and over SOAP in XML of both versions', async () => {
  const dest = await receiver.start();
  const json = { 'content-type': 'application/json' };
  const since = '2026-01-01T00:00:00Z';
  await send('POST', '/epcis/v2/queries', JSON.stringify({ name: 'all', query: {} }), json);
  await send(
    'POST',
    '/epcis/v2/queries/all/subscriptions',
    JSON.stringify({ dest, stream: true, initialRecordTime: since }),
    json,
  );
  expect(last.status).toBeLessThan(300);
  for (const version of [1, 2]) {
    const controls = `<controls><trigger>stream</trigger><initialRecordTime>${since}</initialRecordTime><reportIfEmpty>false</reportIfEmpty></controls>`;
    const subscribe = `<q:Subscribe><queryName>SimpleEventQuery</queryName><params/><dest>${dest}</dest>${controls}
      <subscriptionID>by-${version}</subscriptionID></q:Subscribe>`;
    const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:q="urn:epcglobal:epcis-query:xsd:${version}">
      <s:Body>${subscribe}</s:Body></s:Envelope>`;
    expect(await send('POST', '/epcis/v1/query', envelope, { 'content-type': 'text/xml' })).toContain(
      'SubscribeResult',
    );
  }
  await receiver.gets(3);
  const told = receiver.received.map(({ body }) => body);
  const forms = told.map((body) => (body.startsWith('{') ? 'JSON-LD' : /xsd:2"/.test(body) ? '2.0' : '1.2'));
  expect(forms.toSorted()).toEqual(['1.2', '2.0', 'JSON-LD']);
  for (const [n, body] of told.entries()) {
    const form = forms[n];
    expect(form === 'JSON-LD' ? faultsOfJson(body) : faultsOfXml(body, form === '2.0' ? '2.0' : '1.2'), form).toEqual(
      [],
    );
    expect(hashes(body)).toEqual(CAPTURED());
  }
});

test('a transaction record names products and parties by numbers whose check digit is right', async () => {
  const jws = () => send('GET', `/api/v1/transactions/record.jws?gtin=${GTIN}&serial=1`);
  const payload = async () => JSON.parse(Buffer.from((await jws()).split('.')[1] ?? '', 'base64url').toString());
  await vi.waitFor(async () => expect((await payload()).serials).toBeGreaterThan(0), WAIT);
  const text = JSON.stringify(await payload());
  const numbers = [...text.matchAll(/"(?:gtin|gln)":"(\d+)"/g)].map(([, one = '']) => one);
  expect(numbers).toContain(GTIN);
  expect(numbers.filter((one) => !hasGoodCheckDigit(one) || (one.length !== 13 && one.length !== 14))).toEqual([]);
  const dates = [...text.matchAll(/"(?:shippedOn|transactedOn|expiry)":"([^"]+)"/g)].map(([, one]) => one);
  for (const date of dates) expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
});

describe('acknowledgements of EDI', () => {
  const ISA =
    'ISA*00*          *00*          *ZZ*ACME           *ZZ*ISOTHERM       *261129*1200*U*00401*000000905*0*P*>~';
  const NOTICE = `${ISA}GS*SH*ACME*ISOTHERM*20261129*1200*7*X*004010~ST*856*0001~BSN*00*D1*20261129*1200~SE*3*0001~GE*1*7~IEA*1*000000905~`;
  const DESADV =
    "UNB+UNOC:3+4012345000009:14+9501101530003:14+261129:1200+R905'UNH+1+DESADV:D:96A:UN:EAN005'BGM+351+D1+9'UNT+3+1'UNZ+1+R905'";

  test.each([false, true])('in X12 count what they hold, and close what they open (refused: %s)', (isRefused) => {
    const [interchange] = readX12(NOTICE);
    if (interchange === undefined) throw new Error('none');
    const text = acknowledgeX12(interchange, { control: 12, at: Date.UTC(2026, 10, 29, 12), isRefused });
    const segments = text
      .split('~')
      .map((one) => one.trim().split('*'))
      .filter(([tag]) => tag !== '');
    const of = (tag: string) => segments.filter(([one]) => one === tag);
    const [isa = [], gs = [], st = [], se = [], ge = [], iea = []] = ['ISA', 'GS', 'ST', 'SE', 'GE', 'IEA'].map(
      (tag) => of(tag)[0],
    );
    expect(text.indexOf('~')).toBe(105);
    expect(isa.slice(1).map((one) => one.length)).toEqual([2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1]);
    expect([isa[6]?.trim(), isa[8]?.trim(), gs[2], gs[3]]).toEqual(['ISOTHERM', 'ACME', 'ISOTHERM', 'ACME']);
    const first = segments.findIndex(([tag]) => tag === 'ST');
    const count = segments.findIndex(([tag]) => tag === 'SE') - first + 1;
    expect([se[1], se[2]]).toEqual([String(count), st[2]]);
    expect([ge[1], ge[2], iea[1], iea[2]]).toEqual([String(of('ST').length), gs[6], String(of('GS').length), isa[13]]);
    expect([gs[1], st[1]]).toEqual(['FA', '997']);
  });

  test.each([false, true])('in EDIFACT too (refused: %s)', (isRefused) => {
    const [interchange] = readEdifact(DESADV);
    if (interchange === undefined) throw new Error('none');
    const text = acknowledgeEdifact(interchange, { control: '12', at: Date.UTC(2026, 10, 29, 12), isRefused });
    const segments = text
      .replace(/^UNA.{6}/, '')
      .split("'")
      .map((one) => one.trim().split('+'))
      .filter(([tag]) => tag !== '');
    const of = (tag: string) => segments.find(([one]) => one === tag) ?? [];
    const [unb, unh, unt, unz] = ['UNB', 'UNH', 'UNT', 'UNZ'].map(of);
    const count = segments.findIndex(([tag]) => tag === 'UNT') - segments.findIndex(([tag]) => tag === 'UNH') + 1;
    expect([unt?.[1], unt?.[2]]).toEqual([String(count), unh?.[1]]);
    expect([unz?.[1], unz?.[2]]).toEqual(['1', unb?.[5]]);
    expect([unb?.[2]?.split(':')[0], unb?.[3]?.split(':')[0]]).toEqual(['9501101530003', THEIRS]);
    expect(of('UCI')[1]).toBe('R905');
  });
});

test('the second reading sees faults: each of these is one', () => {
  const event = { type: 'ObjectEvent', ...at('06:00'), action: 'ADD', epcList: [sgtin(1)] };
  const document = (change: object) =>
    JSON.stringify({
      ...{ '@context': [CONTEXT], type: 'EPCISDocument', schemaVersion: '2.0', creationDate: '2026-11-20T09:00:00Z' },
      epcisBody: { eventList: [{ ...event, ...change }] },
    });
  expect(faultsOfJson(document({}))).toEqual([]);
  for (const change of [
    ...[
      { action: 'CREATE' },
      { eventTime: '2026-11-20' },
      { bizStep: 'urn:epcglobal:cbv:bizstep:shipping' },
      { extra: 1 },
    ],
    ...[{ epcList: [sgtin(1), sgtin(1)] }, { epcList: ['urn:epc:id:sgtin:0614141.81234.1'] }, { 'no:prefix': 1 }],
    ...[{ epcList: ['https://id.gs1.org/01/80614141123459/21/1'] }, { sensorElementList: [{ sensorReport: [] }] }],
  ]) {
    expect([change, faultsOfJson(document(change)).length]).toEqual([change, 1]);
  }
  const xml = (inner: string) =>
    `<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:2" schemaVersion="2.0"><EventList><ObjectEvent>${inner}</ObjectEvent></EventList></q:EPCISQueryDocument>`;
  const START = '<eventTime>2026-11-20T06:00:00Z</eventTime><eventTimeZoneOffset>+01:00</eventTimeZoneOffset>';
  expect(faultsOfXml(xml(`${START}<epcList/><action>ADD</action>`), '2.0')).toEqual([]);
  for (const inner of [
    `${START}<action>ADD</action><epcList/>`,
    `${START}<x/>`,
    `${START}<bizStep>shipping</bizStep>`,
    `${START}<a:b/><action>ADD</action>`,
  ]) {
    expect([inner, faultsOfXml(xml(inner), '2.0').length]).toEqual([inner, 1]);
  }
});
