import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEntryView, DeviceView, Problem, ShipmentCheckView, ShipmentDetail } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const iso = (at: number) => new Date(at).toISOString();
const sscc = (serial: number) => `urn:epc:id:sscc:0614141.1${String(serial).padStart(9, '0')}`;
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
  for (const id of ['logger-1', 'logger-2']) await house.ask('operations', 'POST', '/devices', { id });
});
afterAll(() => house.stop());

function notice(id: string, serials: readonly number[], changes: object = {}) {
  const [first = 1] = serials;
  const units = [{ sscc: sscc(first), devices: [], children: serials.map(sgtin), from: iso(NOW - HOUR) }];
  const journey = { departs: iso(NOW), arrives: iso(NOW + HOUR), origin: 'site:berlin', destination: 'site:lyon' };
  return { id, profile: '2-8C', ...journey, products: [], units, ...changes };
}

async function announced(id: string, serials: readonly number[], changes: object = {}): Promise<ShipmentDetail> {
  const { status, body } = await house.ask('logistics', 'POST', '/shipments', notice(id, serials, changes));
  expect([status, body]).toMatchObject([201, { id }]);
  return body as ShipmentDetail;
}

async function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const isCsv = typeof body === 'string';
  const response = await fetch(`${house.url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await house.token('logistics')}`,
      'content-type': isCsv ? 'text/csv' : 'application/json',
      ...headers,
    },
    body: isCsv ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const trail = async (subject: string) =>
  ((await house.ask('quality', 'GET', `/audit?subject=${subject}`)).body as { items: AuditEntryView[] }).items;

describe('a notice is looked at before it is sent', () => {
  test('as it would be, with nothing kept', async () => {
    const { status, body } = await post('/shipments/check', notice('SHP-LOOK', [101, 102]));
    expect([status, body]).toMatchObject([
      200,
      { notice: { id: 'SHP-LOOK', serialCount: 2, units: [{ epc: sscc(101) }] }, faults: [], exists: 'no' },
    ]);
    expect((await house.ask('dock', 'GET', '/shipments/SHP-LOOK')).status).toBe(404);
  });

  test('with every fault of it by line and column, not the first alone', async () => {
    const head = 'shipment;profile;origin;destination;departs;arrives;EPC;Parent;expiry';
    const first = `SHP-LOOK;2-8C;site:berlin;site:lyon;${iso(NOW)};${iso(NOW + HOUR)};${sscc(1)};;`;
    const rows = Array.from({ length: 30 }, (_, n) => `;;;;;;${sgtin(n + 1)};${sscc(1)};30.06.2027`);
    const { body } = await post('/shipments/check', [`\uFEFF${head}`, first, ...rows].join('\r\n'));
    const { faults, faultCount, notice: made } = body as ShipmentCheckView;
    expect([faultCount, made]).toEqual([30, null]);
    expect(faults.at(-1)).toEqual({
      path: 'line 32, expiry',
      given: '"30.06.2027"',
      allowed: 'a calendar date, such as 2027-06-30',
    });
  });

  test('a file that is no table says so where it stands', async () => {
    const { status, body } = await post('/shipments/check', 'these are just some words');
    expect([status, (body as ShipmentCheckView).faultCount]).toEqual([200, 1]);
  });

  test('a code that a spreadsheet has shortened is told as that', async () => {
    const given = notice('SHP-LOOK', [1]);
    const units = [{ ...given.units[0], children: ['8.06141E+13'] }];
    const { body } = await post('/shipments/check', { ...given, units });
    expect((body as ShipmentCheckView).faults).toMatchObject([
      { path: 'units[0].children[0]', allowed: expect.stringContaining('spreadsheet') },
    ]);
  });
});

describe('codes of packs, which do not say where the company prefix ends', () => {
  const PACKS = ['(01)80614141123458(21)301', '010806141411234582110302\u001d10A17'];
  const given = (id: string, children: readonly string[]) => ({
    ...notice(id, []),
    units: [{ sscc: '(00)106141410000003010', devices: [], children, from: iso(NOW - HOUR) }],
  });

  test('are refused while nobody says it, and taken with the prefix said', async () => {
    const unknown = given('SHP-PACKS', ['(01)09521234543213(21)1']);
    const refused = await post('/shipments/check', unknown);
    expect((refused.body as ShipmentCheckView).faults.map(({ path }) => path)).toContain('units[0].children[0]');
    const { body } = await post('/shipments/check?companyPrefix=952123,0614141', unknown);
    expect(body).toMatchObject({ faultCount: 0, notice: { serialCount: 1 } });
  });

  test('are taken without a word where other serials of the product are known', async () => {
    await announced('SHP-KNOWN', [399]);
    const { status, body } = await post('/shipments', given('SHP-PACKS', PACKS.slice(0, 1)));
    expect([status, body]).toMatchObject([201, { serialCount: 1, units: [{ epc: sscc(301) }] }]);
  });
});

