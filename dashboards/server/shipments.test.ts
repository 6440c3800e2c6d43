import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem, ReconciliationView, ShipmentDetail } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const iso = (at: number) => new Date(at).toISOString();
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
});
afterAll(() => house.stop());

async function postCsv(text: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${house.url}/api/v1/shipments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'text/csv' },
    body: text,
  });
  return { status: response.status, body: await response.json() };
}

const HEAD = 'shipment,profile,origin,destination,departs,arrives,lane,epc,parent,devices,name,lot,expiry';
const FIRST = `SHP-CSV,2-8C,site:berlin,site:lyon,${iso(NOW)},${iso(NOW + HOUR)},berlin-lyon,${PALLET},,logger-9,,,`;
const serial = (n: number, lot: string) => `,,,,,,,${sgtin(n)},${PALLET},,Examplumab,${lot},2027-06-30`;

describe('a shipment notice as CSV', () => {
  test('makes the shipment, and says what may be a slip of the pen', async () => {
    const answer = await postCsv([HEAD, FIRST, serial(1, 'A17'), serial(2, 'A18')].join('\n'));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      ...{ id: 'SHP-CSV', lane: 'berlin-lyon', serialCount: 2, closedAt: null },
      products: [{ lot: 'A17' }, { lot: 'A18' }],
      warnings: [
        'origin site:berlin is not a registered place: nothing is expected at its doors',
        'destination site:lyon is not a registered place: nothing is expected at its doors',
        'device logger-9 is not registered',
      ],
    });
    const { body } = await house.ask('dock', 'GET', `/serials/${encodeURIComponent(sgtin(2))}`);
    expect(body).toMatchObject({ lot: 'A18', expiry: '2027-06-30', unit: PALLET });
  });

  test('names a bad row by its line and takes nothing', async () => {
    const answer = await postCsv([HEAD, FIRST.replace('SHP-CSV', 'SHP-BAD'), serial(1, 'A'.repeat(21))].join('\n'));
    expect(answer.status).toBe(400);
    expect((answer.body as Problem).errors?.map(({ path }) => path)).toEqual(['line 3, lot']);
    expect((await house.ask('dock', 'GET', '/shipments/SHP-BAD')).status).toBe(404);
  });
});

test('a shipment is closed by who decides, once', async () => {
  expect((await house.ask('dock', 'POST', '/shipments/SHP-CSV/close')).status).toBe(403);
  const closed = await house.ask('quality', 'POST', '/shipments/SHP-CSV/close');
  expect(closed).toMatchObject({ status: 200, body: { state: 'closed', closedAt: expect.any(String) } });
  const again = await house.ask('logistics', 'POST', '/shipments/SHP-CSV/close');
  expect((again.body as ShipmentDetail).closedAt).toBe((closed.body as ShipmentDetail).closedAt);
  expect((await house.ask('admin', 'POST', '/shipments/SHP-NONE/close')).status).toBe(404);
});

