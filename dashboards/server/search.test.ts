import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeTag } from '../../codecs/epc/index.ts';
import type { FoundView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const NOW = Date.now();
const UNIT = 'urn:epc:id:sscc:0614141.1234567890';
const SERIAL = 'urn:epc:id:sgtin:0614141.812346.990001';

let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
  await house.ask('admin', 'PUT', '/places/site:lyon', { name: 'Lyon Sud', zone: 'Europe/Paris' });
  const portal = {
    name: 'Dock 3',
    inside: 'site:lyon',
    outside: 'site:lyon',
    antennas: [{ reader: 'r1', antenna: 1 }],
  };
  await house.ask('admin', 'PUT', '/portals/lyon-dock-3', portal);
  await house.ask('admin', 'POST', '/devices', { id: 'logger-7', kind: 'logger', name: 'Blue logger' });
  await house.ask('logistics', 'POST', '/shipments', {
    ...{ id: 'SHP-1001', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    ...{ departs: NOW, arrives: NOW + 1_000 },
    units: [{ sscc: UNIT, devices: ['logger-7'], children: [SERIAL], from: NOW }],
    products: [{ gtin: '80614141123465', name: 'Examplumab 40 mg', lot: 'A17-x', expiry: '2027-06-30' }],
  });
});
afterAll(() => house.stop());

async function find(q: string): Promise<string[]> {
  const { status, body } = await house.ask('dock', 'GET', `/search?${new URLSearchParams({ q })}`);
  expect(status).toBe(200);
  return (body as { items: FoundView[] }).items.map(({ kind, id }) => `${kind} ${id}`);
}

// `shp-1001`, a lot, a product, a GTIN, a portal, an SSCC and what the page itself shows were "Nothing by that name".
test.each([
  ['shp-1001', 'shipment SHP-1001'],
  ['Shp-10', 'shipment SHP-1001'],
  ['  SHP-1001\r\n', 'shipment SHP-1001'],
  ['a17-X', 'lot A17-x'],
  ['A17', 'lot A17-x'],
  ['examplumab', 'product 80614141123465'],
  ['40 mg Exam', 'product 80614141123465'],
  ['80614141123465', 'product 80614141123465'],
  ['lyon-dock-3', 'portal lyon-dock-3'],
  ['DOCK 3', 'portal lyon-dock-3'],
  ['lyon s', 'place site:lyon'],
  ['LOGGER-7', 'device logger-7'],
  ['blue', 'device logger-7'],
  [UNIT, `unit ${UNIT}`],
  ['106141412345678908', `unit ${UNIT}`],
  ['00106141412345678908', `unit ${UNIT}`],
  ['(00)106141412345678908', `unit ${UNIT}`],
  ['(00) 106141412345678908', `unit ${UNIT}`],
  ['(00) 1 0614141 234567890 8', `unit ${UNIT}`],
  ['1234567890', `unit ${UNIT}`],
  [SERIAL, `serial ${SERIAL}`],
  ['(01)80614141123465(21)990001', `serial ${SERIAL}`],
  ['https://id.gs1.org/01/80614141123465/21/990001', `serial ${SERIAL}`],
  ['990001', `serial ${SERIAL}`],
  ['9900', `serial ${SERIAL}`],
  ['812346.990001', `serial ${SERIAL}`],
])('%j finds %s', async (q, what) => {
  expect(await find(q)).toContain(what);
});

test('a tag is found by the hex of its memory', async () => {
  const hex = encodeTag('urn:epc:tag:sgtin-96:1.0614141.812346.990001');
  expect(await find(hex)).toContain(`serial ${SERIAL}`);
  expect(await find(hex.toLowerCase())).toContain(`serial ${SERIAL}`);
});

test('what nobody has heard of is an empty list, whatever it is made of', async () => {
  for (const q of ['nobody', '%', '_', "'", '& | !', '(((', '\u202e', '(00)106141412345678909', 'x'.repeat(400)]) {
    expect(await find(q)).toEqual([]);
  }
});

test('nothing to look for, or too much of it, is refused', async () => {
  for (const q of ['', '   ', 'x'.repeat(401)]) {
    expect((await house.ask('dock', 'GET', `/search?${new URLSearchParams({ q })}`)).status).toBe(400);
  }
});
