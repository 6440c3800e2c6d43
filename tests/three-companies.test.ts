import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  ExceptionDetailView,
  PartnerFileView,
  ReturnVerificationView,
  TransactionRecordView,
} from '../dashboards/api/index.ts';
import { Installation } from '../dashboards/server/testing/installation.ts';

const PATIENCE = { timeout: 60_000 };
const GTIN = '80614141123458';
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
/** The last of the three was listed and did not come: 9 came in its place. */
const LISTED = [1, 2, 3].map(sgtin);
const WRONG = sgtin(9);
const MAKER_GLN = '0614141000012';
const WHOLESALER_GLN = '4012345000009';
const DISPENSER_GLN = '4098765000003';
const FIRST = `${MAKER_GLN}:DEL1`;
const SECOND = `${WHOLESALER_GLN}:DEL2`;
const at = (clock: string) => ({ eventTime: `2026-11-20T${clock}:00Z`, eventTimeZoneOffset: '+00:00' });

type Company = 'maker' | 'wholesaler' | 'dispenser';
let houses: Readonly<Record<Company, Installation>>;
beforeAll(async () => {
  const [maker, wholesaler, dispenser] = await Promise.all([1, 2, 3].map(() => Installation.start()));
  if (maker === undefined || wholesaler === undefined || dispenser === undefined) throw new Error('three are started');
  houses = { maker, wholesaler, dispenser };
}, 120_000);
afterAll(() => Promise.all(Object.values(houses).map((house) => house.stop())));

const GLN_OF = { maker: MAKER_GLN, wholesaler: WHOLESALER_GLN, dispenser: DISPENSER_GLN };
const ROLE_OF = { maker: 'manufacturer', wholesaler: 'wholesaler', dispenser: 'dispenser' };
const tokens = new Map<string, string>();

/** Each knows the other, with a token of the other's for what is agreed. */
async function meet(one: Company, other: Company) {
  const know = (here: Company, there: Company, more: object = {}) =>
    houses[here].ask('admin', 'PUT', `/partners/${there}`, {
      ...{ name: there, address: `1 ${there} street`, glns: [GLN_OF[there]], roles: [ROLE_OF[there]] },
      ...{ sees: ['records', 'exceptions', 'verification'], sends: ['files', 'answers', 'requests'], ...more },
    });
  await Promise.all([know(one, other), know(other, one)]);
  for (const [here, there] of [
    [one, other],
    [other, one],
  ] as const) {
    const { body } = await houses[there].ask('admin', 'POST', `/partners/${here}/tokens`, { name: `${here}-system` });
    const { token } = body as { token: string };
    tokens.set(`${here} at ${there}`, token);
    await know(here, there, {
      endpoints: {
        webhook: `${houses[there].url}/api/v1/partners/${here}/exceptions`,
        verification: `${houses[there].url}/verify`,
      },
      secrets: { authorization: `Bearer ${token}` },
    });
  }
}

function shipping(shipment: string, from: Company, to: Company, epcs: readonly string[], clock: string) {
  const party = (who: Company) => `https://id.gs1.org/417/${GLN_OF[who]}`;
  return {
    ...{ type: 'ObjectEvent', ...at(clock), action: 'OBSERVE', bizStep: 'shipping', epcList: epcs },
    bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${shipment}` }],
    sourceList: [{ type: 'owning_party', source: party(from) }],
    destinationList: [{ type: 'owning_party', destination: party(to) }],
  };
}

function documentOf(...eventList: readonly object[]): string {
  return JSON.stringify({
    ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'], type: 'EPCISDocument' },
    ...{ schemaVersion: '2.0', creationDate: '2026-11-20T09:00:00Z', epcisBody: { eventList } },
  });
}

const MADE = {
  ...{ type: 'ObjectEvent', ...at('06:00'), action: 'ADD', bizStep: 'commissioning', disposition: 'active' },
  ...{ epcList: LISTED, ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2031-06-30' } },
};
const PACKED = {
  ...{ type: 'AggregationEvent', ...at('07:00'), action: 'ADD', bizStep: 'packing' },
  ...{ parentID: PALLET, childEPCs: LISTED },
};

/** Brings a document to a partner as its system does. */
async function bring(from: Company, to: Company, document: string): Promise<PartnerFileView> {
  const response = await fetch(`${houses[to].url}/api/v1/partners/${from}/files?name=${from}.json`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.get(`${from} at ${to}`)}`, 'content-type': 'application/ld+json' },
    body: document,
  });
  expect([response.status, await response.clone().text()]).toEqual([200, expect.anything()]);
  return (await response.json()) as PartnerFileView;
}

