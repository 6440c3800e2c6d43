import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentMeter, systemTime } from '../../domain/index.ts';
import { PartnerFiles, PartnerQuotas } from '../../partners/index.ts';
import { type Database, PostgresAuditTrail } from '../../storage/index.ts';
import type { PartnerFileView, Problem } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

let token = '';
beforeAll(async () => {
  await house.ask('admin', 'PUT', '/partners/acme', { name: 'Acme', glns: ['0614141000012'], sends: ['files'] });
  const { body } = await house.ask('admin', 'POST', '/partners/acme/tokens', { name: 'acme-sftp' });
  token = (body as { token: string }).token;
});

const EVENT = {
  ...{ type: 'ObjectEvent', eventTime: '2026-11-20T06:00:00Z', eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
  epcList: ['urn:epc:id:sgtin:0614141.812345.1'],
};
const documentOf = (event: object, serial = 1) =>
  JSON.stringify({
    ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'], type: 'EPCISDocument' },
    ...{ schemaVersion: '2.0', creationDate: '2026-11-20T09:00:00Z' },
    epcisBody: { eventList: [{ ...event, epcList: [`urn:epc:id:sgtin:0614141.812345.${serial}`] }] },
  });
const XML = `<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-11-20T09:00:00Z"><EPCISBody>
<EventList><ObjectEvent><eventTime>2026-11-20T06:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
<epcList><epc>urn:epc:id:sgtin:0614141.812345.7</epc></epcList><action>OBSERVE</action></ObjectEvent></EventList>
</EPCISBody></epcis:EPCISDocument>`;

async function drop(content: string | Uint8Array<ArrayBuffer>, name = 'a.json') {
  const response = await fetch(`${house.url}/api/v1/partners/acme/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: content,
  });
  return { status: response.status, body: (await response.json()) as PartnerFileView & Problem };
}

test.each([
  ['EPCIS as JSON', documentOf(EVENT), 'epcis-2.0-json'],
  ['EPCIS 1.2 as XML', XML, 'epcis-1.2-xml'],
  ['a document with a byte order mark', `\uFEFF${XML.replace('.7<', '.8<')}`, 'epcis-1.2-xml'],
])('%s is taken by what it is, whatever it is called', async (_what, content, format) => {
  expect(await drop(content, 'data.bin')).toMatchObject({ status: 200, body: { fate: 'taken', format, events: 1 } });
});

test.each([
  ['nothing', '', /empty/],
  ['half a document', XML.slice(0, 400), /./],
  ['an archive', Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0]), /ZIP archive/],
  ['a compressed file', Uint8Array.from(gzipSync('{}')), /gzip/],
  [
    'a message that nobody has opened',
    'MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime\r\n\r\nAAAA',
    /S\/MIME/,
  ],
  ['an X12 file', 'ISA*00*          *00*          ~', /EDI/],
  ['an event without its time', documentOf({ type: 'ObjectEvent', action: 'OBSERVE' }, 3), /eventTime/],
])('%s is refused with its reason, and kept all the same', async (_what, content, reason) => {
  const { status, body } = await drop(content);
  expect([status, body.code]).toEqual([422, 'PARTNER_FILE_REFUSED']);
  expect(body.detail).toMatch(reason);
  const { items } = (await house.ask('logistics', 'GET', '/partners/acme/files?limit=1')).body as {
    items: PartnerFileView[];
  };
  expect(items).toMatchObject([{ fate: 'refused', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
});

const deep = (open: string, close: string) => open.repeat(200_000) + close.repeat(200_000);
const bomb = `<?xml version="1.0"?><!DOCTYPE x [${Array.from({ length: 12 }, (_, n) =>
  n === 0 ? '<!ENTITY a0 "ha">' : `<!ENTITY a${n} "${`&a${n - 1};`.repeat(10)}">`,
).join('')}]>${XML.slice(XML.indexOf('\n') + 1).replace('OBSERVE', '&a11;')}`;
test.each([
  ['a zero in a text of JSON', documentOf({ ...EVENT, 'ext:note': 'a\0b' }, 81)],
  ['half a character in a text of JSON', documentOf({ ...EVENT, 'ext:note': '\ud800' }, 82)],
  ['JSON that is nested without end', `{"a":${deep('[', ']')}}`],
  [
    'an event that is nested without end',
    documentOf(EVENT, 83).replace('"action"', `"ext:n":${deep('[', ']')},"action"`),
  ],
  ['XML that is nested without end', deep('<a>', '</a>')],
  ['entities that multiply', bomb],
  ['an external entity', bomb.replace('<!ENTITY a0 "ha">', '<!ENTITY a0 SYSTEM "file:///etc/passwd">')],
  ['a key that is every object’s', documentOf(EVENT, 84).replace('"action"', '"__proto__":{"x":1},"action"')],
  ['a table of zeros', '\0'.repeat(5_000)],
  ['a table of one endless quote', `shipment,epc\n"${'x'.repeat(100_000)}`],
  ['a table of very many columns', `${'a,'.repeat(200_000)}\n`],
  ['an Excel workbook', Uint8Array.from(Buffer.from('PK\x03\x04\x14\0\x06\0[Content_Types].xml', 'latin1'))],
  ['an older one', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1])],
  ['a binary PGP message', Uint8Array.from([0x85, 0x01, 0x0c, 0x03, 0x2b])],
  ['a table in an older set of characters', Uint8Array.from(Buffer.from('shipment,name\nS,Köln\n', 'latin1'))],
])('%s from a hostile or unlucky sender is refused or taken, and never fault of ours', async (_what, content) => {
  const { status } = await drop(content);
  expect([200, 422]).toContain(status);
  const { items } = (await house.ask('logistics', 'GET', '/partners/acme/files?limit=1')).body as {
    items: PartnerFileView[];
  };
  expect(items).toMatchObject([{ fate: status === 200 ? 'taken' : 'refused' }]);
  expect(items[0]?.reason?.length ?? 0).toBeLessThanOrEqual(1_000);
  expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
});

