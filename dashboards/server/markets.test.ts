import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExceptionDetailView, MarketCheckView, MarketStandingView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const GTIN = '80614141123458';
const MAKER = '0614141000012';
const OWN = '4012345000009';

/** What a maker tells of a delivery: packs of a lot, and some of which it tells neither lot nor expiry. */
function shipped(id: string, day: string, { whole, bare }: { readonly whole: number; readonly bare: number }) {
  const digits = id.replace(/\D/g, '').padStart(3, '0');
  const epcs = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => `urn:epc:id:sgtin:0614141.812345.${digits}${from + n}`);
  const time = (clock: string) => ({ eventTime: `${day}T${clock}:00Z`, eventTimeZoneOffset: '+00:00' });
  const pallet = `urn:epc:id:sscc:0614141.1234567${digits}`;
  const made = (list: string[], ilmd: object) =>
    list.length === 0
      ? []
      : [{ type: 'ObjectEvent', ...time('06:00'), action: 'ADD', bizStep: 'commissioning', epcList: list, ...ilmd }];
  return {
    ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'], type: 'EPCISDocument' },
    ...{ schemaVersion: '2.0', creationDate: `${day}T09:00:00Z` },
    epcisBody: {
      eventList: [
        ...made(epcs(0, whole), { ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2031-06-30' } }),
        ...made(epcs(whole, bare), {}),
        {
          ...{ type: 'AggregationEvent', ...time('07:00'), action: 'ADD', bizStep: 'packing' },
          ...{ parentID: pallet, childEPCs: epcs(0, whole + bare) },
        },
        {
          ...{ type: 'ObjectEvent', ...time('08:00'), action: 'OBSERVE', bizStep: 'shipping', epcList: [pallet] },
          bizLocation: { id: 'urn:epc:id:sgln:0614141.00001.0' },
          bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${MAKER}:${id}` }],
          sourceList: [
            { type: 'owning_party', source: 'urn:epc:id:pgln:0614141.00001' },
            { type: 'location', source: 'urn:epc:id:sgln:0614141.00001.0' },
          ],
          destinationList: [
            { type: 'owning_party', destination: 'urn:epc:id:pgln:4012345.00000' },
            { type: 'location', destination: 'urn:epc:id:sgln:4012345.00000.0' },
          ],
        },
      ],
    },
  };
}

async function deliver(
  id: string,
  day: string,
  packs: { readonly whole: number; readonly bare: number },
): Promise<string> {
  const response = await fetch(`${house.url}/epcis/v2/capture`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'application/ld+json' },
    body: JSON.stringify(shipped(id, day, packs)),
  });
  expect([201, 202]).toContain(response.status);
  const shipment = `${MAKER}:${id}`;
  const answer = () => house.ask('logistics', 'GET', `/shipments/${encodeURIComponent(shipment)}`);
  await expect.poll(async () => (await answer()).status, { timeout: 30_000 }).toBe(200);
  return shipment;
}

const assign = (subject: string, markets: object[]) =>
  house.ask('operations', 'PUT', `/market-assignments/${encodeURIComponent(subject)}`, { markets });

async function checksOf(shipment: string): Promise<MarketCheckView[]> {
  const { status, body } = await house.ask('dock', 'GET', `/shipments/${encodeURIComponent(shipment)}/markets`);
  expect([status, body]).toEqual([200, expect.anything()]);
  return (body as { checks: MarketCheckView[] }).checks;
}

beforeAll(async () => {
  const place = { name: 'Corner Pharmacy', zone: 'UTC', gln: OWN };
  expect(await house.ask('admin', 'PUT', '/places/site:corner', place)).toMatchObject({ status: 200 });
  await house.ask('logistics', 'PUT', `/products/${GTIN}`, { name: 'Examplumab' });
  await house.ask('admin', 'PUT', '/organisation', { name: 'Corner', gln: OWN, zone: 'UTC' });
});

describe('a market that a site is set to', () => {
  test('asks nothing while none is set; then what was told is told as met, and what was not with its packs', async () => {
    const delivery = await deliver('DEL101', '2026-11-20', { whole: 3, bare: 2 });
    expect(await checksOf(delivery)).toEqual([]);
    expect((await house.ask('dock', 'GET', '/shipments/none/markets')).status).toBe(404);
    expect(await assign('site:corner', [{ market: 'eu-fmd', from: '2019-02-09' }])).toMatchObject({ status: 200 });
    const [check, ...others] = await checksOf(delivery);
    expect(others).toEqual([]);
    expect(check).toMatchObject({ market: 'eu-fmd', moment: 'receive', siteName: 'Corner Pharmacy' });
    expect(check?.missing.map(({ element, packs, gtin }) => [element.ai, packs, gtin])).toEqual([
      ['10', 2, GTIN],
      ['17', 2, GTIN],
    ]);
    expect(check?.missing[0]?.examples).toHaveLength(2);
    expect(check?.toLookAt.map(({ name }) => name)).toEqual(['national reimbursement number']);
    const whole = await deliver('DEL102', '2026-11-20', { whole: 2, bare: 0 });
    expect((await checksOf(whole))[0]?.missing).toEqual([]);
  });

  test('what is missing at receipt is a draft of an exception with the partner, which is opened as it stands', async () => {
    const id = encodeURIComponent(`${MAKER}:DEL101`);
    const { body } = await house.ask('logistics', 'GET', `/shipments/${id}/exceptions/draft`);
    const drafts = (body as { items: { kind: string; text: string; finding: string }[] }).items;
    const [draft] = drafts.filter(({ finding }) => finding === 'market:eu-fmd');
    expect(draft).toMatchObject({ kind: 'data errors', text: expect.stringContaining('2 packs of Examplumab') });
    await house.ask('admin', 'PUT', '/partners/maker', { name: 'Maker', glns: [MAKER], sees: ['exceptions'] });
    const opened = await house.ask('logistics', 'POST', '/exceptions', { ...draft, partner: 'maker' });
    expect(opened).toMatchObject({ status: 201, body: { kind: 'data errors', finding: 'market:eu-fmd' } });
    expect((opened.body as ExceptionDetailView).epcs).toHaveLength(2);
  });

  test('holds from its first day on and no more from the day that ends it', async () => {
    const on = async (from: string, to: string | null) => {
      expect(await assign('site:0614141000012', [{ market: 'brazil', from, to }])).toMatchObject({ status: 404 });
      expect(await assign(`shipment:${MAKER}:DEL103`, [{ market: 'brazil', from, to }])).toMatchObject({ status: 200 });
      return (await checksOf(`${MAKER}:DEL103`))
        .filter(({ moment }) => moment === 'ship')
        .map(({ missing }) => missing.length);
    };
    await deliver('DEL103', '2022-05-10', { whole: 0, bare: 1 });
    expect(await on('2022-05-10', null)).toEqual([2]);
    expect(await on('2022-05-11', null)).toEqual([]);
    expect(await on('2017-05-15', '2022-05-10')).toEqual([]);
    expect(await on('2017-05-15', '2022-05-11')).toEqual([2]);
  });

  test('what the law no longer asks for is not asked of an event of that day', async () => {
    const delivery = await deliver('DEL104', '2022-05-11', { whole: 0, bare: 1 });
    await assign(`shipment:${delivery}`, [{ market: 'brazil', from: '2017-05-15' }]);
    const [left] = (await checksOf(delivery)).filter(({ moment }) => moment === 'ship');
    expect(left).toMatchObject({ day: '2022-05-11', missing: [] });
  });

  test('asks for transaction information where its law does, in words of what is missing', async () => {
    await assign('site:corner', [{ market: 'us-dscsa', from: '2015-01-01' }]);
    const [check] = await checksOf(`${MAKER}:DEL102`);
    expect(check).toMatchObject({ market: 'us-dscsa', isTransactionAsked: true });
    expect(check?.transaction).toEqual(expect.arrayContaining([`${GTIN}.ndc`, 'from.address', 'to.address']));
  });

  test('leaves out a product that is set to other markets alone, and says so', async () => {
    await assign(`product:${GTIN}`, [{ market: 'eu-fmd', from: '2019-02-09' }]);
    const [check] = await checksOf(`${MAKER}:DEL101`);
    expect(check).toMatchObject({ missing: [], elsewhere: [{ gtin: GTIN, name: 'Examplumab' }] });
    await assign(`product:${GTIN}`, [{ market: 'us-dscsa', from: '2019-02-09' }]);
    expect((await checksOf(`${MAKER}:DEL101`))[0]?.missing).toHaveLength(2);
  });

  test('shows where it stands: sites, products with what their labels lack, shipments, and records', async () => {
    const { body } = await house.ask('quality', 'GET', '/markets/us-dscsa/standing');
    const standing = body as MarketStandingView;
    expect(standing.sites).toEqual([{ id: 'site:corner', name: 'Corner Pharmacy', from: '2015-01-01', to: null }]);
    expect(standing.products).toMatchObject([{ gtin: GTIN, name: 'Examplumab', lacks: { length: 4 } }]);
    const now = Date.now();
    const isLate = now - Date.UTC(2026, 10, 20) > 30 * 86_400_000;
    if (!isLate) expect(standing.shipments.lacking.map(({ shipment }) => shipment)).toContain(`${MAKER}:DEL101`);
    expect(standing.recordsKept.asked).toBe('2192d');
  });
});

describe('what cannot be set', () => {
  const FROM = '2020-01-01';
  test.each([
    ['site:nowhere', [{ market: 'eu-fmd', from: FROM }], 404, 'PLACE_UNKNOWN'],
    ['product:00614141999996', [{ market: 'eu-fmd', from: FROM }], 404, 'PRODUCT_UNKNOWN'],
    ['product:abc', [{ market: 'eu-fmd', from: FROM }], 400, 'EPC_SYNTAX'],
    ['shipment:none', [{ market: 'eu-fmd', from: FROM }], 404, 'SHIPMENT_UNKNOWN'],
    ['lane:x', [{ market: 'eu-fmd', from: FROM }], 422, 'MARKET_SUBJECT_BAD'],
    ['site:corner', [{ market: 'mars', from: FROM }], 404, 'MARKET_UNKNOWN'],
    ['site:corner', [{ market: 'eu-fmd', from: '2020-02-30' }], 400, 'BODY_INVALID'],
    ['site:corner', [{ market: 'eu-fmd', from: FROM, to: FROM }], 422, 'MARKET_DAYS_BAD'],
    [
      'site:corner',
      [
        { market: 'eu-fmd', from: FROM, to: '2021-01-02' },
        { market: 'eu-fmd', from: '2021-01-01' },
      ],
      422,
      'MARKET_DAYS_BAD',
    ],
  ])('%s to %j', async (subject, markets, status, code) => {
    expect(await assign(subject, markets)).toMatchObject({ status, body: { code } });
  });

  test('by who may not register, and what was set stays', async () => {
    const { body: before } = await house.ask('quality', 'GET', '/market-assignments?subject=site:corner');
    const refused = await house.ask('dock', 'PUT', '/market-assignments/site:corner', { markets: [] });
    expect(refused.status).toBe(403);
    // The body alone: the head bears the second of the answer.
    const { body: after } = await house.ask('quality', 'GET', '/market-assignments?subject=site:corner');
    expect(after).toEqual(before);
  });
});
