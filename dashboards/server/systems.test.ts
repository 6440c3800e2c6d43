import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messagesIn, readX12 } from '../../codecs/edi/index.ts';
import { systemTime } from '../../domain/index.ts';
import { systemsTurnedAway } from '../../partners/index.ts';
import type { DryRunView, Problem, SystemDocumentView, SystemFileView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const EXAMPLES = join(import.meta.dirname, '../../docs/examples/erp');
const example = (path: string) => Buffer.from(readFileSync(join(EXAMPLES, path)));
const house = await Installation.start();
afterAll(() => house.stop());

let token = '';
beforeAll(async () => {
  const made = await house.ask('admin', 'POST', '/tokens', { name: 'erp', role: 'logistics' });
  token = (made.body as { token: string }).token;
  for (const name of readdirSync(EXAMPLES)) {
    const put = await house.ask('admin', 'PUT', `/erp/systems/${name}`, {
      mapping: example(`${name}/system.yaml`).toString(),
    });
    expect(put.status, JSON.stringify(put.body)).toBe(200);
  }
});

async function bring(system: string, content: string | Uint8Array<ArrayBuffer>, name = 'a.dat') {
  const response = await fetch(`${house.url}/api/v1/erp/systems/${system}/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: content,
  });
  return { status: response.status, body: (await response.json()) as SystemFileView & Problem };
}

async function documentsOf(system: string) {
  const { body } = await house.ask('logistics', 'GET', `/erp/systems/${system}/documents?limit=100`);
  return (body as { items: SystemDocumentView[] }).items;
}

async function dryRun(system: string, content: string, mapping: string | null = null) {
  const { status, body } = await house.ask('logistics', 'POST', `/erp/systems/${system}/dry-run`, { content, mapping });
  expect(status, JSON.stringify(body)).toBe(200);
  return body as DryRunView;
}

describe('the examples of docs/examples/erp, as they stand there', () => {
  test.each([
    ['sap-s4', 'material.xml', 'product 09501101530003', 'product:09501101530003', 0],
    ['sap-s4', 'delivery.xml', 'delivery 80004711', 'shipment:80004711', 5],
    ['sap-s4', 'delivery.idoc', 'delivery 80004712', 'shipment:80004712', 2],
    ['business-central', 'items.json', 'product 09501101530010', 'product:09501101530010', 0],
    ['business-central', 'purchase-order.json', 'order PO-106017', null, 270],
    ['business-central', 'shipment.csv', 'delivery TS-1007', 'shipment:TS-1007', 2],
    ['odoo', 'picking.json', 'delivery WH/OUT/00071', 'shipment:WH/OUT/00071', 0],
    ['odoo', 'stock.csv', 'stock WH/Stock', null, 52],
    ['edi', 'despatch.x12', 'delivery ASN-5501', 'shipment:ASN-5501', 78],
    ['edi', 'despatch.edi', 'delivery DA-7701', 'shipment:DA-7701', 2],
  ])('%s: %s becomes %s', async (system, name, document, subject, quantity) => {
    const content = example(`${system}/${name}`);
    const tried = await dryRun(system, content.toString('latin1'));
    expect(tried.fault).toBeNull();
    expect(tried.documents.map(({ kind, number, becomes }) => `${becomes} ${kind} ${number}`)).toEqual([
      `new ${document}`,
    ]);
    const taken = await bring(system, content, name);
    expect(taken.body).toMatchObject({ fate: 'taken', reason: null, name });
    const [kept] = await documentsOf(system);
    expect([`${kept?.kind} ${kept?.number}`, kept?.subject, kept?.quantity]).toEqual([document, subject, quantity]);
    expect((await bring(system, content, 'again')).body).toMatchObject({ fate: 'repeated', repeats: taken.body.id });
    if (subject?.startsWith('shipment:') === true) {
      const id = encodeURIComponent(subject.slice('shipment:'.length));
      expect((await house.ask('logistics', 'GET', `/shipments/${id}`)).status).toBe(200);
    }
  });

  test('a delivery of SAP has its units, serials, lots and times', async () => {
    const { body } = await house.ask('logistics', 'GET', '/shipments/80004711');
    expect(body).toMatchObject({
      profile: { id: '2-8C' },
      origin: { id: 'site:berlin' },
      destination: { id: 'site:lyon' },
      departs: '2026-11-29T07:00:00.000Z',
      arrives: '2026-11-30T13:00:00.000Z',
      serialCount: 5,
      units: [
        { epc: 'urn:epc:id:sscc:9501101.0000001001', serialCount: 3 },
        { epc: 'urn:epc:id:sscc:9501101.0000001002', serialCount: 2 },
      ],
    });
    const serial = await house.ask(
      'logistics',
      'GET',
      `/serials/${encodeURIComponent('urn:epc:id:sgtin:9501101.053000.S1001')}`,
    );
    expect(serial.body).toMatchObject({ lot: 'A17', expiry: '2028-06-30' });
  });

  test('what came as EDI is acknowledged', async () => {
    const { body } = await house.ask('logistics', 'GET', '/erp/systems/edi/files?limit=100');
    const { items } = body as { items: SystemFileView[] };
    const [x12, edifact] = [items.find(({ form }) => form === 'x12'), items.find(({ form }) => form === 'edifact')];
    expect(messagesIn(readX12(x12?.acknowledgement ?? ''))).toMatchObject([{ type: '997', AK5: [{ AK501: 'A' }] }]);
    expect(edifact?.acknowledgement).toMatch(/CONTRL[\s\S]*UCI\+R7701\+9501101531000:14\+9501101532007:14\+7'/);
  });
});

const ORDERS = `name: Orders
in:
  - id: order
    form: json
    makes: "$"
`;
const order = (given: object) => JSON.stringify({ kind: 'order', number: 'O-1', lines: [], ...given });
const line = { gtin: '09501101530003', quantity: 3 };

describe('a document of one number', () => {
  beforeAll(async () => {
    await house.ask('admin', 'PUT', '/erp/systems/orders', { mapping: ORDERS });
  });
  const current = async (number: string) => (await documentsOf('orders')).find((one) => one.number === number);

  test('an older revision never stands over a newer one, and the same says nothing new', async () => {
    const said = (revision: number, quantity: number) => order({ revision, lines: [{ ...line, quantity }] });
    expect((await bring('orders', said(2, 20))).body.fate).toBe('taken');
    expect((await bring('orders', said(1, 10))).body).toMatchObject({
      fate: 'older',
      reason: expect.stringContaining('later revision'),
    });
    expect(await current('O-1')).toMatchObject({ rank: 2, quantity: 20 });
    expect((await bring('orders', `${said(2, 20)} `)).body.fate).toBe('unchanged');
    expect((await bring('orders', said(2, 21))).body.detail).toContain('revision 2 once more with other content');
    expect((await bring('orders', order({ lines: [line] }))).body.detail).toContain('no revision given');
    expect((await bring('orders', said(3, 30))).body.fate).toBe('taken');
    expect(await current('O-1')).toMatchObject({ rank: 3, quantity: 30, revisions: 3 });
  });

  test('without revisions what comes later counts; the same bytes again do not come later', async () => {
    const [first, second] = [order({ number: 'O-2', lines: [line] }), order({ number: 'O-2', lines: [line, line] })];
    expect((await bring('orders', first)).body.fate).toBe('taken');
    expect((await bring('orders', second)).body.fate).toBe('taken');
    expect((await bring('orders', first)).body.fate).toBe('repeated');
    expect(await current('O-2')).toMatchObject({ quantity: 6, revisions: 2 });
  });

  test('two files at once: one of them is first', async () => {
    const files = Array.from({ length: 6 }, (_, index) => order({ number: 'O-3', revision: index, lines: [line] }));
    const fates = await Promise.all(files.map(async (file) => (await bring('orders', file)).body.fate));
    expect(fates.every((fate) => fate === 'taken' || fate === 'older')).toBe(true);
    expect(await current('O-3')).toMatchObject({ rank: 5, revisions: 6 });
  });

  test.each([
    [
      'a check digit that is wrong',
      { lines: [{ ...line, gtin: '09501101530004' }] },
      'lines[0].gtin: "09501101530004" given',
    ],
    ['a number that a spreadsheet rounded', { lines: [{ ...line, gtin: '9.5011E+12' }] }, 'lines[0].gtin'],
    ['cases without how many packs they are', { lines: [{ ...line, unit: 'CA' }] }, 'lines[0].each'],
    ['half a pack', { lines: [{ ...line, quantity: '2.5' }] }, 'lines[0].quantity'],
    ['less than nothing', { lines: [{ ...line, quantity: -1 }] }, 'lines[0].quantity'],
    ['an SSCC whose check digit is wrong', { lines: [{ ...line, sscc: '095011010000010018' }] }, 'lines[0].sscc'],
    ['a time without a zone', { changed: '2026-11-29T12:00:00' }, 'changed'],
    ['no number', { number: '' }, 'number'],
    ['a kind that is none', { kind: 'invoice' }, 'delivery, order, product, stock'],
    ['a word that nobody knows', { colour: 'red' }, 'no colour'],
    ['a place that is none', { place: 'Berlin' }, 'site:lyon'],
  ])('%s is refused whole, with where', async (_name, given, message) => {
    const file = `[${order({ number: 'O-8' })}, ${order({ number: 'O-9', ...given })}]`;
    const { status, body } = await bring('orders', file);
    expect([status, body.code]).toEqual([422, 'SYSTEM_FILE_REFUSED']);
    expect(body.detail).toContain(message);
    expect(body.detail).toContain('document 2');
    expect(await current('O-8')).toBeUndefined();
    expect((await dryRun('orders', file)).fault).toContain(message);
  });

  test('cases are counted in packs', async () => {
    await bring('orders', order({ number: 'O-4', lines: [{ ...line, unit: 'CA', each: 12 }] }));
    expect(await current('O-4')).toMatchObject({ quantity: 36 });
  });

  test('one number twice in a file is refused', async () => {
    expect((await bring('orders', `[${order({ number: 'O-5' })}, ${order({ number: 'O-5' })}]`)).body.detail).toContain(
      'given twice',
    );
  });
});

describe('the quota of a day', () => {
  const put = (quota: string) =>
    house.ask('admin', 'PUT', '/erp/systems/busy', { mapping: `${ORDERS}${quota}`.replace('Orders', 'Busy') });
  const today = async () => {
    const { body } = await house.ask('logistics', 'GET', '/erp/systems/busy');
    return (body as { today: object }).today;
  };

  test('what is more is turned away with when to come again, and nothing of it is kept', async () => {
    expect((await put('quota: { filesPerDay: 2, bytesPerDay: 400 }\n')).status).toBe(200);
    const bringOne = (number: string) => bring('busy', order({ number }));
    expect((await bringOne('B-1')).body.fate).toBe('taken');
    expect((await bringOne('B-1')).body.fate).toBe('repeated');
    const third = await bringOne('B-2');
    expect([third.status, third.body.code]).toEqual([429, 'SYSTEM_QUOTA']);
    expect(third.body.retryAfterSeconds).toBeGreaterThan(0);
    const large = await bring('busy', ' '.repeat(401));
    expect([large.status, large.body.code]).toEqual([413, 'SYSTEM_FILE_TOO_LARGE']);
    expect(await today()).toEqual({ files: 2, bytes: 2 * order({ number: 'B-1' }).length, turnedAway: 2 });
    expect((await documentsOf('busy')).map(({ number }) => number)).toEqual(['B-1']);
    // What operations are told of it (app/quota-concern.ts).
    const lately = { since: systemTime.now() - 60_000, most: 10 };
    expect(await systemsTurnedAway(house.database, lately)).toEqual([{ whose: 'busy', count: 2 }]);
    expect(await systemsTurnedAway(house.database, { ...lately, since: systemTime.now() + 60_000 })).toEqual([]);
    await put('quota: { filesPerDay: 3 }\n');
    expect((await bringOne('B-2')).body.fate).toBe('taken');
  });

  test('what is no quota is refused with its line', async () => {
    const { status, body } = await put('quota: { filesPerDay: 0 }\n');
    expect([status, (body as Problem).detail]).toEqual([
      422,
      expect.stringMatching(/:6: quota\.filesPerDay: .*1000000/),
    ]);
  });
});

describe('a mapping file', () => {
  const put = async (mapping: string, more: object = {}) => {
    const { status, body } = await house.ask('admin', 'PUT', '/erp/systems/tried', { mapping, ...more });
    return { status, detail: (body as Problem).detail, body: body as { secret: string | null } };
  };

  test.each([
    ['an expression that is none', 'name: a\nin:\n  - id: x\n    makes: "{"\n', 'tried:4: in[0].makes'],
    ['a form that is none', 'name: a\nin:\n  - id: x\n    form: excel\n    makes: "1"\n', 'tried:4: in[0].form'],
    ['a key that nobody knows', 'name: a\ncolour: red\n', 'tried:2: colour: unknown key'],
    ['an id twice', 'name: a\nin:\n  - {id: x, makes: "1"}\n  - {id: x, makes: "1"}\n', 'each id once'],
    ['something to tell and nowhere to', 'name: a\nout:\n  - {id: x, tells: receipts}\n', 'webhook'],
    ['no YAML', 'name: [', 'not YAML'],
  ])('%s is refused with its line', async (_name, text, message) => {
    const { status, detail } = await put(text);
    expect([status, detail]).toEqual([422, expect.stringContaining(message)]);
  });

  test('an address inside is not reached', async () => {
    expect((await put('name: a\nwebhook: http://169.254.169.254/x\n')).detail).toContain('not a public address');
  });

  test('the secret goes when the address does, and is never shown', async () => {
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const first = await put('name: a\nwebhook: https://erp.example/a\n', { secret });
    expect(first.body.secret).toMatch(/^[0-9a-f]{8}$/);
    expect(JSON.stringify(first.body)).not.toContain(secret.slice(6));
    expect((await put('name: b\nwebhook: https://erp.example/a\n')).body.secret).toBe(first.body.secret);
    expect((await put('name: b\nwebhook: https://elsewhere.example/a\n')).body.secret).toBeNull();
  });

  test.each([
    ['one that never ends', '($f := function($x) { $f($x + 1) }; $f(0))', 'took longer than 5000 ms'],
    ['one that fills the memory', '($f := function($x) { $f($append($x, $x)) }; $f([1..1000]))', 'mapping x'],
    ['one that gives nothing', '[]', 'made no document'],
    ['one that calls what is not there', '$fetch("http://127.0.0.1/")', 'mapping x'],
  ])(
    '%s costs its own file',
    async (_name, makes, message) => {
      const tried = await dryRun('orders', '{}', `name: a\nin:\n  - id: x\n    makes: '${makes}'\n`);
      expect(tried.fault).toContain(message);
      expect((await dryRun('orders', order({ number: 'O-77' }))).fault).toBeNull();
    },
    60_000,
  );

  test('dates of ERP get the zone that they leave out', async () => {
    const made = async (expression: string) => {
      const mapping = `name: a\nin:\n  - id: x\n    makes: '{ "kind": "order", "number": "1", "lines": [], "changed": ${expression} }'\n`;
      const { fault, documents } = await dryRun('orders', '{}', mapping);
      const [document] = documents;
      return fault ?? (document?.made as { readonly changed?: string } | undefined)?.changed;
    };
    expect(await made('$instant("20261129", "0830", "Europe/Berlin")')).toBe('2026-11-29T07:30:00.000Z');
    expect(await made('$instant("2026-07-01", "083000", "America/New_York")')).toBe('2026-07-01T12:30:00.000Z');
    expect(await made('$instant("20261025", "0230", "Europe/Berlin")')).toBe('2026-10-25T00:30:00.000Z');
    expect(await made('$instant("20260329", "0230", "Europe/Berlin")')).toContain('they skip this one');
    expect(await made('$instant("20261129", "0830", "")')).toContain('a zone with it');
    expect(await made('$instant("20261131", "0830", "UTC")')).toContain('a day and a time that there are');
    expect(await made('$instant("29.11.2026", "0830", "UTC")')).toContain('YYYYMMDD');
  });
});

describe('interchanges', () => {
  const asn = (from: string, to: string) => example('edi/despatch.x12').toString().replaceAll(from, to);

  test('a control number that came with other content is refused, until a person has it tried again', async () => {
    const { status, body } = await bring('edi', asn('ASN-5501', 'ASN-5502'));
    expect([status, body.detail]).toEqual([
      422,
      expect.stringContaining('control number x12 14:9501101531000 000000905 came with other content'),
    ]);
    const { body: list } = await house.ask('logistics', 'GET', '/erp/systems/edi/files?limit=1');
    const file = (list as { items: SystemFileView[] }).items.at(0);
    expect(messagesIn(readX12(file?.acknowledgement ?? ''))).toMatchObject([{ AK5: [{ AK501: 'R' }] }]);
  });

  test('a unit without its SSCC is refused, with where it stands', async () => {
    const without = asn('000000905', '000000906')
      .replaceAll('ASN-5501', 'ASN-5503')
      .replace('MAN*GM*00095011010000010062~', 'MAN*ZZ*1~');
    expect((await bring('edi', without)).body.detail).toMatch(/delivery ASN-5503: .*units\[0\]\.sscc/);
  });

  test('a despatch advice is not taken from another who announced the shipment', async () => {
    await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: 'ASN-9', profile: '2-8C', origin: 'site:newark', destination: 'site:memphis', units: [] },
      ...{ departs: '2026-11-29T08:00:00Z', arrives: '2026-11-30T08:00:00Z' },
    });
    const other = asn('ASN-5501', 'ASN-9').replaceAll('000000905', '000000907');
    expect((await bring('edi', other)).body.detail).toContain('is not of edi');
  });

  test('a file of no mapping says what it is', async () => {
    const invoice = asn('ST*856', 'ST*810').replaceAll('000000905', '000000908');
    expect((await bring('edi', invoice)).body.detail).toContain(
      'x12 810 given; allowed: what a mapping of edi reads (asn-856, desadv)',
    );
  });

  test('a refused file is tried again once its mapping is right', async () => {
    await house.ask('admin', 'PUT', '/erp/systems/late', { mapping: 'name: Late\n' });
    const refused = await bring('late', order({ number: 'L-1' }));
    expect(refused.body.detail).toContain('which has none');
    const { body } = await house.ask('logistics', 'GET', '/erp/systems/late/files');
    const [file] = (body as { items: SystemFileView[] }).items;
    await house.ask('admin', 'PUT', '/erp/systems/late', { mapping: ORDERS });
    const again = await house.ask('logistics', 'POST', `/erp/systems/late/files/${file?.id}/again`);
    expect(again.body).toMatchObject({ fate: 'taken', mappingRevision: 2 });
    expect((await house.ask('logistics', 'POST', `/erp/systems/late/files/${file?.id}/again`)).status).toBe(409);
    expect(
      await (
        await fetch(`${house.url}/api/v1/erp/systems/late/files/${file?.id}`, {
          headers: { authorization: `Bearer ${token}` },
        })
      ).text(),
    ).toBe(order({ number: 'L-1' }));
  });
});

test('stock stands beside what a system states, as JSON and as CSV', async () => {
  const { status, body } = await house.ask('logistics', 'GET', '/erp/stock?site=site:madrid');
  expect([status, body]).toMatchObject([
    200,
    { items: expect.arrayContaining([expect.objectContaining({ gtin: '09501101530003', packs: 0, stated: 40 })]) },
  ]);
  const csv = await fetch(`${house.url}/api/v1/erp/stock?site=site:madrid&as=csv`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(await csv.text()).toContain('site:madrid,09501101530010,,,,0,12\r\n');
  expect((await house.ask('logistics', 'GET', '/erp/stock?site=madrid')).status).toBe(422);
});