describe('made by a form', () => {
  const NEW = { 'if-none-match': '*' };

  test('twice is once: a double click, a request sent again', async () => {
    const asked = await Promise.all([1, 2, 3].map(() => post('/shipments', notice('SHP-TWICE', [401]), NEW)));
    expect(asked.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(asked.map(({ body }) => (body as ShipmentDetail).revision)).size).toBe(1);
  });

  test('an id that is taken by another shipment is refused, and that one stays as it is', async () => {
    await announced('SHP-TAKEN', [411]);
    const answer = await post('/shipments', notice('SHP-TAKEN', [412]), NEW);
    expect(answer).toMatchObject({ status: 409, body: { code: 'SHIPMENT_EXISTS' } });
    expect((await house.ask('dock', 'GET', '/shipments/SHP-TAKEN')).body).toMatchObject({
      units: [{ epc: sscc(411) }],
    });
  });
});

describe('a correction', () => {
  test('changes what it names, keeps the rest, and stands in the trail with before, after and why', async () => {
    const { revision } = await announced('SHP-FIX', [501, 502, 503], {
      products: [{ gtin: '80614141123458', name: 'Examplumab', lot: 'A17', expiry: '2027-06-30' }],
    });
    const wish = { revision, reason: 'the carrier takes another route', destination: 'site:lisbon', profile: '15-25C' };
    const { status, body } = await post('/shipments/SHP-FIX/corrections', {
      ...wish,
      remove: [sgtin(503)],
      add: [
        { sscc: sscc(501), children: [sgtin(504)] },
        { sscc: sscc(599), children: [{ epc: sgtin(505), lot: 'A18' }] },
      ],
    });
    expect([status, body]).toMatchObject([
      200,
      { profile: { id: '15-25C' }, destination: { id: 'site:lisbon' }, serialCount: 4, products: [{ lot: 'A17' }] },
    ]);
    expect((body as ShipmentDetail).revision).toBeGreaterThan(revision);
    expect(await trail('shipment:SHP-FIX')).toMatchObject([
      {
        ...{ action: 'shipment.correct', reason: 'the carrier takes another route' },
        old: { profile: '2-8C', destination: 'site:lyon', listed: { epcs: [sgtin(503)] } },
        new: { profile: '15-25C', destination: 'site:lisbon', listed: { count: 3 } },
      },
      { action: 'shipment.announce' },
    ]);
  });

  test('of what somebody else changed meanwhile is refused, and changes nothing', async () => {
    const { revision } = await announced('SHP-RACE', [511]);
    const wish = (profile: string) => ({ revision, reason: 'the label says so', profile });
    const answers = await Promise.all(
      ['15-25C', 'frozen', 'CRT'].map((profile) => post('/shipments/SHP-RACE/corrections', wish(profile))),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'SHIPMENT_CHANGED',
      current: { revision: expect.any(Number) },
    });
  });

  test('that changes nothing leaves no entry', async () => {
    const { revision } = await announced('SHP-SAME', [521]);
    const { body } = await post('/shipments/SHP-SAME/corrections', { revision, reason: 'no reason', profile: '2-8C' });
    expect(body).toMatchObject({ revision, warnings: [expect.stringContaining('nothing')] });
  });

  test('names what is wrong and takes nothing of it', async () => {
    const { revision } = await announced('SHP-BADFIX', [531]);
    const bad = { revision, reason: 'wrong box', arrives: iso(NOW - HOUR), profile: '2-8C' };
    const refused = await post('/shipments/SHP-BADFIX/corrections', bad);
    expect([refused.status, (refused.body as Problem).errors?.map(({ path }) => path)]).toEqual([400, ['arrives']]);
    const gone = await post('/shipments/SHP-BADFIX/corrections', { revision, reason: 'wrong box', remove: [sgtin(1)] });
    expect(gone).toMatchObject({ status: 422, body: { code: 'NOT_LISTED' } });
    const silent = await post('/shipments/SHP-BADFIX/corrections', { revision, reason: ' ', profile: 'CRT' });
    expect(silent.status).toBe(400);
    expect((await post('/shipments/SHP-NONE/corrections', { revision, reason: 'wrong box' })).status).toBe(404);
  });
});

