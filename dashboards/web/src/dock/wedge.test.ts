import { expect, test } from 'vitest';
import type { PassDetail } from '../../../api/index.ts';
import { scannedPack } from './scanned-pack.ts';
import { Wedge, type WedgeKey, type WedgeScan } from './wedge.ts';

const GS = '\u001d';
const PLAIN: Omit<WedgeKey, 'key' | 'code'> = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false };

function codeOf(one: string): string {
  if (/\d/.test(one)) return `Digit${one}`;
  return /[a-z]/i.test(one) ? `Key${one.toUpperCase()}` : '';
}

function typed(text: string): WedgeKey[] {
  return [...text].map((key) => ({ ...PLAIN, key, code: codeOf(key), shiftKey: /[A-Z]/.test(key) }));
}

function alt(digits: string): WedgeKey[] {
  return [...digits].map((key) => ({ ...PLAIN, key, code: `Numpad${key}`, altKey: true }));
}

function scanOf(keys: readonly WedgeKey[], everyMs = 3): WedgeScan | null {
  const wedge = new Wedge();
  const scans = [...keys, { ...PLAIN, key: 'Enter', code: 'Enter' }].map((key, at) =>
    wedge.press(key, 10_000 + at * everyMs),
  );
  return scans.at(-1) ?? null;
}

const F8: WedgeKey = { ...PLAIN, key: 'F8', code: 'F8' };

test.each([
  ['F8', [F8]],
  ['Ctrl+]', [{ ...PLAIN, key: ']', code: 'BracketRight', ctrlKey: true }]],
  ['Ctrl+] on a German keyboard', [{ ...PLAIN, key: '+', code: 'BracketRight', ctrlKey: true }]],
  ['the character itself', [{ ...PLAIN, key: GS, code: '' }]],
  // odoo/odoo #99730: the scanner holds Alt and types the number; keys with Alt used to be dropped.
  ['Alt and 029', alt('029')],
] as const)('a group separator typed as %s', (_, separator) => {
  expect(scanOf([...typed('10A17'), ...separator, ...typed('21408')])?.byLayout).toBe(`10A17${GS}21408`);
});

test('AltGr, which is Ctrl with Alt, types a bracket and no separator', () => {
  const bracket = { ...PLAIN, key: ']', code: 'Digit9', ctrlKey: true, altKey: true };
  expect(scanOf([bracket, ...typed('d201')])?.byLayout).toBe(']d201');
});

test('a person who types is no scanner, and what was begun does not join the next scan', () => {
  expect(scanOf(typed('408'), 2_000)).toBe(null);
  const wedge = new Wedge();
  for (const [at, key] of typed('99').entries()) wedge.press(key, at);
  for (const [at, key] of typed('0123').entries()) wedge.press(key, 60_000 + at);
  expect(wedge.press({ ...PLAIN, key: 'Tab', code: 'Tab' }, 60_010)?.byLayout).toBe('0123');
});

test('Enter alone is no scan: it presses the button that has the focus', () => {
  expect(scanOf([])).toBe(null);
});

const item = (epc: string) => ({ epc, unit: null, shipment: null, lot: null, product: null, reason: '' });
const PASS = {
  missing: [item('urn:epc:id:sgtin:0614141.812345.408')],
  unexpected: [item('urn:epc:id:sgtin:0614141.812345.zy-1')],
  expected: ['urn:epc:id:sgtin:0614141.812345.401'],
  seen: [],
  units: [{ epc: 'urn:epc:id:sscc:0614141.1000000004', shipment: null, expected: 8, seen: 7 }],
} as unknown as PassDetail;
const said = (byLayout: string, byPlace = byLayout) => scannedPack({ byLayout, byPlace }, PASS);

test('a scan is known by what is printed, whatever form the code has', () => {
  for (const code of [
    `]C1018061414112345821408`,
    `]d2018061414112345821408`,
    '(01)80614141123458(21)408',
    'https://id.gs1.org/01/80614141123458/21/408',
  ])
    expect(said(code), code).toMatchObject({ is: 'missing', serial: '408' });
  expect(said('018061414112345821401')).toMatchObject({ is: 'ok' });
  expect(said('00106141410000000040')).toMatchObject({ is: 'ok', serial: '(00) 106141410000000040' });
  expect(said('018061414112345821777')).toEqual({ is: 'other', serial: '777' });
  expect(said('0180614141123459')).toMatchObject({ is: 'bad' });
});

// A serial that reads as well was taken, and the pack that was in the hand said to be of another pallet.
test('a scan that another keyboard or Caps Lock made another serial of is the one that is of this pallet', () => {
  const scanned = '018061414112345821zy-1';
  for (const byLayout of ['018061414112345821yz-1', '018061414112345821ZY-1'])
    expect(said(byLayout, scanned), byLayout).toMatchObject({ is: 'tooMany', serial: 'zy-1' });
  expect(said('018061414112345821yz-2', '018061414112345821zy-2')).toEqual({ is: 'other', serial: 'yz-2' });
});

// Y and Z change places, and - is another key: on a German computer `]d2…zy-1` came as `+d2…yzß1`.
test('a scanner set to a US keyboard on a German computer is read by where its keys are', () => {
  expect(said('+d2018061414112345821yzß1', ']d2018061414112345821zy-1')).toMatchObject({
    is: 'tooMany',
    serial: 'zy-1',
  });
});
