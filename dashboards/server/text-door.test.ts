import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
});
afterAll(() => house.stop());

const DEVICE = { id: 'zzz', kind: 'logger' };

// {"name":"z\u0000"} was 201, and from then on no alert of any device was settled, without a word in /readyz.
describe('text that cannot be kept is refused by the field it stands in', () => {
  test.each([
    ['a NUL', 'z\u0000'],
    ['half a surrogate pair', 'z\ud800'],
    ['a control character', 'z\u001b[31m'],
    ['a line break', 'z\nz'],
  ])("%s in a device's name", async (_, name) => {
    const answer = await house.ask('logistics', 'POST', '/devices', { ...DEVICE, name });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: [{ path: 'name', message: expect.any(String) as string }] });
  });

  test.each([
    ['POST', '/devices', { ...DEVICE, labels: { colour: 'r\u0000' } }, 'labels.colour'],
    ['POST', '/devices', { ...DEVICE, labels: { 'c\u0000': 'red' } }, 'labels'],
    ['PUT', '/places/site:lyon', { kind: 'site', name: '\u0000', zone: 'Europe/Paris' }, 'name'],
    ['PUT', '/products/80614141123458', { name: 'x\ud800' }, 'name'],
    ['PUT', '/holds/shipment:S', { reason: 'because\u0000' }, 'reason'],
    ['POST', '/verifications', { scan: '0100614141999996\u0000' }, 'scan'],
    ['POST', '/shipments', { id: 'S', products: [{ gtin: '1', name: 'n\u0000' }] }, 'products.0.name'],
    ['POST', '/alerts/a/comment', { comment: 'x\u0000' }, 'comment'],
  ])('%s %s', async (method, path, body, field) => {
    const answer = await house.ask('admin', method, path, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: [{ path: field }] });
  });

  test.each([
    '/devices/z%00',
    '/shipments/%00',
    '/serials/urn:epc:id:sgtin:%00',
    '/alerts/%00',
    '/portals/%00/passes',
    '/readings?device=%00',
    '/alerts?device=a%00b',
    '/recall?lot=%00',
    '/recall?shipment=%00',
    '/holds?subject=%00',
    '/quarantine?source=%00',
    '/originals?subject=%00',
    '/shipments?cursor=%00',
  ])('GET %s', async (path) => {
    expect((await house.ask('admin', 'GET', path)).status).toBe(400);
  });

  test('a notice as CSV, and a rule as YAML', async () => {
    for (const [path, method, type, body] of [
      ['/shipments', 'POST', 'text/csv', 'id,profile\nS\u0000,2-8C\n'],
      ['/rules/x', 'PUT', 'application/yaml', 'id: x\u0000\n'],
    ] as const) {
      const headers = { authorization: `Bearer ${await house.token('admin')}`, 'content-type': type };
      const response = await fetch(`${house.url}/api/v1${path}`, { method, headers, body });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'TEXT_INVALID' });
    }
  });

  test('a body nested without end is refused', async () => {
    const headers = { authorization: `Bearer ${await house.token('admin')}`, 'content-type': 'application/json' };
    const body = '['.repeat(100_000) + ']'.repeat(100_000);
    const response = await fetch(`${house.url}/api/v1/shipments`, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
  });
});

test('what people write in any script is taken as it is, lines in a comment too', async () => {
  const name = 'Kühlhaus 温度 👩‍⚕️ \u202eabc';
  const answer = await house.ask('logistics', 'POST', '/devices', { ...DEVICE, name });
  expect(answer.status).toBe(201);
  expect(answer.body).toMatchObject({ name });
  const held = await house.ask('quality', 'PUT', '/holds/device:zzz', { reason: 'first\nsecond\tthird' });
  expect(held.status).toBe(201);
});

test('a scan keeps its separators', async () => {
  const scan = '0180614141123458211\u001d10A17\u001d';
  expect((await house.ask('dock', 'POST', '/verifications', { scan })).status).toBe(200);
});
