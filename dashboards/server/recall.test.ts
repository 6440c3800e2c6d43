import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEpcis } from '../../codecs/epcis/index.ts';
import type { Problem, RecallView, SerialView, VerificationView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const iso = (at: number) => new Date(at).toISOString();
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const GTIN = '80614141123458';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
  const zone = 'Europe/Paris';
  await house.tell({
    type: 'place',
    place: { id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone },
    by: 'test',
  });
  await house.ask('logistics', 'POST', '/shipments', {
    ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    ...{ departs: iso(NOW), arrives: iso(NOW + HOUR) },
    units: [{ sscc: PALLET, children: [1, 2, 3].map(sgtin), from: iso(NOW - HOUR) }],
    products: [{ gtin: GTIN, name: 'Examplumab', lot: 'A17', expiry: '2039-06-30' }],
  });
  const event = { type: 'ObjectEvent', eventTime: iso(NOW), eventTimeZoneOffset: '+00:00', action: 'OBSERVE' };
  const received = { ...event, bizStep: 'receiving', bizLocation: { id: 'site:lyon' }, epcList: [PALLET] };
  const recalled = { ...event, disposition: 'recalled', epcList: [sgtin(3)] };
  const head = { id: 'capture-1', at: NOW, errorBehaviour: 'rollback' as const, context: [], refused: [] };
  await house.tell({ type: 'epcis', capture: { ...head, events: [received, recalled] }, by: 'partner' });
});
afterAll(() => house.stop());

async function file(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ type: string | null; text: string }> {
  const response = await fetch(`${house.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${await house.token('quality')}`, ...headers },
  });
  return { type: response.headers.get('content-type'), text: await response.text() };
}

// Captured, its expiry dropped without a word, and verified as mayMoveOn: true.
test.each(['241231', '20241231', '2024-12', '12/2024', '31.12.2024', '2024-02-31', '2024-12-00'])(
  'a pack that was commissioned with an expiry of %s does not verify',
  async (expiry) => {
    const serial = `E${expiry.replace(/\D/g, '')}${expiry.length}`;
    const epcList = [`urn:epc:id:sgtin:0614141.812345.${serial}`];
    const document = {
      '@context': ['https://ref.gs1.org/standards/epcis/epcis-context.jsonld'],
      ...{ type: 'EPCISDocument', schemaVersion: '2.0', creationDate: iso(NOW) },
      epcisBody: {
        eventList: [
          {
            ...{ type: 'ObjectEvent', eventTime: iso(NOW), eventTimeZoneOffset: '+00:00', action: 'ADD' },
            ...{ bizStep: 'commissioning', disposition: 'active', epcList },
            ilmd: { 'cbvmda:lotNumber': 'L1', 'cbvmda:itemExpirationDate': expiry },
          },
        ],
      },
    };
    const captured = await fetch(`${house.url}/epcis/v2/capture`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'application/json' },
      body: JSON.stringify(document),
    });
    expect([201, 202]).toContain(captured.status);
    const ask = async () =>
      (await house.ask('dock', 'POST', '/verifications', { gtin: GTIN, serial })).body as VerificationView;
    await expect.poll(async () => (await ask()).findings.map(({ finding }) => finding)).toEqual(['expiry unreadable']);
    expect(await ask()).toMatchObject({ verified: false, mayMoveOn: false });
    const { body } = await house.ask('quality', 'GET', `/serials/${encodeURIComponent(epcList[0] ?? '')}`);
    expect(body as SerialView).toMatchObject({ expiry: null, unreadableExpiry: expiry, mayMoveOn: false });
  },
);

describe('a recall', () => {
  test('by lot says how many there are and where, and each of them', async () => {
    const { body } = await house.ask('dock', 'GET', '/recall?lot=A17&limit=2');
    const recall = body as RecallView;
    expect(recall).toMatchObject({
      count: 3,
      groups: [
        { count: 3, unit: PALLET, place: { id: 'site:lyon', name: 'Lyon' }, site: { name: 'Lyon' }, shipment: 'SHP-1' },
      ],
      items: [
        { epc: sgtin(1), serial: '1', lot: 'A17', unit: PALLET, lastSeen: iso(NOW), status: null },
        { epc: sgtin(2) },
      ],
    });
    const next = await house.ask('dock', 'GET', `/recall?lot=A17&limit=2&cursor=${recall.nextCursor}`);
    expect(next.body).toMatchObject({ items: [{ epc: sgtin(3), status: 'recalled' }], nextCursor: null });
  });

  test('is a CSV too, by name or by what is accepted', async () => {
    const { type, text } = await file(`/recall.csv?gtin=${GTIN}&lot=A17`);
    expect(type).toBe('text/csv; charset=utf-8');
    const [header, ...rows] = text.trimEnd().split('\r\n');
    expect(header).toBe('epc,gtin,serial,lot,expiry,status,unit,outermost,place,site,shipment,shipmentState,lastSeen');
    const where = `${PALLET},${PALLET},site:lyon,site:lyon,SHP-1`;
    expect(rows[2]).toMatch(`${sgtin(3)},${GTIN},3,A17,2039-06-30,recalled,${where},`);
    expect(rows).toHaveLength(3);
    expect((await file(`/recall?gtin=${GTIN}&lot=A17`, { accept: 'text/csv' })).text).toBe(text);
    expect((await file('/recall.csv?lot=NONE')).text).toBe(`${header}\r\n`);
  });

  test('is a valid EPCIS 2.0 document too', async () => {
    const { type, text } = await file('/recall?lot=A17', { accept: 'application/ld+json' });
    expect(type).toMatch('application/ld+json');
    const { kind, events } = readEpcis(text);
    expect(kind).toBe('document');
    expect(events).toMatchObject([
      {
        ...{ type: 'AggregationEvent', action: 'OBSERVE', parentID: PALLET, childEPCs: [1, 2, 3].map(sgtin) },
        ...{ eventTime: iso(NOW), bizLocation: { id: 'site:lyon' } },
      },
    ]);
    expect(readEpcis((await file('/recall.jsonld?lot=NONE')).text).events).toEqual([]);
  });

  test('of nothing, or of a GTIN that is none, is refused', async () => {
    expect((await house.ask('dock', 'GET', '/recall')).body).toMatchObject({ code: 'RECALL_OF_WHAT', status: 422 });
    const wrong = await house.ask('dock', 'GET', '/recall?gtin=80614141123459');
    expect([wrong.status, (wrong.body as Problem).errors?.map(({ path }) => path)]).toEqual([400, ['gtin']]);
  });
});

