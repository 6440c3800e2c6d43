import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeviceImport, SerialView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const iso = (at: number) => new Date(at).toISOString();
const SSCC = 'urn:epc:id:sscc:0614141.1234567890';
const SERIAL = 'urn:epc:id:sgtin:0614141.812345.1';

let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
});
afterAll(() => house.stop());

const register = (id: string, more: object = {}) => house.ask('operations', 'POST', '/devices', { id, ...more });

describe('a logger that fails on the way', () => {
  const swap = (id: string, body: object) => house.ask('dock', 'POST', `/devices/${id}/swap`, body);

  beforeAll(async () => {
    for (const id of ['old', 'new', 'spare']) await register(id);
    const units = [{ sscc: SSCC, devices: ['old'], children: [SERIAL], from: iso(NOW - 3 * HOUR) }];
    const journey = { departs: iso(NOW - 3 * HOUR), arrives: iso(NOW + HOUR), profile: '2-8C' };
    const ends = { origin: 'site:berlin', destination: 'site:lyon' };
    await house.ask('logistics', 'POST', '/shipments', { id: 'SHP-1', ...journey, ...ends, products: [], units });
    const every = (from: number, to: number, value: number) =>
      Array.from({ length: (to - from) / (5 * MINUTE) }, (_, i) => [from + i * 5 * MINUTE, value] as const);
    await house.measure('old', every(NOW - 3 * HOUR, NOW, 5));
    await house.measure('new', every(NOW - 3 * HOUR, NOW, 6));
  });

  test('gives its place to another in one action, and the exposure of its goods has both legs', async () => {
    const wish = { by: 'new', from: iso(NOW - HOUR), reason: 'its display is dark' };
    expect(await swap('old', wish)).toMatchObject({
      status: 200,
      body: { by: { id: 'new', attachment: { subject: SSCC, from: wish.from, shipment: 'SHP-1' } }, warnings: [] },
    });
    expect((await house.ask('dock', 'GET', '/devices/old')).body).toMatchObject({ attachment: null });
    expect((await house.ask('dock', 'GET', '/shipments/SHP-1')).body).toMatchObject({ units: [{ devices: ['new'] }] });
    const { exposures } = (await house.ask('quality', 'GET', `/serials/${encodeURIComponent(SERIAL)}`))
      .body as SerialView;
    expect(exposures.filter(({ devices }) => devices.length > 0)).toMatchObject([
      { devices: ['old'], from: iso(NOW - 3 * HOUR), to: wish.from, min: 5, max: 5 },
      { devices: ['new'], from: wish.from, to: null, min: 6, max: 6 },
    ]);
    const { items } = (await house.ask('admin', 'GET', '/audit?action=device.attach&limit=2')).body as {
      items: object[];
    };
    expect(items).toMatchObject([
      { subject: 'device:new', new: { to: SSCC, shipment: 'SHP-1' }, reason: wish.reason },
      { subject: 'device:old', new: { to: null, shipment: 'SHP-1' }, reason: wish.reason },
    ]);
  });

  test.each([
    ['spare', { by: 'new', reason: 'x' }, 409, 'DEVICE_NOT_ATTACHED'],
    ['new', { by: 'nobody', reason: 'x' }, 404, 'DEVICE_UNKNOWN'],
    ['nobody', { by: 'new', reason: 'x' }, 404, 'DEVICE_UNKNOWN'],
    ['new', { by: 'new', reason: 'x' }, 422, 'SWAP_SAME'],
    ['new', { by: 'spare', reason: 'x', from: iso(NOW + HOUR) }, 422, 'ATTACHMENT_AHEAD'],
    ['new', { by: 'spare', reason: 'x', from: iso(NOW - 2 * HOUR) }, 409, 'DEVICE_NOT_ATTACHED'],
    ['new', { by: 'spare', reason: ' ' }, 400, 'BODY_INVALID'],
  ])('%s swapped as %j is refused, and both stay where they are', async (id, body, status, code) => {
    expect(await swap(id, body)).toMatchObject({ status, body: { code } });
    expect((await house.ask('dock', 'GET', '/devices/new')).body).toMatchObject({ attachment: { subject: SSCC } });
    expect((await house.ask('dock', 'GET', '/devices/spare')).body).toMatchObject({ attachment: null });
  });

  test('by one that was on something else is said', async () => {
    await register('busy', { attachment: { subject: 'room:lyon/cold' } });
    expect(await swap('new', { by: 'busy', reason: 'nothing else at hand' })).toMatchObject({
      body: { warnings: ['busy was on room:lyon/cold until then'] },
    });
  });
});

