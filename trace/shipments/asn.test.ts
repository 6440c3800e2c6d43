import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { parseAsn } from './asn.ts';

const SSCC = 'urn:epc:id:sscc:0614141.1234567890';
const INNER = 'urn:epc:id:sscc:0614141.1234567891';
const SERIAL = 'urn:epc:id:sgtin:0614141.812345.6789';

function body(change: object = {}, unit: object = {}) {
  return {
    id: 'SHP-1001',
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:lyon',
    departs: '2026-11-22T08:00:00Z',
    arrives: '2026-11-23T16:00:00+01:00',
    units: [{ sscc: SSCC, devices: ['logger-7'], children: [SERIAL], from: '2026-11-22T07:30:00.123456Z', ...unit }],
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
    ...change,
  };
}

function refused(given: unknown): { path: string; given: string; allowed: string }[] {
  try {
    parseAsn(given);
  } catch (error) {
    if (error instanceof InputError)
      return error.details.refusals as { path: string; given: string; allowed: string }[];
    throw error;
  }
  return [];
}

test('a notice is read, times in epoch milliseconds', () => {
  expect(parseAsn(body())).toEqual({
    id: 'SHP-1001',
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:lyon',
    departs: Date.UTC(2026, 10, 22, 8),
    arrives: Date.UTC(2026, 10, 23, 15),
    units: [{ sscc: SSCC, devices: ['logger-7'], children: [SERIAL], from: Date.UTC(2026, 10, 22, 7, 30, 0, 123) }],
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
  });
});

test('EPCs may come in any form, those without a company prefix length by the prefixes of the others', () => {
  const children = [
    '3074257BF7194E4000001A85',
    '(01)80614141123458(21)B2',
    'https://id.gs1.org/01/80614141123458/21/C3',
  ];
  expect(parseAsn(body({}, { children })).units[0]?.children).toEqual([
    SERIAL,
    'urn:epc:id:sgtin:0614141.812345.B2',
    'urn:epc:id:sgtin:0614141.812345.C3',
  ]);
});

test('a product says what it stands, a serial what it has used of that before', () => {
  const products = [{ gtin: '80614141123458', name: 'x', stability: { budget: '24h', mktWindow: '30d' } }];
  const asn = parseAsn(body({ products }, { children: [{ epc: SERIAL, budgetUsed: '90m' }, `${SERIAL}0`] }));
  expect(asn.products[0]?.stability).toEqual({ budgetMs: 86_400_000, mktWindowMs: 2_592_000_000 });
  expect(asn.units[0]).toMatchObject({ children: [SERIAL, `${SERIAL}0`], budgetUsedMs: { [SERIAL]: 5_400_000 } });
});

test('epoch milliseconds are times too', () => {
  expect(parseAsn(body({ departs: 1_795_334_400_000 })).departs).toBe(1_795_334_400_000);
});

describe('a refusal says where, what was given and what is allowed', () => {
  test.each([
    ['profile', body({ profile: 'warm' }), '"warm"', /2-8C, 15-25C, CRT/],
    ['arrives', body({ arrives: '2026-11-22T08:00:00Z' }), '"2026-11-22T08:00:00Z"', /after departs/],
    ['departs', body({ departs: '2026-11-22 08:00' }), '"2026-11-22 08:00"', /RFC 3339/],
    ['lane', body({ lane: 'a\0b' }), '"a\\u0000b"', /control characters/],
    ['lane', body({ lane: 'a\ud800' }), '"a\\ud800"', /surrogate/],
    ['units[0].children[0]', body({}, { children: [`${SERIAL}\0`] }), `"${SERIAL}\\u0000"`, /an EPC/],
    ['departs', body({ departs: '2026-02-31T08:00:00Z' }), '"2026-02-31T08:00:00Z"', /RFC 3339/],
    ['origin', body({ origin: 'berlin' }), '"berlin"', /site:lyon/],
    ['units[0].sscc', body({}, { sscc: 'urn:epc:id:giai:0614141.7' }), '"urn:epc:id:giai:0614141.7"', /an SSCC/],
    ['units[0].children[1]', body({}, { children: [SERIAL, SERIAL] }), `"${SERIAL}"`, /already/],
    ['units[0].children[0]', body({}, { children: ['3074257BF7194E'] }), '"3074257BF7194E"', /has 96 bits, 56 given/],
    ['units[0].children[0]', body({}, { children: [SSCC] }), `"${SSCC}"`, /other than the unit itself/],
    ['units[0].children[0].budgetUsed', body({}, { children: [{ epc: SERIAL, budgetUsed: '1.5h' }] }), '"1.5h"', /90s/],
    ['units[0].children[0]', body({}, { children: [7] }), '7', /an EPC, or/],
    [
      'products[0].stability.budget',
      body({ products: [{ gtin: '80614141123458', name: 'x', stability: { budget: '1 day' } }] }),
      '"1 day"',
      /10m, 2h/,
    ],
    ['units[0].devices[0]', body({}, { devices: ['a b'] }), '"a b"', /device id/],
    ['units[0].from', body({}, { from: undefined }), 'nothing', /RFC 3339/],
    ['products[0].gtin', body({ products: [{ gtin: '80614141123459', name: 'x' }] }), '"80614141123459"', /digit 8/],
    [
      'products[0].expiry',
      body({ products: [{ gtin: '80614141123458', name: 'x', expiry: '2027-02-30' }] }),
      '"2027-02-30"',
      /date/,
    ],
  ])('%s', (path, given, shown, allowed) => {
    expect(refused(given)).toContainEqual({ path, given: shown, allowed: expect.stringMatching(allowed) });
  });

  test('units that contain each other', () => {
    const unit = { devices: [], from: 0 };
    const units = [
      { ...unit, sscc: SSCC, children: [INNER] },
      { ...unit, sscc: INNER, children: [SSCC] },
    ];
    expect(refused(body({ units }))).toEqual([
      { path: 'units[1].children[0]', given: `"${SSCC}"`, allowed: 'a unit that does not contain this one' },
    ]);
  });

  test('a key that no notice has', () => {
    expect(refused({ ...body(), device: 'logger-7' })[0]?.allowed).toMatch(/device/);
  });

  test('no object at all', () => {
    expect(refused(null)).toHaveLength(1);
  });
});