describe('a cancelled shipment', () => {
  test('stays on record with who cancelled it and why, is listed behind the others, and can be reinstated', async () => {
    const { revision } = await announced('SHP-OFF', [601]);
    const wish = { revision, reason: 'the customer cancelled the order' };
    const { body } = await post('/shipments/SHP-OFF/cancel', wish);
    expect(body).toMatchObject({
      ...{ state: 'cancelled', serialCount: 1, closedAt: expect.any(String) },
      cancelled: { by: 'test-logistics', reason: wish.reason },
    });
    const listed = async (query: string) =>
      ((await house.ask('dock', 'GET', `/shipments?${query}`)).body as { items: ShipmentDetail[] }).items.map(
        ({ id }) => id,
      );
    expect(await listed('show=open&limit=100')).not.toContain('SHP-OFF');
    expect(await listed('show=all&limit=100')).toContain('SHP-OFF');
    expect(await listed('state=cancelled')).toEqual(['SHP-OFF']);
    const twice = await post('/shipments/SHP-OFF/cancel', { ...wish, revision: (body as ShipmentDetail).revision });
    expect(twice).toMatchObject({ status: 409, body: { code: 'SHIPMENT_STATE_CONFLICT' } });
    const again = await post('/shipments', notice('SHP-OFF', [601, 602]));
    expect(again.body).toMatchObject({
      state: 'cancelled',
      warnings: expect.arrayContaining([expect.stringContaining('reinstate')]),
    });
    const back = { revision: (again.body as ShipmentDetail).revision, reason: 'they want it after all' };
    expect((await post('/shipments/SHP-OFF/reinstate', back)).body).toMatchObject({
      ...{ cancelled: null, closedAt: null, serialCount: 2 },
      state: expect.not.stringContaining('cancelled'),
    });
    expect((await trail('shipment:SHP-OFF')).map(({ action, reason }) => [action, reason])).toEqual([
      ['shipment.reinstate', 'they want it after all'],
      ['shipment.announce', null],
      ['shipment.cancel', 'the customer cancelled the order'],
      ['shipment.announce', null],
    ]);
  });

  test('is not what a closed one is: that is not cancelled any more', async () => {
    await announced('SHP-DONE', [611]);
    const closed = (await house.ask('quality', 'POST', '/shipments/SHP-DONE/close')).body as ShipmentDetail;
    const answer = await post('/shipments/SHP-DONE/cancel', { revision: closed.revision, reason: 'by mistake' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'SHIPMENT_STATE_CONFLICT' } });
  });
});

describe('a logger', () => {
  const attach = (id: string, body: object) => house.ask('dock', 'POST', `/shipments/${id}/attachments`, body);

  test('is put on a unit and taken off with time and reason', async () => {
    await announced('SHP-LOG', [701]);
    const on = { device: 'logger-1', unit: '(00)106141410000007018', from: iso(NOW), reason: 'packed with it' };
    expect(await attach('SHP-LOG', on)).toMatchObject({ status: 200, body: { units: [{ devices: ['logger-1'] }] } });
    const { body } = await house.ask('dock', 'GET', '/devices/logger-1');
    expect((body as DeviceView).attachment).toEqual({ subject: sscc(701), from: iso(NOW), shipment: 'SHP-LOG' });
    const off = { device: 'logger-1', unit: null, reason: 'arrived' };
    expect(await attach('SHP-LOG', off)).toMatchObject({ status: 200, body: { units: [{ devices: [] }] } });
    expect(await attach('SHP-LOG', off)).toMatchObject({ status: 409, body: { code: 'DEVICE_NOT_ATTACHED' } });
    expect(await trail('device:logger-1')).toMatchObject([
      { action: 'device.attach', reason: 'arrived', new: { to: null, shipment: 'SHP-LOG' } },
      { action: 'device.attach', reason: 'packed with it', new: { to: sscc(701) } },
      { action: 'device.register' },
    ]);
  });

  test('that goes with another shipment is moved, and that is said', async () => {
    await announced('SHP-A', [711]);
    await announced('SHP-B', [712]);
    await attach('SHP-A', { device: 'logger-2', unit: sscc(711), from: iso(NOW - HOUR), reason: 'packed with it' });
    const { body } = await attach('SHP-B', { device: 'logger-2', unit: sscc(712), reason: 'moved over' });
    expect(body).toMatchObject({ units: [{ devices: ['logger-2'] }], warnings: ['logger-2 was on SHP-A until then'] });
  });

  test('that nobody knows, a unit of another shipment and a time to come are refused with what is allowed', async () => {
    const on = { device: 'logger-1', unit: sscc(711), reason: 'packed with it' };
    expect(await attach('SHP-A', { ...on, device: 'loger-1' })).toMatchObject({
      status: 404,
      body: { code: 'DEVICE_UNKNOWN', detail: expect.stringContaining('loger-1') },
    });
    expect(await attach('SHP-A', { ...on, unit: sscc(712) })).toMatchObject({
      status: 404,
      body: { code: 'UNIT_UNKNOWN' },
    });
    const ahead = await attach('SHP-A', { ...on, from: iso(NOW + 48 * HOUR) });
    expect(ahead).toMatchObject({ status: 422, body: { code: 'ATTACHMENT_AHEAD' } });
    expect((await house.ask('quality', 'POST', '/shipments/SHP-A/attachments', on)).status).toBe(403);
  });
});
