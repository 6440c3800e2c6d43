import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { parseAsn } from './asn.ts';
import { parseAsnCsv } from './shipment-csv.ts';

const HEAD = 'shipment,profile,origin,destination,departs,arrives,epc,parent,devices,name,lot,expiry,budgetUsed';
const SHIPMENT = 'SHP-1,2-8C,site:berlin,site:lyon,2026-11-22T08:00:00Z,2026-11-23T16:00:00Z';
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const CASE = 'urn:epc:id:sgtin:0614141.912345.17';
const item = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

function csv(...rows: string[]): string {
  return [HEAD, ...rows, ''].join('\r\n');
}

test('a row a unit or serial says what the same notice in JSON says', () => {
  const text = csv(
    `${SHIPMENT},${PALLET},,logger-7 logger-8,,,,`,
    `,,,,,,${CASE},${PALLET},,,,,`,
    `,,,,,,${item(1)},${CASE},,"Examplumab, 40 mg",A17,2027-06-30,90m`,
    `,,,,,,${item(2)},${CASE},,"Examplumab, 40 mg",A18,2027-07-31,`,
  );
  const product = { gtin: '80614141123458', name: 'Examplumab, 40 mg' };
  const from = '2026-11-22T08:00:00Z';
  const json = parseAsn({
    ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    ...{ departs: from, arrives: '2026-11-23T16:00:00Z' },
    units: [
      { sscc: PALLET, devices: ['logger-7', 'logger-8'], children: [CASE], from },
      {
        sscc: CASE,
        devices: [],
        from,
        children: [
          { epc: item(1), lot: 'A17', expiry: '2027-06-30', budgetUsed: '90m' },
          { epc: item(2), lot: 'A18', expiry: '2027-07-31' },
        ],
      },
    ],
    products: [
      { ...product, lot: 'A17', expiry: '2027-06-30' },
      { ...product, lot: 'A18', expiry: '2027-07-31' },
    ],
  });
  expect(parseAsnCsv(text)).toEqual(json);
  const carried = text
    .replace(HEAD, `carrier,${HEAD}`)
    .replaceAll('\r\n', '\r\n,')
    .replace('\r\n,SHP', '\r\n"Nord, Süd & Co",SHP');
  expect(parseAsnCsv(carried.slice(0, -1))).toEqual({ ...json, carrier: 'Nord, Süd & Co' });
});

test('columns may stand in any order, a unit needs no row of its own, EPCs may come in any form', () => {
  const text = [
    'epc,parent,shipment,profile,origin,destination,departs,arrives',
    `(01)80614141123458(21)1,${PALLET},${SHIPMENT}`,
    `(01)80614141123458(21)2,(00)106141412345678908,,,,,,`,
  ].join('\n');
  expect(parseAsnCsv(text).units).toMatchObject([{ sscc: PALLET, children: [item(1), item(2)] }]);
});

describe('a bad row is named with its line, and nothing is taken', () => {
  test.each([
    ['line 3, epc', csv(`${SHIPMENT},${PALLET},,,,,,`, `,,,,,,urn:epc:id:sgtin:06141,${PALLET},,,,,`), /an EPC/],
    ['line 3, epc', csv(`${SHIPMENT},${PALLET},,,,,,`, `,,,,,,,${PALLET},,,A1,,`), /an EPC/],
    ['line 3, parent', csv(`${SHIPMENT},${PALLET},,,,,,`, `,,,,,,${item(1)},,,,,,`), /the unit/],
    ['line 3, expiry', csv(`${SHIPMENT},${PALLET},,,,,,`, `,,,,,,${item(1)},${PALLET},,,A17,soon,`), /2027-06-30/],
    ['line 3, budgetUsed', csv(`${SHIPMENT},${PALLET},,,,,,`, `,,,,,,${item(1)},${PALLET},,,,,much`), /90s/],
    ['line 3, shipment', csv(`${SHIPMENT},${PALLET},,,,,,`, `SHP-2,,,,,,${item(1)},${PALLET},,,,,`), /one shipment/],
    ['line 2, departs', csv(`SHP-1,2-8C,site:a,site:b,noon,2026-11-23T16:00:00Z,${PALLET},,,,,,`), /RFC 3339/],
    ['line 2, devices', csv(`${SHIPMENT},${PALLET},,log#7,,,,`), /device id/],
    ['line 1, colour', `${HEAD},colour\n`, /columns shipment/],
    ['line 1, epc', 'shipment,profile,origin,destination,departs,arrives\n', /a column epc/],
    ['line 1, epc', HEAD, /a row for each/],
  ])('%s', (path, text, allowed) => {
    const error = caught(() => parseAsnCsv(text));
    expect(error.code).toBe('ASN_INVALID');
    expect(error.details.refusals).toMatchObject([{ path, allowed: expect.stringMatching(allowed) }]);
  });

  test('a row of too few fields too', () => {
    expect(caught(() => parseAsnCsv(csv(`${SHIPMENT},${PALLET}`))).message).toMatch(/line 2/);
  });
});

function caught(work: () => unknown): InputError {
  try {
    work();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