describe('the registry as a file', () => {
  const send = async (text: string, query = '') => {
    const response = await fetch(`${house.url}/api/v1/devices.csv${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await house.token('operations')}`, 'content-type': 'text/csv' },
      body: text,
    });
    return { status: response.status, body: (await response.json()) as DeviceImport & { errors: { path: string }[] } };
  };
  const file = async () => {
    const authorization = `Bearer ${await house.token('dock')}`;
    return (await fetch(`${house.url}/api/v1/devices.csv`, { headers: { authorization } })).text();
  };
  const of = async (id: string) => (await house.ask('dock', 'GET', `/devices/${id}`)).body;

  test('goes out and comes in again without a difference', async () => {
    await register('full', {
      ...{ name: '-2 Cold, "north"', interval: '5m', reportsEvery: '1h', sensor: 'ds18b20', stepPerMinute: 10 },
      ...{
        correction: { temperature: -0.3, humidity: 2 },
        labels: { room: '=A1', 'door side': 'left' },
        profile: '2-8C',
      },
      ...{ reportsOnChange: true, heartbeat: '30m', readOut: false },
    });
    const text = await file();
    expect(text.split('\r\n')[0]).toContain('correction:temperature,correction:humidity,label:door side,label:room');
    expect(await send(text)).toMatchObject({ status: 200, body: { added: 0, changed: 0 } });
  });

  test('is walked page by page without a gap', async () => {
    for (const id of ['walk-3', 'walk-1', 'walk-2']) await register(id, { name: id });
    const walked: string[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await house.ask('dock', 'GET', `/devices?limit=2${more}`);
      const page = body as { items: { id: string }[]; nextCursor: string | null };
      walked.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    const { body } = await house.ask('dock', 'GET', '/devices?limit=200');
    expect(walked).toEqual((body as { items: { id: string }[] }).items.map(({ id }) => id));
    expect(walked.filter((id) => id.startsWith('walk-'))).toEqual(['walk-1', 'walk-2', 'walk-3']);
  });

  test('changes what its columns say and leaves the rest, after a look that changes nothing', async () => {
    const text = 'id;name;label:room\nfull;Full;\nfresh;Fresh;B 2\n';
    expect((await send(text, '?dryRun=true')).body).toEqual({ added: 1, changed: 1, same: 0 });
    expect((await house.ask('dock', 'GET', '/devices/fresh')).status).toBe(404);
    expect((await send(text)).body).toEqual({ added: 1, changed: 1, same: 0 });
    expect(await of('full')).toMatchObject({
      ...{ name: 'Full', interval: '5m', correction: { temperature: -0.3, humidity: 2 } },
      labels: { 'door side': 'left' },
    });
    expect(await of('fresh')).toMatchObject({ kind: 'logger', name: 'Fresh', labels: { room: 'B 2' } });
    expect((await send(text)).body).toEqual({ added: 0, changed: 0, same: 2 });
  });

  // TheThingsNetwork/lorawan-stack #5632, #5981; netbox-community/netbox #21103; thingsboard/thingsboard #3266.
  test.each([
    ['semicolons, and one at the end of each line', 'id;name;\nspread;Sheet;\n'],
    ['tabs', 'id\tname\nspread\tSheet\n'],
    ['a byte order mark', '\uFEFFid,name\nspread,Sheet\n'],
    ['columns in another order and another case, with blank lines', 'Name,ID\r\n\r\nSheet,spread\r\n,\r\n'],
  ])('as spreadsheets write it is taken: %s', async (_, text) => {
    expect(await send(text, '?dryRun=true')).toEqual({ status: 200, body: { added: 1, changed: 0, same: 0 } });
  });

  test.each([
    ['id,name\nbad id,x\nalso-good,y\n', 'line 2, id'],
    ['id,interval\na,often\n', 'line 2, interval'],
    ['id,correction:temperature\na,"0,3"\n', 'line 2, correction:temperature'],
    ['id,correction:warmth\na,1\n', 'line 1, correction:warmth'],
    ['id,correction:temperature\na,-45\n', 'line 2, correction:temperature'],
    ['id,readOut\na,ja\n', 'line 2, readOut'],
    ['id,colour\na,red\n', 'line 1, colour'],
    ['name\nx\n', 'line 1'],
    ['id,name\na,x\na,y\n', 'line 3, id'],
    ['id,name\n', 'line 2'],
    ['id,kind\na,fridge\n', 'line 2, kind'],
  ])('with a fault is refused whole, by line and column: %j', async (text, path) => {
    const { status, body } = await send(text);
    expect(status).toBe(400);
    expect(body.errors.map((error) => error.path)).toContain(path);
    expect((await house.ask('dock', 'GET', '/devices/also-good')).status).toBe(404);
    expect((await house.ask('dock', 'GET', '/devices/a')).status).toBe(404);
  });
});