test('the serials of a shipment come by EPC, page by page, each with what stops it', async () => {
  const [unit, other] = ['urn:epc:id:sscc:0614141.1234567881', 'urn:epc:id:sscc:0614141.1234567882'];
  const listed = [sgtin(41), sgtin(42), sgtin(43)];
  await house.ask('logistics', 'POST', '/shipments', {
    ...{ id: 'SHP-LIST', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
    ...{ departs: iso(NOW), arrives: iso(NOW + HOUR) },
    units: [
      { sscc: unit, children: [{ epc: sgtin(41), lot: 'A17' }, sgtin(43)], from: iso(NOW) },
      { sscc: other, children: [sgtin(42)], from: iso(NOW) },
    ],
  });
  const recalled = {
    ...{ type: 'ObjectEvent', eventTime: iso(NOW - HOUR), eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
    ...{ bizStep: 'holding', disposition: 'recalled', epcList: [sgtin(42)] },
  };
  expect(await house.capture(recalled)).toBe(201);
  const serialsOf = (query: string) => house.ask('dock', 'GET', `/shipments/SHP-LIST/serials?${query}`);
  const first = (await serialsOf('limit=2')).body as { items: object[]; nextCursor: string };
  const rest = (await serialsOf(`limit=2&cursor=${first.nextCursor}`)).body as { items: object[]; nextCursor: null };
  expect(rest.nextCursor).toBeNull();
  expect([...first.items, ...rest.items]).toMatchObject([
    { epc: listed[0], serial: '41', lot: 'A17', unit, mayMoveOn: true, findings: [] },
    { epc: listed[1], unit: other, mayMoveOn: false, findings: [{ finding: 'recalled', stops: true }] },
    { epc: listed[2], lot: null, unit, mayMoveOn: true, findings: [] },
  ]);
  const unknown = await house.ask('dock', 'GET', '/shipments/SHP-NONE/serials');
  expect(unknown).toMatchObject({ status: 404, body: { code: 'SHIPMENT_UNKNOWN' } });
});

describe('expected against seen', () => {
  const id = 'SHP-COUNT';
  const path = `/shipments/${id}/reconciliation`;
  const SSCC = 'urn:epc:id:sscc:0614141.1234567891';
  const units = [{ sscc: SSCC, children: [sgtin(21), sgtin(22)], from: iso(NOW - HOUR) }];
  const asn = { id, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [], units };

  test('a damaged serial is listed, settled by who is at the door with a reason, and then stands there settled', async () => {
    await house.ask('admin', 'POST', '/shipments', { ...asn, departs: iso(NOW), arrives: iso(NOW + HOUR) });
    expect((await house.ask('dock', 'GET', path)).body).toEqual({ open: 0, lines: [] });
    const time = { eventTime: iso(NOW), eventTimeZoneOffset: '+00:00' };
    const event = { type: 'ObjectEvent', ...time, action: 'OBSERVE', bizStep: 'inspecting', disposition: 'damaged' };
    const head = { id: 'capture-1', at: NOW, errorBehaviour: 'rollback' as const, context: [], refused: [] };
    const capture = { ...head, events: [{ ...event, epcList: [sgtin(21)] }] };
    await house.tell({ type: 'epcis', capture, by: 'partner' });
    const { body } = await house.ask('quality', 'GET', path);
    expect(body).toMatchObject({
      open: 1,
      lines: [{ term: 'damaged', unit: SSCC, serials: [sgtin(21)], since: iso(NOW), state: 'open', count: 1 }],
    });
    const lines = (body as ReconciliationView).lines.map((line) => line.id);
    const wish = { lines, how: 'scan', reason: 'only the outer box' };
    expect(await house.ask('dock', 'POST', `${path}/settle`, wish)).toMatchObject({
      status: 200,
      body: { open: 0, lines: [{ state: 'settled', settlement: { reason: 'only the outer box', how: 'scan' } }] },
    });
    const again = await house.ask('dock', 'POST', `${path}/settle`, wish);
    expect(again).toMatchObject({ status: 409, body: { code: 'DIFFERENCE_CHANGED' } });
  });

  test('a count is of a unit that the shipment lists, its EPCs in any form', async () => {
    const count = { unit: '(00)106141412345678915', found: [sgtin(21), '(01)80614141123458(21)22'] };
    expect((await house.ask('dock', 'POST', `/shipments/${id}/counts`, count)).status).toBe(200);
    const elsewhere = { ...count, unit: PALLET };
    expect((await house.ask('dock', 'POST', `/shipments/${id}/counts`, elsewhere)).body).toMatchObject({
      code: 'UNIT_UNKNOWN',
    });
    expect((await house.ask('dock', 'GET', '/passes/pass-7/reconciliation')).status).toBe(404);
  });
});

test('a product is registered with what it stands, and shown with its lots', async () => {
  const path = '/products/80614141123458';
  expect((await house.ask('dock', 'GET', path)).body).toMatchObject({ code: 'PRODUCT_UNKNOWN', status: 404 });
  const product = { name: 'Examplumab 40 mg', profile: '2-8C', stability: { budget: '36h' } };
  expect(await house.ask('operations', 'PUT', path, product)).toMatchObject({
    status: 200,
    body: {
      ...{ gtin: '80614141123458', ...product, stability: { budget: '36h', mktWindow: null } },
      lots: [
        { lot: 'A17', expiry: '2027-06-30', serials: 2 },
        { lot: 'A18', expiry: '2027-06-30', serials: 1 },
      ],
    },
  });
  expect((await house.ask('operations', 'GET', '/products')).body).toMatchObject({ items: [{ profile: '2-8C' }] });
  const cold = await house.ask('operations', 'PUT', path, { ...product, profile: 'cold' });
  expect([cold.status, (cold.body as Problem).errors?.map(({ path }) => path)]).toEqual([400, ['profile']]);
  expect((await house.ask('operations', 'PUT', '/products/80614141123459', product)).status).toBe(400);
});
