import { lookup } from 'node:dns';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { mayStill } from '../access/index.ts';
import { waitBeforeRetry } from '../alerts/index.ts';
import { Receiver } from '../alerts/testing/receiver.ts';
import { postDelivery } from '../app/platform/epcis-subscriptions.ts';
import { parseXml, readEpcis, type XmlElement } from '../codecs/epcis/index.ts';
import { Installation } from '../dashboards/server/testing/installation.ts';
import { Outgoing, type Role, silentLogger, silentMeter, systemTime, Troubles } from '../domain/index.ts';
import { InstallationKey, PostgresAuditTrail } from '../storage/index.ts';
import { SubscriptionWorker } from '../trace/index.ts';

// What somebody does who has nothing but XML: capture, say what their places are, ask, subscribe, and be told.

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const WAIT = { timeout: 30_000, interval: 50 };
const LOCATION = 'urn:epcglobal:epcis:vtype:BusinessLocation';
const DC = 'urn:epc:id:sgln:0614141.07346.1234';
const ROOM = 'urn:epc:id:sgln:0614141.07346.5678';
const CITY = 'urn:epcglobal:cbv:mda#city';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.999999.${serial}`;

const key = InstallationKey.random();
const outgoing = new Outgoing({ allow: ['127.0.0.1'], lookup });
const receiver = new Receiver();
let house: Installation;
let worker: SubscriptionWorker;
let dest: string;

beforeAll(async () => {
  house = await Installation.start({ key });
  dest = await receiver.start();
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
});
afterAll(async () => {
  await worker.stop();
  await receiver.stop();
  await house.stop();
});

async function post(
  path: string,
  body: string,
  { role = 'logistics', type = 'text/xml' }: { role?: Role; type?: string } = {},
) {
  const response = await fetch(`${house.url}/epcis/v1${path}`, {
    ...{ method: 'POST', body },
    headers: { authorization: `Bearer ${await house.token(role)}`, 'content-type': type },
  });
  return { status: response.status, text: await response.text() };
}

async function postJson(path: string, body: object): Promise<Response> {
  return fetch(`${house.url}/epcis/v2${path}`, {
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'application/json' },
  });
}

const enveloped = (content: string) =>
  `<s:Envelope xmlns:s="${SOAP}" xmlns:q="urn:epcglobal:epcis-query:xsd:1"><s:Body>${content}</s:Body></s:Envelope>`;
const asked = (content: string, role?: Role) => post('/query', enveloped(content), role === undefined ? {} : { role });
const param = (name: string, ...values: string[]) =>
  `<param><name>${name}</name><value>${values.map((value) => `<value>${value}</value>`).join('')}</value></param>`;
const polled = (query: string, ...params: string[]) =>
  asked(`<q:Poll><queryName>${query}</queryName><params>${params.join('')}</params></q:Poll>`);

function observed(serial: number, { header = '', at = DC } = {}): string {
  return `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-07-22T10:30:00Z">
    ${header}<EPCISBody><EventList><ObjectEvent><eventTime>2026-07-22T06:45:00Z</eventTime>
    <eventTimeZoneOffset>+02:00</eventTimeZoneOffset><epcList><epc>${sgtin(serial)}</epc></epcList>
    <action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>
    <bizLocation><id>${at}</id></bizLocation></ObjectEvent></EventList></EPCISBody></e:EPCISDocument>`;
}

function masterData(city: string): string {
  return `<m:EPCISMasterDataDocument xmlns:m="urn:epcglobal:epcis-masterdata:xsd:1" schemaVersion="1.2"
    creationDate="2026-07-22T10:30:00Z"><EPCISBody><VocabularyList><Vocabulary type="${LOCATION}"><VocabularyElementList>
    <VocabularyElement id="${DC}"><attribute id="${CITY}">${city}</attribute>
      <attribute id="https://ext.example.com/address"><x:Address xmlns:x="https://ext.example.com/"><x:Street>Quai 1</x:Street>
      </x:Address></attribute><children><id>${ROOM}</id></children></VocabularyElement>
    <VocabularyElement id="${ROOM}"><attribute id="urn:epcglobal:cbv:mda:sst">201</attribute>
      <attribute id="urn:epcglobal:cbv:mda:sst">204</attribute></VocabularyElement>
    </VocabularyElementList></Vocabulary></VocabularyList></EPCISBody></m:EPCISMasterDataDocument>`;
}

async function found(...params: string[]): Promise<string[]> {
  const { status, text } = await polled('SimpleEventQuery', ...params);
  expect({ status, text }).toMatchObject({ status: 200 });
  return [...text.matchAll(/<epc>([^<]+)<\/epc>/g)].map(([, epc]) => epc ?? '').sort();
}

const subscribing = (id: string, controls: string, { query = 'SimpleEventQuery', to = dest, params = '' } = {}) =>
  asked(`<q:Subscribe><queryName>${query}</queryName><params>${params}</params><dest>${to}</dest>
    <controls>${controls}<reportIfEmpty>false</reportIfEmpty></controls><subscriptionID>${id}</subscriptionID></q:Subscribe>`);

describe('capture in XML', () => {
  test('takes a document alone or in an envelope, and a QuantityEvent comes back as the ObjectEvent in its place', async () => {
    expect(await post('/capture', observed(1))).toEqual({ status: 200, text: '' });
    const inEnvelope = await post('/capture', enveloped(observed(2)));
    expect(inEnvelope.status).toBe(200);
    expect(inEnvelope.text).toContain('<soapenv:Body></soapenv:Body>');
    await vi.waitFor(
      async () => expect(await found(param('MATCH_epc', sgtin(1), sgtin(2)))).toEqual([sgtin(1), sgtin(2)]),
      WAIT,
    );
    const epcClass = 'urn:epc:class:lgtin:0614141.999999.Q7';
    const quantity = observed(3).replace(
      /<ObjectEvent>.*<\/ObjectEvent>/s,
      `<QuantityEvent>
      <eventTime>2026-07-22T06:45:00Z</eventTime><eventTimeZoneOffset>+02:00</eventTimeZoneOffset>
      <epcClass>${epcClass}</epcClass><quantity>200</quantity></QuantityEvent>`,
    );
    expect(await post('/capture', quantity)).toMatchObject({ status: 200 });
    await vi.waitFor(async () => {
      const { text } = await polled('SimpleEventQuery', param('MATCH_epcClass', epcClass));
      expect(text).toContain(`<epcClass>${epcClass}</epcClass><quantity>200</quantity>`);
    }, WAIT);
  });

  test('refuses in the form that it came in, with the exception of the standard', async () => {
    const wrong = observed(4).replace('OBSERVE', 'SEEN');
    expect(await post('/capture', wrong)).toMatchObject({
      status: 400,
      text: expect.stringContaining('EPCIS_INVALID'),
    });
    for (const content of [wrong, '', '<a/>', `${observed(4)}${observed(4)}`, '<q:Poll/>']) {
      const { status, text } = await post('/capture', enveloped(content));
      expect([400, 500], content.slice(0, 40)).toContain(status);
      expect(text, content.slice(0, 40)).toMatch(/ValidationException/);
    }
    expect((await post('/capture', observed(4), { role: 'dock' })).status).toBe(403);
    expect((await post('/capture', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')).status).toBe(
      400,
    );
  });
});

describe('master data of partners', () => {
  test('is kept, told, and events are found by it; said anew it is another', async () => {
    expect(await post('/capture', masterData('Lyon'))).toMatchObject({ status: 200 });
    const both = [param('includeAttributes', 'true'), param('includeChildren', 'true')];
    const told = async (...more: string[]) => (await polled('SimpleMasterDataQuery', ...both, ...more)).text;
    await vi.waitFor(async () => expect(await told(param('EQ_name', DC))).toContain(`id="${CITY}">Lyon<`), WAIT);
    const all = await told(param('EQ_name', DC));
    expect(all).toContain(`<children><id>${ROOM}</id></children>`);
    expect(all).toContain('{&quot;x:Address&quot;:{&quot;x:Street&quot;:&quot;Quai 1&quot;}}');
    expect((await told(param('WD_name', DC))).match(/<VocabularyElement /g)).toHaveLength(2);
    for (const sst of ['201', '204']) {
      const room = await told(param('EQATTR_urn:epcglobal:cbv:mda:sst', sst));
      expect(room).toContain('>201</attribute><attribute id="urn:epcglobal:cbv:mda:sst">204<');
    }
    expect(await told(param('HASATTR', CITY))).toContain(DC);
    expect(await told(param('HASATTR', CITY), param(`EQATTR_${CITY}`, 'Paris'))).not.toContain(DC);
    const pairs: [found: string, other: string][] = [
      [param('HASATTR_bizLocation', CITY), param('HASATTR_bizLocation', 'urn:epcglobal:cbv:mda#state')],
      [param('HASATTR_bizLocation', 'urn:a:b', CITY), param('HASATTR_readPoint', CITY)],
      [param(`EQATTR_bizLocation_${CITY}`, 'Paris', 'Lyon'), param(`EQATTR_bizLocation_${CITY}`, 'Paris')],
    ];
    const within = param('MATCH_epc', sgtin(1));
    for (const [one, other] of pairs) {
      expect(await found(within, one), one).toEqual([sgtin(1)]);
      expect(await found(within, other), other).toEqual([]);
    }
    // What is in a place that a partner told of is found within it.
    expect(await post('/capture', observed(12, { at: ROOM }))).toMatchObject({ status: 200 });
    const inside = param('MATCH_epc', sgtin(1), sgtin(12));
    await vi.waitFor(
      async () => expect(await found(inside, param('WD_bizLocation', DC))).toEqual([sgtin(1), sgtin(12)]),
      WAIT,
    );
    expect(await found(inside, param('EQ_bizLocation', DC))).toEqual([sgtin(1)]);
    expect(await found(inside, param('WD_bizLocation', ROOM))).toEqual([sgtin(12)]);
    expect(await post('/capture', masterData('Nantes'))).toMatchObject({ status: 200 });
    await vi.waitFor(
      async () => expect(await found(within, param(`EQATTR_bizLocation_${CITY}`, 'Nantes'))).toEqual([sgtin(1)]),
      WAIT,
    );
    expect(await found(within, param(`EQATTR_bizLocation_${CITY}`, 'Lyon'))).toEqual([]);
  });

  test('comes in the header of a document too, in XML and in JSON-LD, and is refused where it names nothing', async () => {
    const place = 'urn:epc:id:sgln:0614141.07347.0';
    const vocabulary = `<Vocabulary type="${LOCATION}"><VocabularyElementList><VocabularyElement id="${place}">
      <attribute id="${CITY}">Metz</attribute></VocabularyElement></VocabularyElementList></Vocabulary>`;
    const header = `<EPCISHeader><extension><EPCISMasterData><VocabularyList>${vocabulary}</VocabularyList></EPCISMasterData>
      </extension></EPCISHeader>`;
    expect(await post('/capture', observed(11, { header, at: place }))).toMatchObject({ status: 200 });
    await vi.waitFor(
      async () => expect(await found(param(`EQATTR_bizLocation_${CITY}`, 'Metz'))).toEqual([sgtin(11)]),
      WAIT,
    );
    const other = 'urn:epc:id:sgln:0614141.07348.0';
    const attributes = [{ id: CITY, attribute: 'Nice' }];
    const vocabularyElementList = [{ id: other, attributes, children: [] }];
    const captured = (elements: unknown) =>
      postJson('/capture', {
        '@context': ['https://ref.gs1.org/standards/epcis/epcis-context.jsonld'],
        ...{ type: 'EPCISDocument', schemaVersion: '2.0', creationDate: '2026-07-22T10:30:00Z' },
        epcisHeader: { epcisMasterData: { vocabularyList: [{ type: LOCATION, vocabularyElementList: elements }] } },
        epcisBody: { eventList: [] },
      });
    expect((await captured([{ id: 'no uri', attributes }])).status).toBe(400);
    expect((await captured(vocabularyElementList)).status).toBeLessThan(300);
    await vi.waitFor(async () => {
      const params = [param('includeAttributes', 'true'), param('includeChildren', 'false'), param('EQ_name', other)];
      expect((await polled('SimpleMasterDataQuery', ...params)).text).toContain('>Nice<');
    }, WAIT);
  });
});

describe('a subscription over SOAP', () => {
  test('is to a query of its own, under its own id, told in XML of its version, listed and ended', async () => {
    const params = param('MATCH_epc', sgtin(21), sgtin(22));
    expect(await subscribing('theirs/1 "ü"', '<trigger>stream</trigger>', { params })).toMatchObject({ status: 200 });
    const ids = await asked('<q:GetSubscriptionIDs><queryName>SimpleEventQuery</queryName></q:GetSubscriptionIDs>');
    expect(ids.text).toContain('<string>theirs/1 &quot;ü&quot;</string>');
    await post('/capture', observed(23));
    await post('/capture', observed(21));
    const [told] = await receiver.gets(1);
    expect(told?.headers['content-type']).toBe('application/xml');
    const root = parseXml(told?.body ?? '');
    expect(root).toMatchObject({ local: 'EPCISQueryDocument', namespace: 'urn:epcglobal:epcis-query:xsd:1' });
    const texts = new Map(below(root).map(({ local, text }) => [local, text]));
    expect(texts.get('queryName')).toBe('SimpleEventQuery');
    expect(texts.get('subscriptionID')).toBe('theirs/1 "ü"');
    expect(told?.body).toContain('<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>');
    expect(readEpcis(told?.body ?? '').events).toMatchObject([{ epcList: [sgtin(21)] }]);
    const { rows } = await house.database.query('SELECT action FROM audit_entries WHERE subject = $1', [
      'epcis-subscription:theirs/1 "ü"',
    ]);
    expect(rows).toEqual([{ action: 'epcis-subscription.create' }]);
    const again = await subscribing('theirs/1 "ü"', '<trigger>stream</trigger>', { params });
    expect(again.text).toContain('<epcisq:DuplicateSubscriptionException>');
    const end = '<q:Unsubscribe><subscriptionID>theirs/1 "ü"</subscriptionID></q:Unsubscribe>';
    expect(await asked(end, 'quality')).toMatchObject({
      status: 500,
      text: expect.stringContaining('SecurityException'),
    });
    expect(await asked(end)).toMatchObject({ status: 200 });
    expect((await asked(end)).text).toContain('<epcisq:NoSuchSubscriptionException>');
  });

  test('may be by a schedule, from a time on, and to a query that has a name', async () => {
    await postJson('/queries', { name: 'of one', query: { MATCH_epc: [sgtin(21)] } });
    const before = receiver.received.length;
    const controls =
      '<schedule><second>*</second></schedule><initialRecordTime>2020-01-01T00:00:00Z</initialRecordTime>';
    expect(await subscribing('scheduled', controls, { query: 'of one' })).toMatchObject({ status: 200 });
    const received = await receiver.gets(before + 1);
    expect(readEpcis(received.at(-1)?.body ?? '').events).toMatchObject([{ epcList: [sgtin(21)] }]);
    expect((await asked('<q:GetSubscriptionIDs><queryName>of one</queryName></q:GetSubscriptionIDs>')).text).toContain(
      '>scheduled<',
    );
  });

  const STREAM = '<trigger>stream</trigger>';
  test.each([
    ['neither schedule nor trigger', '', {}, 'SubscriptionControlsException'],
    ['both', `<schedule><hour>1</hour></schedule>${STREAM}`, {}, 'SubscriptionControlsException'],
    [
      'a moment that never comes',
      '<schedule><dayOfMonth>31</dayOfMonth><month>2</month></schedule>',
      {},
      'SubscriptionControlsException',
    ],
    ['a field of no schedule', '<schedule><week>1</week></schedule>', {}, 'SubscriptionControlsException'],
    ['another trigger', '<trigger>urn:a:b</trigger>', {}, 'SubscriptionControlsException'],
    [
      'a time that is none',
      `${STREAM}<initialRecordTime>soon</initialRecordTime>`,
      {},
      'SubscriptionControlsException',
    ],
    ['no address', STREAM, { to: 'javascript:alert(1)' }, 'InvalidURIException'],
    ['an address of the house', STREAM, { to: 'http://169.254.169.254/' }, 'InvalidURIException'],
    ['master data', STREAM, { query: 'SimpleMasterDataQuery' }, 'SubscribeNotPermittedException'],
    ['a query that is not there', STREAM, { query: 'none' }, 'NoSuchNameException'],
    ['an unknown parameter', STREAM, { params: param('EQ_none', 'x') }, 'QueryParameterException'],
    ['an end of its own', STREAM, { params: param('maxEventCount', '1') }, 'SubscriptionControlsException'],
  ])('is refused with %s', async (name, controls, of, exception) => {
    const { status, text } = await subscribing(`refused ${name}`, controls, of);
    expect(status).toBe(500);
    expect(text).toContain(`<detail><epcisq:${exception}><reason>`);
  });
});

describe('the WSDL', () => {
  test('names every operation with what it takes and gives, and what it refers to is there', async () => {
    const response = await fetch(`${house.url}/epcis/v1/query?wsdl`, {
      headers: { authorization: `Bearer ${await house.token('logistics')}` },
    });
    expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
      ...{ status: 200, type: 'text/xml; charset=utf-8' },
    });
    const all = below(parseXml(await response.text()));
    const namesOf = (local: string, key = 'name') =>
      all.filter((one) => one.local === local).flatMap(({ attributes }) => attributes.get(key) ?? []);
    const operations =
      'getQueryNames getStandardVersion getSubscriptionIDs getVendorVersion poll subscribe unsubscribe'.split(' ');
    expect([...new Set(namesOf('operation'))].sort()).toEqual(operations);
    const messages = new Set(namesOf('message').map((name) => `i:${name}`));
    for (const kind of ['input', 'output', 'fault']) {
      for (const used of namesOf(kind, 'message')) expect(messages, used).toContain(used);
    }
    const elements = new Set(namesOf('element').map((name) => `q:${name}`));
    for (const used of namesOf('part', 'element')) expect(elements, used).toContain(used);
    const types = new Set(namesOf('complexType').map((name) => `q:${name}`));
    for (const used of namesOf('element', 'type').filter((name) => name.startsWith('q:')))
      expect(types, used).toContain(used);
    expect(namesOf('address', 'location')).toEqual([`${house.url}/epcis/v1/query`]);
  });
});

function below(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(below)];
}