const records = async (who: Company, query: string) =>
  (await houses[who].ask('logistics', 'GET', `/transactions?${query}`)).body as TransactionRecordView;

describe('manufacturer, wholesaler and dispenser, each with an installation of its own', () => {
  test('meet, and name themselves', async () => {
    for (const who of ['maker', 'wholesaler', 'dispenser'] as const) {
      const own = { name: who, gln: GLN_OF[who], address: `1 ${who} street`, zone: 'UTC' };
      expect((await houses[who].ask('admin', 'PUT', '/organisation', own)).status).toBe(200);
    }
    await meet('maker', 'wholesaler');
    await meet('wholesaler', 'dispenser');
    await meet('maker', 'dispenser');
  });

  test('the maker commissions, packs and ships; the wholesaler has the same file once, however often it comes', async () => {
    const { maker, wholesaler } = houses;
    const shipped = shipping(FIRST, 'maker', 'wholesaler', [PALLET], '08:00');
    expect([201, 202]).toContain(await maker.capture(MADE, PACKED, shipped));
    const document = documentOf(MADE, PACKED, shipped);
    const taken = await bring('maker', 'wholesaler', document);
    expect(taken).toMatchObject({ fate: 'taken', events: 3, reason: null });
    expect(await bring('maker', 'wholesaler', document)).toMatchObject({ fate: 'repeated', repeats: taken.id });
    await expect.poll(async () => (await records('wholesaler', `shipment=${FIRST}`)).serials, PATIENCE).toBe(3);
    const [bought] = (await records('wholesaler', `shipment=${FIRST}`)).items;
    expect(bought).toMatchObject({ from: { partner: 'maker' }, to: { partner: 'own' }, statement: null });
    await expect.poll(async () => (await records('maker', `shipment=${FIRST}`)).serials, PATIENCE).toBe(3);
    const [sold] = (await records('maker', `shipment=${FIRST}`)).items;
    expect(sold).toMatchObject({ from: { partner: 'own' }, to: { partner: 'wholesaler' }, statement: { length: 7 } });
    const { items } = (await wholesaler.ask('logistics', 'GET', '/partners/maker/files')).body as { items: unknown[] };
    expect(items).toHaveLength(2);
  });

  test('one serial is wrong: the exception is shared, answered and settled, the same thread at both ends', async () => {
    const { maker, wholesaler } = houses;
    const { body } = await wholesaler.ask('dock', 'POST', '/exceptions', {
      ...{ kind: 'data errors', partner: 'maker', title: 'A serial that nobody listed', shipment: FIRST },
      ...{ text: 'Serial 9 came in the place of 3.', epcs: [WRONG, sgtin(3)], finding: 'scan at receiving' },
    });
    const { id } = body as ExceptionDetailView;
    const tell = async (from: Company, which: string) =>
      (await houses[from].ask('logistics', 'POST', `/exceptions/${which}/tell`, {})).body;
    expect(await tell('wholesaler', id)).toEqual({ failure: null });
    const { items } = (await maker.ask('quality', 'GET', '/exceptions')).body as { items: ExceptionDetailView[] };
    const theirs = items[0]?.id ?? '';
    expect(items).toMatchObject([{ reference: id, partner: 'wholesaler', epcs: [WRONG, sgtin(3)] }]);
    const answer = { text: 'Mispicked; the data of 9 is on its way.', answer: 'corrected' };
    await maker.ask('quality', 'POST', `/exceptions/${theirs}/entries`, answer);
    expect(await tell('maker', theirs)).toEqual({ failure: null });
    await wholesaler.ask('logistics', 'POST', `/exceptions/${id}/entries`, { text: 'It came.', answer: 'settled' });
    for (const _ of [1, 2]) expect(await tell('wholesaler', id)).toEqual({ failure: null });
    const threadOf = async (who: Company, which: string) => {
      const { thread } = (await houses[who].ask('quality', 'GET', `/exceptions/${which}`)).body as ExceptionDetailView;
      return thread.map(({ text }) => text);
    };
    expect(await threadOf('maker', theirs)).toEqual(await threadOf('wholesaler', id));
  });

  test('the wholesaler sells on; a return to the dispenser is verified by the maker', async () => {
    const { dispenser } = houses;
    const sold = shipping(SECOND, 'wholesaler', 'dispenser', [sgtin(1)], '12:00');
    expect([201, 202]).toContain(await houses.wholesaler.capture(sold));
    expect(await bring('wholesaler', 'dispenser', documentOf(MADE, sold))).toMatchObject({ fate: 'taken' });
    await expect.poll(async () => (await records('dispenser', `gtin=${GTIN}&serial=1`)).serials, PATIENCE).toBe(1);
    await dispenser.ask('admin', 'PUT', '/verification-directory/0614141', { partner: 'maker' });
    const verify = async (serial: string) =>
      (await dispenser.ask('dock', 'POST', '/returns', { gtin: GTIN, serial, lot: 'A17', expiry: '2031-06-30' }))
        .body as ReturnVerificationView;
    expect(await verify('1')).toMatchObject({ outcome: 'verified', saleable: true, responderGLN: MAKER_GLN });
    expect(await verify('777')).toMatchObject({ outcome: 'not verified', saleable: false });
  });

  test('a lot is recalled: each finds what it had of it', async () => {
    for (const [who, serials] of [
      ['maker', 3],
      ['wholesaler', 3],
      ['dispenser', 3],
    ] as const) {
      const { body } = await houses[who].ask('quality', 'GET', `/recall?gtin=${GTIN}&lot=A17`);
      expect([who, (body as { items: unknown[] }).items.length]).toEqual([who, serials]);
    }
    const bought = await records('dispenser', `gtin=${GTIN}&lot=A17`);
    expect(bought.items).toMatchObject([{ shipment: SECOND, from: { partner: 'wholesaler' }, to: { partner: 'own' } }]);
  });

  test('a regulator’s request is answered with both transactions of the lot, signed, and its clock ends', async () => {
    const { wholesaler } = houses;
    const suspicion = { kind: 'suspect product', title: 'Asked by FDA', place: 'site:x', reason: 'a request' };
    const { id } = (await wholesaler.ask('quality', 'POST', '/cases', suspicion)).body as { id: string };
    const request = { direction: 'in', partner: 'FDA', official: true, text: `Trace ${GTIN}, lot A17` };
    const asked = await wholesaler.ask('quality', 'POST', `/cases/${id}/trace-requests`, request);
    expect(asked.status).toBe(201);
    const response = await fetch(`${wholesaler.url}/api/v1/transactions/record.jws?gtin=${GTIN}&lot=A17`, {
      headers: { authorization: `Bearer ${await wholesaler.token('quality')}` },
    });
    const payload = Buffer.from((await response.text()).split('.')[1] ?? '', 'base64url').toString();
    const said = JSON.parse(payload) as TransactionRecordView;
    expect(said.items.map(({ shipment, from, to }) => [shipment, from.partner, to.partner])).toEqual([
      [FIRST, 'maker', 'own'],
      [SECOND, 'own', 'dispenser'],
    ]);
    const answer = { answer: 'Given as signed record of both transactions.' };
    const done = await wholesaler.ask('quality', 'POST', `/cases/${id}/trace-requests/1/answer`, answer);
    expect(done).toMatchObject({ status: 200, body: { answeredBy: 'test-quality' } });
  });
});
