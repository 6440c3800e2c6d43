import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TransactionRecordView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const GTIN = '80614141123458';
const OURS = '0614141000012';
const THEIRS = '4012345000009';
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const serials = [1, 2, 3].map((n) => `urn:epc:id:sgtin:0614141.812345.${n}`);
const time = (clock: string) => ({ eventTime: `2026-11-20T${clock}:00Z`, eventTimeZoneOffset: '+00:00' });

/** A document of a manufacturer: made, packed, shipped, with who owned and who owns. */
const SHIPPED = {
  ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'], type: 'EPCISDocument' },
  ...{ schemaVersion: '2.0', creationDate: '2026-11-20T09:00:00Z' },
  epcisBody: {
    eventList: [
      {
        ...{ type: 'ObjectEvent', ...time('06:00'), action: 'ADD', bizStep: 'commissioning', epcList: serials },
        ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2027-06-30' },
      },
      {
        ...{ type: 'AggregationEvent', ...time('07:00'), action: 'ADD', bizStep: 'packing' },
        ...{ parentID: PALLET, childEPCs: serials },
      },
      {
        ...{ type: 'ObjectEvent', ...time('08:00'), action: 'OBSERVE', bizStep: 'shipping', epcList: [PALLET] },
        bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${OURS}:DEL100` }],
        sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:0614141.00001' }],
        destinationList: [{ type: 'owning_party', destination: 'urn:epc:id:pgln:4012345.00000' }],
      },
    ],
  },
};
const SHIPMENT = `${OURS}:DEL100`;

async function record(query: string): Promise<TransactionRecordView> {
  const { status, body } = await house.ask('logistics', 'GET', `/transactions?${query}`);
  expect([status, body]).toEqual([200, expect.anything()]);
  return body as TransactionRecordView;
}

async function send(as: 'logistics' | string, path: string, accept = '*/*'): Promise<Response> {
  const token = as === 'logistics' ? await house.token('logistics') : as;
  return fetch(`${house.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}`, accept } });
}

beforeAll(async () => {
  const response = await fetch(`${house.url}/epcis/v2/capture`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'application/ld+json' },
    body: JSON.stringify(SHIPPED),
  });
  expect([201, 202]).toContain(response.status);
});

describe('transaction information', () => {
  test('says what is missing while nobody has said it, and guesses nothing', async () => {
    await expect.poll(async () => (await record(`shipment=${SHIPMENT}`)).serials, { timeout: 30_000 }).toBe(3);
    const [only] = (await record(`shipment=${SHIPMENT}`)).items;
    expect(only).toMatchObject({
      ...{ shippedOn: '2026-11-20', from: { partner: null, gln: OURS, name: null }, statement: null },
      lines: [{ gtin: GTIN, lot: 'A17', expiry: '2027-06-30', count: 3, serials: ['1', '2', '3'] }],
    });
    expect(only?.missing).toEqual([
      ...['name', 'strength', 'dosageForm', 'ndc', 'containerSize'].map((field) => `${GTIN}.${field}`),
      ...['from.name', 'from.address', 'to.name', 'to.address'],
    ]);
  });

  test('is whole once master data, our address and the partner are told, the same by serial, lot, shipment and period', async () => {
    const own = { name: 'Isopharm', gln: OURS, address: '1 Main St, Springfield, IL, US', zone: 'UTC' };
    await house.ask('admin', 'PUT', '/organisation', own);
    await house.ask('admin', 'PUT', '/partners/whole', {
      ...{ name: 'Wholesale GmbH', glns: [THEIRS], address: '2 Dock Rd, Memphis, TN, US', sees: ['records'] },
    });
    await house.ask('logistics', 'PUT', `/products/${GTIN}`, { name: 'Examplumab' });
    const label = { ndc: '0614-1412-01', strength: '50 mg/mL', dosageForm: 'INJECTION', containerSize: '1 vial' };
    await expect
      .poll(async () => (await house.ask('logistics', 'PUT', `/products/${GTIN}/label`, label)).status)
      .toBe(200);
    const byShipment = await record(`shipment=${SHIPMENT}`);
    expect(byShipment.items).toMatchObject([
      { missing: [], from: { partner: 'own' }, to: { partner: 'whole', gln: THEIRS }, statement: { length: 7 } },
    ]);
    const other = [`gtin=${GTIN}&lot=A17`, 'from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z'];
    for (const query of other) expect((await record(query)).items).toEqual(byShipment.items);
    const [bySerial] = (await record(`gtin=${GTIN}&serial=2`)).items;
    expect(bySerial?.lines).toMatchObject([{ count: 1, serials: ['2'] }]);
    expect((await record('from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z')).items).toEqual([]);
  });

  test('a question that is none of the four is refused in a line', async () => {
    for (const query of [
      '',
      'gtin=80614141123458',
      'lot=A17',
      `shipment=X&gtin=${GTIN}&lot=A17`,
      'from=2026-11-20T00:00:00Z',
    ])
      expect([query, (await house.ask('logistics', 'GET', `/transactions?${query}`)).status]).toEqual([query, 400]);
  });

  test('a person’s word on who sold to whom stands before the GLNs', async () => {
    const said = { seller: 'whole', buyer: 'own', transactedOn: '2026-11-19' };
    const { body } = await house.ask('logistics', 'PUT', `/shipments/${SHIPMENT}/transaction`, said);
    expect((body as TransactionRecordView).items).toMatchObject([
      { transactedOn: '2026-11-19', from: { partner: 'whole' }, to: { partner: 'own' }, statement: null },
    ]);
    await house.ask('logistics', 'PUT', `/shipments/${SHIPMENT}/transaction`, {});
  });
});

describe('a record is given', () => {
  test('signed, so that anybody checks it with the published key; a changed letter shows', async () => {
    const jws = await (await send('logistics', `/transactions/record.jws?shipment=${SHIPMENT}`)).text();
    const { body } = await house.ask(null, 'GET', '/transactions/keys');
    const [jwk] = (body as { keys: (JsonWebKey & { kid: string })[] }).keys;
    const [head = '', payload = '', signature = ''] = jws.split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ alg: 'EdDSA', kid: jwk?.kid });
    const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
    const isGood = (text: string) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
    expect(isGood(`${head}.${payload}`)).toBe(true);
    expect(isGood(`${head}.${payload.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))}`)).toBe(false);
    const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as TransactionRecordView;
    expect(said.items).toEqual((await record(`shipment=${SHIPMENT}`)).items);
    const { items } = (await house.ask('admin', 'GET', '/audit?action=record.give')).body as { items: unknown[] };
    expect(items).toMatchObject([{ subject: `record:shipment ${SHIPMENT}`, new: { format: 'jws' } }]);
  });

  test('as PDF, with the data in it', async () => {
    const response = await send('logistics', `/transactions/record.pdf?gtin=${GTIN}&lot=A17`);
    const pdf = Buffer.from(await response.arrayBuffer());
    expect([response.status, pdf.subarray(0, 5).toString()]).toEqual([200, '%PDF-']);
  });

  test('to a partner of what concerns its GLNs alone, and only while that is agreed', async () => {
    const tokenOf = async (id: string) => {
      const { body } = await house.ask('admin', 'POST', `/partners/${id}/tokens`, { name: `${id}-erp` });
      return (body as { token: string }).token;
    };
    await house.ask('admin', 'PUT', '/partners/stranger', {
      name: 'Stranger',
      glns: ['0614141000777'],
      sees: ['records'],
    });
    await house.ask('admin', 'PUT', '/partners/former', { name: 'Former', sees: ['records'], to: '2026-01-01' });
    const asked = async (id: string, of = id) => {
      const response = await send(await tokenOf(id), `/partners/${of}/transactions?shipment=${SHIPMENT}`);
      const text = await response.text();
      if (response.status !== 200) return response.status;
      const payload = Buffer.from(text.split('.')[1] ?? '', 'base64url').toString();
      return (JSON.parse(payload) as TransactionRecordView).serials;
    };
    expect(await asked('whole')).toBe(3);
    expect(await asked('stranger')).toBe(0);
    await house.ask('admin', 'DELETE', '/partners/stranger/tokens/stranger-erp');
    expect(await asked('stranger', 'whole')).toBe(403);
    expect(await asked('former')).toBe(403);
  });
});