describe('a verification', () => {
  const verify = async (body: object) => (await house.ask('dock', 'POST', '/verifications', body)).body;
  const scan = `]d201${GTIN}21${1}\x1d10A17\x1d17390630`;

  test('by what stands on the pack, or by its 2D symbol, is the same', async () => {
    const typed = (await verify({ gtin: GTIN, serial: '1', lot: 'A17', expiry: '2039-06-30' })) as VerificationView;
    expect(typed).toMatchObject({ verified: true, mayMoveOn: true, findings: [], epc: sgtin(1), by: 'test-dock' });
    const link = `https://id.gs1.org/01/${GTIN}/21/1?10=A17&17=390630`;
    for (const given of [scan, `(01)${GTIN}(21)1(10)A17(17)390630`, link]) {
      const scanned = (await verify({ scan: given })) as VerificationView;
      expect(scanned.request, given).toEqual(typed.request);
      expect(scanned.verified, given).toBe(true);
    }
  });

  test('says why not', async () => {
    expect(await verify({ scan: scan.replace('A17', 'B1') })).toMatchObject({
      findings: [{ finding: 'lot mismatch', reason: 'lot B1 was given; it is known with lot A17' }],
    });
    expect(await verify({ gtin: GTIN, serial: '3' })).toMatchObject({
      ...{ verified: false, mayMoveOn: false, status: 'recalled' },
      findings: [{ finding: 'recalled', reason: `it is recalled since ${iso(NOW)}` }],
    });
    expect(await house.ask('dock', 'POST', '/verifications', { scan: '(01)80614141123459(21)1' })).toMatchObject({
      ...{ status: 400, body: { code: 'EPC_CHECK_DIGIT' } },
    });
    expect((await house.ask('dock', 'POST', '/verifications', { scan: `(01)${GTIN}` })).status).toBe(400);
  });

  test.each([
    ['expiry and lot run into the serial', `01${GTIN}211${'17390630'}10A17`],
    ['the lot alone does, and the serial before it is known', `01${GTIN}17390630211${'10A17'}`],
    ['the serial ran into the lot', `01${GTIN}1739063010A17${'211'}`],
  ])('of a scanner that drops FNC1 is no wrong serial, and is not kept: %s', async (_, scan) => {
    const before = (await house.ask('quality', 'GET', '/verifications?limit=1')).body;
    const { status, body } = await house.ask('dock', 'POST', '/verifications', { scan });
    expect(status).toBe(400);
    expect(body as Problem).toMatchObject({
      code: 'EPC_NO_SEPARATOR',
      detail: expect.stringContaining('set it to send'),
    });
    expect((await house.ask('quality', 'GET', '/verifications?limit=1')).body).toEqual(before);
  });

  test('of a serial that only looks like one with a lot behind it is answered', async () => {
    const scan = `01${GTIN}17390630219910A17`;
    expect(await verify({ scan })).toMatchObject({ findings: [{ finding: 'serial unknown' }] });
  });

  test('asked with an identifier newer than the table is answered', async () => {
    expect(await verify({ scan: `]d201${GTIN}211\x1d4499X\x1d17390630` })).toMatchObject({ verified: true });
  });

  test('is on record for who inspects', async () => {
    const { body } = await house.ask('quality', 'GET', '/verifications?limit=2');
    expect(body).toMatchObject({ items: [{ by: 'test-dock' }, { by: 'test-dock' }], nextCursor: expect.any(String) });
    expect((await house.ask('dock', 'GET', '/verifications')).status).toBe(403);
  });
});

describe('a serial', () => {
  test.each([
    ['pure identity', sgtin(3)],
    ['tag URI', 'urn:epc:tag:sgtin-96:1.0614141.812345.3'],
    ['hex', '3034257BF7194E4000000003'],
    ['element string', `(01)${GTIN}(21)3`],
    ['scan', `]d201${GTIN}213`],
    ['Digital Link', `https://id.gs1.org/01/${GTIN}/21/3`],
  ])('is found by its %s', async (_, given) => {
    const { status, body } = await house.ask('dock', 'GET', `/serials/${encodeURIComponent(given)}`);
    expect(status).toBe(200);
    expect(body as SerialView).toMatchObject({
      ...{ epc: sgtin(3), gtin: GTIN, serial: '3', lot: 'A17', product: 'Examplumab', shipments: ['SHP-1'] },
      ...{ unit: PALLET, containment: [{ parent: PALLET, to: null }], presence: [{ place: { id: 'site:lyon' } }] },
      ...{ status: 'recalled', statusSince: iso(NOW), mayMoveOn: false, alerts: [], dispositions: [] },
    });
  });
});