test('a name that tries to be something else is kept as a name', async () => {
  for (const name of ['=cmd|calc!A1', '../../etc/passwd', 'a"; filename=b.exe', 'ünï✓.xml', '%0d%0aX-Bad: 1']) {
    const { body } = await drop(documentOf(EVENT, 200 + name.length), name);
    expect(body.name).toBe(name);
    const given = await fetch(`${house.url}/api/v1/partners/acme/files/${body.id}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([name, given.status, given.headers.get('x-bad')]).toEqual([name, 200, null]);
    expect(given.headers.get('content-disposition')).toMatch(/^attachment; filename/);
  }
});

test('the same bytes are told as repeated, another file of the same name is not', async () => {
  const first = (await drop(documentOf(EVENT, 20), 'daily.json')).body;
  expect((await drop(documentOf(EVENT, 20), 'other.json')).body).toMatchObject({ fate: 'repeated', repeats: first.id });
  expect((await drop(documentOf(EVENT, 21), 'daily.json')).body).toMatchObject({ fate: 'taken' });
  const given = await fetch(`${house.url}/api/v1/partners/acme/files/${first.id}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(await given.text()).toBe(documentOf(EVENT, 20));
});

test('bytes that come again and again are kept once, and given whole each time', async () => {
  const broken = XML.slice(0, 380);
  for (const _ of [1, 2, 3]) expect((await drop(broken)).status).toBe(422);
  const { body } = await house.ask('logistics', 'GET', '/partners/acme/files?limit=3');
  const ids = (body as { items: PartnerFileView[] }).items.map(({ id }) => id);
  const { rows } = await house.database.query<{ size: number; fate: string }>(
    'SELECT octet_length(content) AS size, fate FROM partner_files WHERE id = ANY ($1) ORDER BY id',
    [ids],
  );
  expect(rows).toEqual([broken.length, 0, 0].map((size) => ({ size, fate: 'refused' })));
  for (const id of ids) {
    const url = `${house.url}/api/v1/partners/acme/files/${id}`;
    expect(await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text()).toBe(broken);
  }
});

test('a notice of others is not replaced by a partner’s file, its own is', async () => {
  const csv = (id: string, unit: number, arrives: string) =>
    [
      'shipment,profile,origin,destination,departs,arrives,epc,parent',
      `${id},2-8C,site:theirs,site:ours,2026-11-20T06:00:00Z,${arrives},urn:epc:id:sgtin:0614141.812345.9${unit},urn:epc:id:sscc:0614141.123456789${unit}`,
    ].join('\n');
  const units = [
    { sscc: 'urn:epc:id:sscc:0614141.1234567895', devices: [], children: ['urn:epc:id:sgtin:0614141.812345.95'] },
  ];
  const { status } = await house.ask('logistics', 'POST', '/shipments', {
    ...{ id: 'SHP-OURS', profile: '2-8C', origin: 'site:ours', destination: 'site:customer', products: [] },
    ...{ departs: '2026-11-20T06:00:00Z', arrives: '2026-11-21T06:00:00Z' },
    units: units.map((unit) => ({ ...unit, from: '2026-11-20T05:00:00Z' })),
  });
  expect(status).toBe(201);
  const refused = await drop(csv('SHP-OURS', 6, '2026-11-22T06:00:00Z'), 'theirs.csv');
  expect([refused.status, refused.body.detail]).toEqual([422, expect.stringMatching(/SHP-OURS already/)]);
  const kept = (await house.ask('logistics', 'GET', '/shipments/SHP-OURS')).body;
  expect(kept).toMatchObject({ origin: { id: 'site:ours' }, destination: { id: 'site:customer' } });
  for (const arrives of ['2026-11-22T06:00:00Z', '2026-11-23T06:00:00Z'])
    expect((await drop(csv('SHP-THEIRS', 7, arrives))).body).toMatchObject({ fate: 'taken' });
});

test('a source that is no GLN of the partner is taken and told', async () => {
  const foreign = { ...EVENT, sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:4012345.00000' }] };
  const { body } = await drop(documentOf(foreign, 30));
  expect(body).toMatchObject({ fate: 'taken', reason: expect.stringMatching(/4012345000009 as source/) });
});

test('a file that was refused is tried again once what it lacked is put right, and only once', async () => {
  const agree = (change: object) =>
    house.ask('admin', 'PUT', '/partners/acme', { name: 'Acme', sends: ['files'], ...change });
  await agree({ sends: [] });
  const { items } = (await drop(documentOf(EVENT, 60)).then(() =>
    house.ask('logistics', 'GET', '/partners/acme/files?limit=1&fate=refused').then(({ body }) => body),
  )) as { items: PartnerFileView[] };
  const file = items[0]?.id ?? 0;
  const again = () => house.ask('quality', 'POST', `/partners/acme/files/${file}/again`);
  expect(await again()).toMatchObject({
    status: 200,
    body: { fate: 'refused', reason: expect.stringMatching(/agreed/) },
  });
  await agree({});
  const both = await Promise.all([again(), again()]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(both.find(({ status }) => status === 200)).toMatchObject({ body: { id: file, fate: 'taken', events: 1 } });
  expect(await house.ask('quality', 'POST', '/partners/acme/files/999999/again')).toMatchObject({ status: 404 });
  const own = await fetch(`${house.url}/api/v1/partners/acme/files/${file}/again`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${token}` } },
  });
  expect(own.status).toBe(403);
});

test('files are found by name, hash and fate', async () => {
  const { body } = await drop(documentOf(EVENT, 70), 'Weekly 100%_A.json');
  const found = async (query: string) =>
    ((await house.ask('logistics', 'GET', `/partners/acme/files?${query}`)).body as { items: PartnerFileView[] }).items;
  expect((await found('text=weekly%20100%25_a')).map(({ id }) => id)).toEqual([body.id]);
  expect((await found(`text=${body.sha256.slice(0, 12).toUpperCase()}`)).map(({ id }) => id)).toEqual([body.id]);
  expect(await found('text=weekly&fate=refused')).toEqual([]);
  expect(new Set((await found('fate=refused')).map(({ fate }) => fate))).toEqual(new Set(['refused']));
});

test('what is not agreed is refused: a format, and everything after the last day', async () => {
  const agree = (change: object) =>
    house.ask('admin', 'PUT', '/partners/acme', { name: 'Acme', sends: ['files'], ...change });
  await agree({ formats: ['epcis-1.2-xml'] });
  expect((await drop(documentOf(EVENT, 40))).body.detail).toMatch(/it is epcis-2.0-json; agreed are epcis-1.2-xml/);
  await agree({ to: '2026-01-01' });
  expect((await drop(documentOf(EVENT, 41))).body.detail).toMatch(/not agreed with acme today/);
});

test('among 100,000 files a page of them is found by an index, whatever is looked for', async () => {
  await house.database.query(
    `INSERT INTO partner_files (partner, partner_name, direction, via, name, format, bytes, sha256, content, at, by, fate)
     SELECT CASE WHEN n % 10 = 0 THEN 'other' ELSE 'busy' END, 'Busy', 'in', 'https', 'file-' || n || '.xml', 'epcis-2.0-xml', 0,
       encode(sha256(int4send(n)), 'hex'), '', now(), 'erp', CASE WHEN n % 1000 = 1 THEN 'refused' ELSE 'taken' END
     FROM generate_series(1, 100000) AS n`,
  );
  await house.database.query('ANALYZE partner_files');
  const files = new PartnerFiles({
    database: explaining,
    ...{ audit: new PostgresAuditTrail({ database: house.database }), time: systemTime },
    quotas: new PartnerQuotas({ database: house.database, time: systemTime, meter: silentMeter }),
  });
  for (const asked of [
    {},
    { before: 50_000 },
    { fate: 'refused' as const },
    { text: 'ab12cd34' },
    { text: 'file-7' },
  ]) {
    plans.length = 0;
    await files.of('busy', { limit: 51, ...asked });
    expect([asked, plans.join('\n')]).toEqual([asked, expect.stringMatching(/Index Scan/)]);
    expect([asked, plans.join('\n')]).not.toEqual([asked, expect.stringMatching(/Seq Scan/)]);
    const ms = Number(/Execution Time: ([\d.]+)/.exec(plans.join('\n'))?.[1]);
    expect([asked, ms < 500]).toEqual([asked, true]);
  }
  await house.ask('admin', 'PUT', '/partners/busy', { name: 'Busy' });
  const { body } = await house.ask('logistics', 'GET', '/partners/busy/files?limit=10&text=file-7');
  expect((body as { items: PartnerFileView[] }).items[0]?.name).toBe('file-79999.xml');
});

/** Asks the database how it would answer, and keeps what it says. */
const plans: string[] = [];
const explaining = {
  query: async (text: string, values: unknown[]) => {
    const { rows } = await house.database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ANALYZE ${text}`, values);
    plans.push(...rows.map((row) => row['QUERY PLAN']));
    return { rows: [] };
  },
} as unknown as Database;

describe('a partner may not say', () => {
  const OURS = '0614141999996';
  const AT_US = { readPoint: { id: `https://id.gs1.org/414/${OURS}` } };
  const FROM_US = { sourceList: [{ type: 'owning_party', source: `https://id.gs1.org/417/${OURS}` }] };
  const ERROR = { errorDeclaration: { declarationTime: '2026-11-21T06:00:00Z', reason: 'did_not_occur' } };
  const own = { ...EVENT, eventID: 'urn:uuid:11111111-2222-4333-8444-555555555555', bizStep: 'receiving' };
  const known = async () =>
    Number((await house.database.query('SELECT count(*) AS n FROM epcis_events WHERE NOT is_declaration')).rows[0]?.n);

  beforeAll(async () => {
    await house.ask('admin', 'PUT', '/partners/acme', { name: 'Acme', glns: ['0614141000012'], sends: ['files'] });
    await house.ask('admin', 'PUT', '/organisation', { name: 'We', gln: OURS, zone: 'UTC' });
    await house.ask('admin', 'PUT', '/places/site:hub', { kind: 'site', name: 'Hub', zone: 'UTC' });
    expect([201, 202]).toContain(await house.capture({ ...own, readPoint: { id: 'site:hub' } }));
  });

  test('nothing, before ours is worked in', async () => {
    await expect.poll(known, { timeout: 60_000 }).toBeGreaterThan(0);
  });

  test.each<[string, object, RegExp]>([
    ['what happens at our address', AT_US, /is ours/],
    ['what happens at a place of ours, by its id', { bizLocation: { id: 'site:hub' } }, /site:hub is ours/],
    ['what happens inside our address', { readPoint: { id: 'urn:epc:id:sgln:0614141.99999.dock-1' } }, /is ours/],
    ['that we sold it something', FROM_US, /which is us/],
    ['that an event of ours is an error', { ...own, ...ERROR }, /did not state here/],
    [
      'that an event is an error which nobody has stated yet',
      { eventID: 'urn:uuid:9', ...ERROR },
      /did not state here/,
    ],
  ])('%s: the file is refused whole, and nothing of it is kept as said', async (_what, change, reason) => {
    const before = await known();
    const { status, body } = await drop(documentOf({ ...EVENT, ...change }, 40));
    expect([status, body.code]).toEqual([422, 'PARTNER_FILE_REFUSED']);
    expect(body.detail).toMatch(reason);
    expect(await known()).toBe(before);
  });

  test('but what we said ourselves, passed on to the letter, and that its own event is an error', async () => {
    const passedOn = { ...own, readPoint: { id: 'site:hub' } };
    expect((await drop(documentOf(passedOn))).body).toMatchObject({ fate: 'taken' });
    const mine = { ...EVENT, eventID: 'urn:uuid:acme-1' };
    const { body } = await drop(documentOf(mine, 41));
    expect(body).toMatchObject({ fate: 'taken' });
    await expect
      .poll(async () => (await drop(documentOf({ ...mine, ...ERROR }, 41))).status, { timeout: 30_000 })
      .toBe(200);
  });
});

test('a file that was refused is a draft of what its sender is told, in the words of the refusal', async () => {
  const { body } = await drop('ISA*00*          *00*          ~ draft', 'order.x12');
  const file = Number(/file (\d+) is kept/.exec(body.detail ?? '')?.[1]);
  const draftOf = async (which: number | string) =>
    house.ask('logistics', 'GET', `/partners/acme/files/${which}/exceptions/draft`);
  const { items } = (await draftOf(file)).body as { items: { text: string }[] };
  expect(items).toEqual([
    expect.objectContaining({
      kind: 'data errors',
      partner: 'acme',
      title: 'Refused: order.x12',
      finding: `file:${file}`,
    }),
  ]);
  expect(items[0]?.text).toMatch(/Nothing was taken of order\.x12, .*EDI/);
  expect(await house.ask('logistics', 'POST', '/exceptions', items[0])).toMatchObject({ status: 201 });
  const { body: taken } = await drop(documentOf(EVENT, 77));
  expect((await draftOf(taken.id)).body).toMatchObject({ items: [] });
  expect((await draftOf('x')).status).toBe(404);
});

describe('what has become of goods in our hands', () => {
  const HUB = { readPoint: { id: 'site:hub' }, bizLocation: { id: 'site:hub' } };
  const at = (clock: string) => ({ eventTime: `2026-11-21T${clock}:00Z` });
  const epc = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
  const statusOf = async (serial: number) => {
    const { rows } = await house.database.query('SELECT status FROM serials WHERE epc = $1', [epc(serial)]);
    return rows[0]?.status ?? null;
  };
  const cases = async () =>
    ((await house.ask('quality', 'GET', '/cases?limit=100')).body as { items: { id: string; title: string }[] }).items;
  const RECALLED = { ...EVENT, ...at('09:00'), bizStep: 'inspecting', disposition: 'recalled' };

  beforeAll(async () => {
    await house.ask('admin', 'PUT', '/places/site:hub', { kind: 'site', name: 'Hub', zone: 'UTC' });
    const received = { ...EVENT, ...at('08:00'), bizStep: 'receiving', ...HUB };
    const made = { ...EVENT, action: 'ADD', bizStep: 'commissioning', disposition: 'active' };
    const events = [60, 61, 62, 63, 64, 65].flatMap((n) =>
      [made, received].map((one) => ({ ...one, epcList: [epc(n)] })),
    );
    expect([201, 202]).toContain(await house.capture(...events));
  });

  test('nothing, before they are here', async () => {
    await expect.poll(() => Promise.all([62, 65].map(statusOf))).toEqual(['active', 'active']);
  });

  test('is a question where a partner says it: nothing is taken, a case asks once, and who grants it takes it as said', async () => {
    const { status, body } = await drop(documentOf(RECALLED, 60), 'recall.json');
    expect([status, body.fate]).toEqual([200, 'asked']);
    expect(body.reason).toMatch(/Acme says of one pack in our hands: recalled; nothing of the file is taken until/);
    const id = body.subject?.replace('case:', '');
    expect((await cases()).filter((one) => one.title.includes('in our hands'))).toMatchObject([{ id }]);
    expect((await drop(documentOf(RECALLED, 60))).body).toMatchObject({ fate: 'repeated', repeats: body.id });
    // A recall does not wait until somebody reads it: the pack is stopped, as suspect.
    await expect.poll(() => statusOf(60)).toBe('quarantined');
    const again = `/partners/acme/files/${body.id}/again`;
    expect((await house.ask('logistics', 'POST', again)).status).toBe(403);
    const granted = await house.ask('quality', 'POST', again);
    expect(granted).toMatchObject({ status: 200, body: { fate: 'taken', events: 1 } });
    await expect.poll(() => statusOf(60)).toBe('recalled');
    expect((await house.ask('quality', 'POST', again)).status).toBe(409);
    expect((await cases()).filter((one) => one.title.includes('in our hands'))).toHaveLength(1);
  });

  test('free again, which somebody stopped: asked, and nothing is stopped by that', async () => {
    const { body } = await drop(documentOf({ ...EVENT, ...at('09:30'), disposition: 'active' }, 61));
    expect(body.fate).toBe('asked');
    const id = body.subject?.replace('case:', '');
    expect((await house.ask('quality', 'GET', `/cases/${id}`)).body).toMatchObject({ kind: 'complaint' });
    expect(await statusOf(61)).toBe('active');
  });

  test.each<[string, object, number]>([
    ['destroyed', { disposition: 'destroyed' }, 61],
    ['taken out of circulation', { bizStep: 'decommissioning' }, 61],
    ['recalled, before it came to us', { ...at('01:00'), disposition: 'recalled' }, 61],
    ['stolen, until that is taken back', { persistentDisposition: { set: ['stolen'] } }, 61],
    ['deleted', { action: 'DELETE' }, 61],
  ])('%s: asked, and stopped until somebody has decided', async (_what, change, serial) => {
    const { body } = await drop(documentOf({ ...EVENT, ...at('09:30'), ...change }, serial));
    expect(body.fate).toBe('asked');
    const id = body.subject?.replace('case:', '');
    expect((await house.ask('quality', 'GET', `/cases/${id}`)).body).toMatchObject({ kind: 'suspect product' });
    await expect.poll(() => statusOf(serial)).toBe('quarantined');
  });

  test('a file that stops some packs and frees others stops those alone, and asks of the others in a case of their own', async () => {
    const freed = { ...EVENT, ...at('09:40'), disposition: 'active', epcList: [64, 65].map(epc) };
    const stopped = { ...EVENT, ...at('09:40'), disposition: 'recalled', epcList: [epc(63), epc(65)] };
    const document = JSON.parse(documentOf(EVENT)) as { epcisBody: { eventList: object[] } };
    document.epcisBody.eventList = [freed, stopped];
    const { body } = await drop(JSON.stringify(document), 'both.json');
    expect(body).toMatchObject({
      fate: 'asked',
      reason: expect.stringMatching(
        /says of 2 packs in our hands: active, recalled; of one pack in our hands: active;/,
      ),
    });
    const id = body.subject?.replace('case:', '');
    const found = async (case_: string | undefined) => (await house.ask('quality', 'GET', `/cases/${case_}`)).body;
    expect(await found(id)).toMatchObject({ kind: 'suspect product' });
    await expect.poll(() => Promise.all([63, 64, 65].map(statusOf))).toEqual(['quarantined', 'active', 'quarantined']);
    const other = (await cases()).filter(({ title }) => title === 'Acme says of one pack in our hands: active');
    expect(await found(other[0]?.id)).toMatchObject({ kind: 'complaint' });
    const before = (await cases()).length;
    await drop(JSON.stringify(document), 'both.json');
    expect(await cases()).toHaveLength(before);
  });

  test.each<[string, object, number]>([
    ['of goods that are not here', { ...RECALLED }, 70],
    ['how they were made, told late', { action: 'ADD', bizStep: 'commissioning', disposition: 'active' }, 62],
    ['where they were before, and nothing of them', { bizStep: 'loading' }, 62],
  ])('%s: taken', async (_what, change, serial) => {
    expect((await drop(documentOf({ ...EVENT, ...change }, serial))).body).toMatchObject({ fate: 'taken' });
  });
});
